# SPDX-License-Identifier: GPL-2.0-or-later
## about: what is installed runs, below a DESTDIR, and where that is moved
## timeout: 60
. "$SRCDIR/testsuite/lib/tap.sh"
make -s -C "$BUILDDIR" install "DESTDIR=$PWD/dest" > out 2> err
point "make install"
sonde=$(find dest -type f -name sonde -perm -u+x)
env='probe begin { println(strlen(execname()) > 0) exit() }'
says "-p4: back end, in-kernel library and tapsets" 0 '' \
	"$sonde" -p4 -o x.sonde -e 'probe process("/bin/sh").begin { println(tid()) }'
[ -s x.sonde ]; point "a program"
mv dest moved
says "in another place" 0 '^1$' "${sonde/#dest/moved}" -e "$env"
plan
