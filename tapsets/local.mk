# SPDX-License-Identifier: GPL-2.0-or-later
# Every .stp and .stpm file of this directory and below is installed: dropping one here is enough.
DIST_TREES += tapsets
tapsetdir = $(pkgdatadir)/tapsets

install-data-local: install-tapsets
.PHONY: install-tapsets uninstall-tapsets
install-tapsets:
	cd $(srcdir)/tapsets && find . -name '*.stp' -o -name '*.stpm' | while read -r f; do \
		$(MKDIR_P) "$(DESTDIR)$(tapsetdir)/$${f%/*}" && \
		$(INSTALL_DATA) "$$f" "$(DESTDIR)$(tapsetdir)/$$f" || exit 1; done

uninstall-local: uninstall-tapsets
uninstall-tapsets:
	rm -rf "$(DESTDIR)$(tapsetdir)"
