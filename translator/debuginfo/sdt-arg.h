/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef SONDE_SDT_ARG_H
#define SONDE_SDT_ARG_H

/* Arguments of USDT marks, which are x86-64 assembler operands: "-4@8(%rbp)". */
#include "translator/debuginfo/sdt.h"

/* Always fills OUT; what cannot be read has a DLOC_NONE location that says why. */
void sdt_arg_parse(struct dmodule *m, const char *text, struct dsdt_arg *out);

#endif
