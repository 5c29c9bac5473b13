# SPDX-License-Identifier: GPL-2.0-or-later
## about: wrong options and values are named; --help and the manual page agree; the rc file
. "$SRCDIR/testsuite/lib/tap.sh"
echo 'probe begin { println("fine") exit() }' > good.stp

bad() {	# WHAT REGEX OPTION…
	local what=$1 regex=$2
	shift 2
	says "$what" 1 "^ERROR: .*$regex" "$SONDE" "$@" good.stp
}
bad "a near name" 'did you mean --poison-cache' --pioson-cache
bad "a far name" 'option --frobnicate is not known' --frobnicate
bad "a letter" 'option -Z is not known' -vZ
bad "several options begin so" '--use begins several' --use
bad "an argument too many" '--skip-badvars takes no argument' --skip-badvars=3
says "no argument" 1 '^ERROR: -T lacks its argument, SECONDS' "$SONDE" -T
says "no argument, long" 1 '^ERROR: --compatible lacks its argument' "$SONDE" --compatible
bad "an empty argument" '-D: its argument is empty' -D ''
bad "-e twice" '-e is given twice' -e 'probe begin { }' -e 'probe begin { }'
bad "-c and -x" 'one target' -c true -x 1
for value in '' x 0 -1 nan 1e999 1s; do
	bad "-T '$value'" '-T: ' -T "$value"
done
for value in x 0 -1 99999999999 1x; do
	bad "-x '$value'" '-x: a process number' -x "$value"
done
for value in 0 x 4096; do
	bad "-s '$value'" '-s: a number of megabytes' -s "$value"
done
bad "-p 9" '-p: the pass is a number' -p 9
bad "-m a/b" '-m: a name' -p4 -m a/b
bad "--vp x" '--vp: one digit' --vp x
bad "--color=red" '--color: ' --color=red
says "--compatible=x" 1 'a version such as' "$SONDE" --compatible=x good.stp
says "--compatible=99" 1 'newest version known' "$SONDE" --compatible=99 good.stp
for value in MAXERRORS=x MAXERRORS=-1 MAXSTRINGLEN=1 MAXACTION=99999999999999999999; do
	says "-D $value" 1 "-D $value: the value" "$SONDE" -D $value good.stp
done
for value in 1x 'A B' A= =3 A-B=3 A=1=2 'A="x"' A=--1; do
	says "-D '$value'" 1 "error: -D: .*not '$value'" "$SONDE" -p1 -D "$value" good.stp
done
says "-D near a limit" 0 'did you mean MAXERRORS' "$SONDE" -D MAXERRORZ=1 good.stp
says "-D of no limit" 0 'there is no such limit' "$SONDE" -D MAXERORS=1 good.stp
says "-G of no global" 1 'no such global' "$SONDE" -G x=1 -e 'probe begin { exit() }'
says "-G of a tapset's global" 0 '^0$' "$SONDE" -G cve_trace_p=0 \
	-e 'probe begin { println(cve_trace_p) exit() }'
says "-G of a tapset's global that is not used" 0 fine "$SONDE" -G cve_trace_p=0 good.stp
says "-G without a value" 1 'expected NAME=VALUE' "$SONDE" -G x -e 'global x probe begin { exit() }'
says "-I of no directory" 0 'WARNING: -I /nowhere: No such' "$SONDE" -I /nowhere good.stp
says "options may stand behind the script and its words" 0 '^2 a b$' "$SONDE" \
	-e 'probe begin { printf("%d %s %s\n", $#, @1, @2) exit() }' a -T 9 b
says "a word that looks like an option" 1 'option -5 is not known.*behind --' "$SONDE" good.stp -5
says "words behind -- are the script's" 0 '^-v -- --help$' "$SONDE" \
	-e 'probe begin { printf("%s %s %s\n", @1, @2, @3) exit() }' -- -v -- --help
says "a word too many" 0 "'word'. is not used" "$SONDE" good.stp word
says "for the kernel module only" 0 'WARNING: -B has no effect' "$SONDE" -B A=1 good.stp
run "$SONDE" -w -B A=1 good.stp
[ $status = 0 ] && [ ! -s err ]
point "-w: silent"
for option in -i --monitor --remote=x --example --language-server; do
	bad "$option" 'not supported: ' $option
done
for option in -k -b --ldd --all-modules --bpf --runtime=bpf "-d kernel"; do
	run "$SONDE" $option good.stp
	[ $status = 0 ] && [ ! -s err ] && grep -q fine out
	point "$option is accepted"
done

says "-e with private declarations" 0 '^5$' "$SONDE" -e 'private global x = 3
	private function f(a) { return a + x } probe begin { println(f(2)) exit() }'
says "--version" 0 '^Sonde [0-9]' "$SONDE" --version
says "-l" 0 '^begin$' "$SONDE" -l begin
says "--dump-probe-types" 0 '^process\(' "$SONDE" --dump-probe-types
says "--dump-probe-aliases" 0 '^syscall_any' "$SONDE" --dump-probe-aliases
says "--dump-functions" 0 '^pid:long \(\)' "$SONDE" --dump-functions
says "-E beside a file" 0 '^second$' "$SONDE" -E 'probe begin(1) { println("second") }' \
	-e 'probe begin(2) { exit() }'

# Every option that --help shows is described in sonde(1), and the other way round.
"$SONDE" --help | sed -n 's/^  \(-[^ ].*\)/\1/p' | cut -c1-28 |
	grep -oE -- '(^|[ ,])--?[A-Za-z][a-z-]*' | tr -d ' ,' | sort -u > in-help
sed -n '/^\.SH OPTIONS/,/^\.SH LIMITS/p' "$SRCDIR/doc/sonde.1" | sed '/^\.SS Accepted/,$d' |
	grep -E '^\.(BI|BR|B|TP) ' | sed 's/\\-/-/g; s/\\f[RBI]/ /g; s/\\[a-z]./ /g' |
	grep -oE -- '(^|[ ,])--?[A-Za-z][a-z-]*' | tr -d ' ,' | sort -u > in-manual
diff in-help in-manual > out
point "--help and sonde(1) name the same options"

mkdir own
export SONDE_DIR=$PWD/own
printf '# a comment\n\n-o "an output"\n-D MAXERRORS=3\n' > own/rc
run "$SONDE" good.stp
[ $status = 0 ] && grep -q fine 'an output'
point "the rc file's options are taken"
run "$SONDE" -o other good.stp
[ $status = 0 ] && grep -q fine other
point "the command line overrides them"
echo good.stp > own/rc
says "a word in it" 1 'own/rc: options only' "$SONDE" good.stp
echo '"' > own/rc
says "a quote in it" 1 'own/rc:1: .*not closed' "$SONDE" good.stp
echo '-x foo' > own/rc
says "a bad value in it" 1 'that is in .*own/rc' "$SONDE" good.stp
plan
