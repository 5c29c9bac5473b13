/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The peer of listing.py: libdw's own walk. listing FILE GLOB prints the functions at unit level
 * whose name matches; with a third argument it visits the nested entries too, where the inlined
 * copies are.
 */
#include <dwarf.h>
#include <elfutils/libdw.h>
#include <fcntl.h>
#include <fnmatch.h>
#include <stdbool.h>
#include <stdio.h>

static void visit(Dwarf_Die *die, const char *glob, bool nested)
{
	do {
		const char *name;
		Dwarf_Die child;

		if (dwarf_tag(die) == DW_TAG_subprogram) {
			name = dwarf_diename(die);
			if (name && !fnmatch(glob, name, 0) && dwarf_hasattr(die, DW_AT_low_pc))
				puts(name);
		}
		if (nested && dwarf_child(die, &child) == 0)
			visit(&child, glob, nested);
	} while (dwarf_siblingof(die, die) == 0);
}

int main(int argc, char **argv)
{
	Dwarf_CU *cu = NULL;
	Dwarf_Die unit, first;
	Dwarf *dw;

	if (argc < 3)
		return 2;
	dw = dwarf_begin(open(argv[1], O_RDONLY), DWARF_C_READ);
	if (!dw)
		return 1;
	while (!dwarf_get_units(dw, cu, &cu, NULL, NULL, &unit, NULL))
		if (dwarf_child(&unit, &first) == 0)
			visit(&first, argv[2], argc > 3);
	dwarf_end(dw);
	return 0;
}
