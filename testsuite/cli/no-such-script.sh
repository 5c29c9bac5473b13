# SPDX-License-Identifier: GPL-2.0-or-later
## about: a script that is not there: a message that names it, and status 1
## lab
"$SONDE" ./nowhere.stp > out 2> err
status=$?
[ $status = 1 ] && [ ! -s out ] && grep -q 'nowhere.stp' err && exit 0
echo "status $status"
cat out err
exit 1
