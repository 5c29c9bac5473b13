/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What runs in user space: run.c calls these handlers itself. */
#include "runtime/attach.h"

extern const struct attach_mech attach_mech_BEGIN, attach_mech_END, attach_mech_TIMER;
extern const struct attach_mech attach_mech_INPUT, attach_mech_FILE;

const struct attach_mech attach_mech_BEGIN = { .in_kernel = false };
const struct attach_mech attach_mech_END = { .in_kernel = false };
const struct attach_mech attach_mech_TIMER = { .in_kernel = false };
const struct attach_mech attach_mech_INPUT = { .in_kernel = false };
const struct attach_mech attach_mech_FILE = { .in_kernel = false };
