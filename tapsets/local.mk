# SPDX-License-Identifier: GPL-2.0-or-later
# Every .stp and .stpm file of this directory and below is installed: dropping one here is enough.
DIST_TREES += tapsets
tapsetdir = $(pkgdatadir)/tapsets
tapset_files = $(wildcard $(srcdir)/tapsets/*.stp* $(srcdir)/tapsets/*/*.stp* \
	$(srcdir)/tapsets/*/*/*.stp*)

# In the build tree programs read BUILD/tapsets: links to the source (a tapset edited there counts
# at once; a new one in the top directory after the next make), and an index of them.
all-local: tapsets/index
tapsets/index: $(tapset_files) sonde-translate$(EXEEXT)
	@$(MKDIR_P) tapsets
	@test $(srcdir) -ef . || { find tapsets -type l -exec rm -f {} + && \
		for f in $(abs_top_srcdir)/tapsets/*; do \
			case $$f in (*.mk|*/index) ;; (*) ln -s "$$f" tapsets || exit 1;; esac; \
		done; }
	$(AM_V_GEN)./sonde-translate --index-tapsets tapsets

install-data-local: install-tapsets
.PHONY: install-tapsets uninstall-tapsets
install-tapsets:
	cd $(srcdir)/tapsets && find . -name '*.stp' -o -name '*.stpm' | while read -r f; do \
		$(MKDIR_P) "$(DESTDIR)$(tapsetdir)/$${f%/*}" && \
		$(INSTALL_DATA) "$$f" "$(DESTDIR)$(tapsetdir)/$$f" || exit 1; done
	./sonde-translate --index-tapsets "$(DESTDIR)$(tapsetdir)"

uninstall-local: uninstall-tapsets
uninstall-tapsets:
	rm -rf "$(DESTDIR)$(tapsetdir)"

mostlyclean-local:
	rm -f tapsets/index
	test $(srcdir) -ef . || rm -rf tapsets
