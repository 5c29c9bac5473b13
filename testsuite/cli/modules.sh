# SPDX-License-Identifier: GPL-2.0-or-later
## about: functions of a kernel module: by name, by pattern, by kprobe; their addresses have names
## need: root kprobe module:dummy
## lab
count=0
point() {	# WHAT; the last command's status is the verdict
	[ $? = 0 ] && verdict=ok || verdict='not ok'
	count=$((count + 1))
	echo "$verdict $count - $1"
	[ "$verdict" = ok ] || sed 's/^/# /' out
}
says() {	# WHAT REGEX POINT
	"$SONDE" -l "$3" > out 2>&1
	grep -q "$2" out
	point "$1"
}
insmod ./dummy.ko numdummies=1
says "a function" '^module."dummy"..function."dummy_get_stats64"' \
	'module("dummy").function("dummy_get_s*")'
says "a pattern of modules" '^module."dummy"..function."dummy_get_stats64"' \
	'module("dum*").function("dummy_get_stats64")'
says "no such module" 'no module of that name' 'module("nowhere").function("f")'
says "no such module, a pattern" 'no module that is loaded fits' \
	'module("d*").function("nowhere")'

"$SONDE" -e 'probe begin { exit()
	println(&@cast(0, "struct net_device", "dummy")[1] > 200) }' > out 2>&1
[ "$(cat out)" = 1 ]
point "types of a module"
cat > module.stp <<'END'
global seen
probe module("d*").function("dummy_get_stats64"),
      kprobe.module("dummy").function("dummy_get_stats64") {
	if (pid() == target() && !seen[pp()]++)
		println(pp(), " ", modname(addr()), " ", symname(addr()), " ", $arg2 != 0)
}
probe module("dummy").function("dummy_get_stats64").return {
	if (pid() == target() && !seen[pp()]++)
		println(pp())
}
END
"$SONDE" -c 'ip link show dummy0' module.stp > out 2>&1
for line in 'module("dummy").function("dummy_get_stats64") dummy dummy_get_stats64 1' \
	'kprobe.module("dummy").function("dummy_get_stats64") dummy dummy_get_stats64 1' \
	'module("dummy").function("dummy_get_stats64").return'; do
	grep -qxF "$line" out
	point "$line"
done
echo "1..$count"
