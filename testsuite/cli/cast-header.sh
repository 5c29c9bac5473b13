# SPDX-License-Identifier: GPL-2.0-or-later
## about: @cast with types of a C header, which a compiler tells; changed headers; what is wrong
## need: tool:cc
. "$SRCDIR/testsuite/lib/tap.sh"
mkdir -p temporary
export TMPDIR=$PWD/temporary XDG_CACHE_HOME=$PWD/cache
printf '%s\n' '#include "second.h"' 'struct one { int a; struct two b; };' > first.h
echo 'struct two { char c[5]; char last; }; enum kind { KIND_A = 3, KIND_B = 9 };' > second.h
cat > a.stp <<'END'
probe begin {
	printf("%d %d %d\n", &@cast(0, "struct one", "<first.h>")->b->last,
	       &@cast(0, "two", "none:<./first.h>")[1], &@cast(0, "two", "<second.h><stdio.h>")[1])
	printf("%s|%s\n", @enumname(9, "enum kind", "<first.h>"),
	       @enumname(1, "kind", "<second.h>"))
	exit()
}
END
used='using the program in the cache'
says "types of headers" 0 '^9 6 6$' "$SONDE" a.stp
says "enumerators" 0 '^KIND_B|$' "$SONDE" a.stp
says "again, from the cache" 0 "$used" "$SONDE" -v a.stp
echo 'struct two { char c[7]; char last; }; enum kind { KIND_B = 1, KIND_A = 9 };' > second.h
says "a header that it includes has changed" 0 '^11 8 8$' "$SONDE" a.stp
says "enumerators, too" 0 '^KIND_A|KIND_B$' "$SONDE" a.stp
[ -z "$(ls -A temporary)" ]
point "nothing is left behind"

bad() {	# WHAT REGEX TYPE MODULE
	says "$1" 1 "cannot use type .*$2" "$SONDE" \
		-e "probe begin { println(@cast(0, \"$3\", \"$4\")->a) exit() }"
}
bad "no such header" "cannot compile <nowhere.h>: .*nowhere.h: No such file" x '<nowhere.h>'
bad "no such type" "no type .struct x. in .*<first.h>" 'struct x' '<first.h>'
bad "no bracket" 'is not of the form' x '<first.h'
bad "too many brackets" 'is not of the form' x '<first.h>>'
mkdir -p bin
for name in cc gcc clang; do
	printf '#!/bin/sh\nexit 127\n' > bin/$name
	chmod +x bin/$name
done
PATH=$PWD/bin:$PATH bad "no compiler" 'none is installed .cc, gcc, clang' 'struct one' '<first.h>'
[ -z "$(ls -A temporary)" ]
point "still nothing is left behind"
plan
