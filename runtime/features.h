/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What the running kernel can do: one row of features.def each, found out by trying when first
 * asked, because versions say little (backports, configuration, lockdown). Nothing to free;
 * answers hold for the process.
 */
#ifndef SONDE_RUNTIME_FEATURES_H
#define SONDE_RUNTIME_FEATURES_H

#include <stdbool.h>

enum feature {
#define FEATURE(id, name, probe, argument, since, what) FEATURE_##id,
#include "runtime/features.def"
	FEATURE_COUNT
};

bool feature_has(enum feature feature);
/* FEATURE_COUNT: no row has that name. */
enum feature feature_find(const char *name);
/* "bpf_loop() (Linux 5.17)": for messages. */
const char *feature_text(enum feature feature, char *buf, unsigned long size);

struct program;
struct program_place;
/* Are all features that @program needs there? Says what is missing and where the script needs
 * it. */
bool features_check(const struct program *program);

#endif
