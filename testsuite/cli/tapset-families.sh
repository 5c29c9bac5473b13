# SPDX-License-Identifier: GPL-2.0-or-later
## about: every alias of the tapsets resolves in this kernel, with all its variables
## need: btf root
## lab
## timeout: 120
# those that only some kernels have
optional='vm\.kmalloc_node|vm\.kmem_cache_alloc_node|vm\.write_shared_copy|ioblock_trace\.bounce'
optional="$optional|ioscheduler_trace\.elv_abort_request|signal\.send_sig_queue.*"
families='vfs generic scheduler kprocess signal ioblock ioblock_trace ioscheduler ioscheduler_trace
	netdev socket tcp udp tcpmib linuxmib ipmib vm irq_handler softirq workqueue netfilter tty'
count=0 failed=0
"$SONDE" --dump-probe-aliases > aliases
for family in $families; do
	grep "^$family\." aliases | grep -Evx "$optional" > wanted
	# each with all its variables: "name variable:type …" makes a probe that prints them
	"$SONDE" -L "$family.**" 2> errors | awk 'NF && $1 !~ /^__/ {
		format = ""; values = ""
		for (i = 2; i <= NF; i++)
			if ($i ~ /^[a-z_].*:(long|string)$/) {
				split($i, part, ":")
				format = format (part[2] == "long" ? " %d" : " %s")
				values = values ", " part[1]
			}
		printf "probe %s { printf(\"%s\\n\"%s) }\n", $1, "x" format, values
	}' > family.stp
	missing=$(grep -vxFf <(awk '{ print $2 }' family.stp) wanted)
	count=$((count + 1))
	if [ -s wanted ] && [ -z "$missing" ] &&
	   "$SONDE" -w -p2 family.stp > /dev/null 2>> errors; then
		echo "ok $count - $family"
	else
		echo "not ok $count - $family"
		printf '# %s\n' "missing:" $missing
		sed 's/^/# /' errors | head -20
		failed=1
	fi
done
echo "1..$count"
exit $failed
