# SPDX-License-Identifier: GPL-2.0-or-later
# Tests are found by testsuite/run: a file dropped in a directory needs no line here.
DIST_TREES += testsuite

check-local: unit-archives
	$(srcdir)/testsuite/run --build . $(CHECK_PATHS)

# Unit tests link with all objects of a program but its main.
.PHONY: unit-archives
unit-archives: testsuite/unit-sonde.a testsuite/unit-translate.a
testsuite/unit-sonde.a: $(sonde_OBJECTS)
	$(AM_V_AR)rm -f $@ && $(AR) rcs $@ $(filter-out runtime/main.$(OBJEXT),$(sonde_OBJECTS))
testsuite/unit-translate.a: $(sonde_translate_OBJECTS)
	$(AM_V_AR)rm -f $@ && \
	$(AR) rcs $@ $(filter-out translator/main.$(OBJEXT),$(sonde_translate_OBJECTS))
CLEANFILES += testsuite/unit-sonde.a testsuite/unit-translate.a

clean-local:
	rm -rf testsuite/out
