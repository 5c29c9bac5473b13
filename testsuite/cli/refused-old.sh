# SPDX-License-Identifier: GPL-2.0-or-later
## about: what handlers cannot do in old kernels, or in any, is refused with the place and a reason
. "$SRCDIR/testsuite/lib/tap.sh"

# refused RELEASE LINE:COLUMN WHAT WHY SCRIPT: the only diagnostic, whose place is in that file.
refused()
{
	echo "$5" > case.stp
	run "$SONDE" -p4 -r "$1" -o case.sonde case.stp
	[ $status = 1 ] && [ "$(grep -c '\[be-[a-z]*\]$' err)" = 1 ] &&
		grep -qF "case.stp:$2: error: $3 cannot run in a kernel handler: $4" err
	point "$1: $3"
}

# taken RELEASE SCRIPT: what one release refuses the next one takes.
taken()
{
	echo "$2" > case.stp
	run "$SONDE" -w -p4 -r "$1" -o case.sonde case.stp
	[ $status = 0 ]
	point "$1: $2"
}

what='an array with keys of more than 512 bytes'
why='its map needs longer keys (Linux 5.11); -DMAXSTRINGLEN=N makes texts shorter'
long='global a probe timer.profile { a[user_string(1), 1] = 1 }'
refused 5.10.0 1:32 "$what" "$why" "$long"
taken 5.11.0 "$long"

what='going through all elements'
why='it needs bpf_for_each_map_elem() (Linux 5.13)'
slice='global a probe timer.profile { a[1, 1] = 1; delete a[*, 1] }'
inside='global a probe timer.profile { a[1, 1] = 1; if ([*, 1] in a) println(1) }'
refused 5.10.0 1:52 "$what" "$why" "$slice"
refused 5.12.0 1:52 "$what" "$why" "$slice"
refused 5.12.0 1:56 "$what" "$why" "$inside"
taken 5.13.0 "$slice"
taken 5.13.0 "$inside"

cp "$(type -P true)" target
what="telling this handler's places apart"
why='the kernel cannot say which one fired (BPF cookies, Linux 5.15)'
places='probe process("./target").plt("*") { println(pp()) }'
refused 5.14.0 1:46 "$what" "$why" "$places"
taken 5.15.0 "$places"

again='global a
function f(n) { foreach (k in a) { println(k); if (n) f(n - 1) } return 1 }
probe timer.profile { a[1] = 1; println(f(2)) }'
refused 6.1.0 2:17 'this foreach' 'its function calls itself from inside' "$again"
plan
