# SPDX-License-Identifier: GPL-2.0-or-later
## about: what makes the cache's program outdated; a cache that cannot be used is no trouble
. "$SRCDIR/testsuite/lib/tap.sh"
export SONDE_DIR=$PWD/own
mkdir -p tapsets
echo 'function here() { return 1 }' > tapsets/here.stp
echo 'probe begin { println(here()) exit() }' > a.stp

used='using the program in the cache'
hit() { run "$SONDE" -v -I tapsets "$@"; [ $status = 0 ] && grep -q "$used" err; }
miss() { run "$SONDE" -v -I tapsets "$@"; [ $status = 0 ] && ! grep -q "$used" err; }

miss a.stp; point "new"
hit a.stp; point "again"
hit -T 5 a.stp; point "an option of the run"
miss -u a.stp; point "an option of the translation"
miss a.stp word; point "an argument"
cp a.stp b.stp
miss b.stp; point "another name: it is in the messages"
echo '# changed' >> a.stp
miss a.stp; point "a changed script"
echo 'function here() { return 2 }' > tapsets/here.stp
miss a.stp && grep -qx 2 out; point "a changed tapset"
echo 'function there() { return 2 }' > tapsets/there.stp
miss a.stp; point "a new tapset"
hit a.stp; point "again"
miss --disable-cache a.stp; point "--disable-cache"
miss --poison-cache a.stp; point "--poison-cache"
echo 'probe begin { x = 1; exit() }' > warned.stp
warnings() { grep '^[^P].*warning\|  |' err; }
miss warned.stp; warnings > first; [ -s first ]; point "a script with a warning"
hit warned.stp; warnings | cmp - first; point "is warned of again"
miss -w warned.stp; ! grep -q warning err; point "-w: no warning"
hit -w warned.stp; ! grep -q warning err; point "nor again"
hit warned.stp; grep -q warning err; point "without -w again"
cp /bin/true prog
echo 'probe process("./prog").begin { println(1) } probe timer.ms(1) { exit() }' > t.stp
if run "$SONDE" -p4 t.stp; [ $status = 0 ]; then
	run "$SONDE" -v -p4 t.stp
	entry=$(cat out)
	[ -s "$entry" ]
	point "-p4 names the entry"
fi
for damage in 'truncate -s 100' 'truncate -s 0' 'cp /bin/true'; do
	hit a.stp
	entry=$(sed -n 's/.*in the cache, \(.*\)\.$/\1/p' err)
	$damage "$entry"
	miss a.stp && grep -qx 2 out; point "a damaged entry ($damage)"
done
hit a.stp; point "it is replaced"
says "--clean-cache" 0 'programs removed' "$SONDE" -v --clean-cache
miss a.stp; point "nothing is left"
for dir in /proc /dev/null "$PWD/a.stp/x"; do
	SONDE_DIR=$dir run "$SONDE" -I tapsets a.stp
	[ $status = 0 ] && [ ! -s err ] && grep -qx 2 out; point "no cache in $dir"
done
SONDE_DIR= XDG_CACHE_HOME= HOME= run "$SONDE" -I tapsets a.stp
[ $status = 0 ] && [ ! -s err ]; point "no home"
chmod 777 own/cache
miss a.stp; point "others can write there: not used"
plan
