# SPDX-License-Identifier: GPL-2.0-or-later
DIST_TREES += doc
dist_man_MANS += %D%/sonde.1 %D%/sondeprobes.7 %D%/sondetapsets.7
