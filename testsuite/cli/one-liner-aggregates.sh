# SPDX-License-Identifier: GPL-2.0-or-later
## about: aggregates that a one-liner did not declare: a histogram, or a table
## need: root uprobe
## expect:
#| sizes @count=3 @min=1 @max=20 @sum=26 @avg=8
#| value |-------------------------------------------------- count
#|     0 |                                                   0
#|     1 |@                                                  1
#|     2 |                                                   0
#|     4 |@                                                  1
#|     8 |                                                   0
#|    16 |@                                                  1
#|    32 |                                                   0
#|    64 |                                                   0
#|
#| by           count          min          avg          max              sum
#| 1, one           2           -3            1            5                2
#| 2, three         1            7            7            7                7
#| plain["q"]=1
#| told @count=1 @min=4 @max=4 @sum=4 @avg=4
#| target        count          min          avg          max              sum
#| true              1            1            1            1                1
"$SONDE" -e 'global told
probe begin { sizes <<< 1; sizes <<< 5; sizes <<< 20
	by[1, "one"] <<< 5; by[1, "one"] <<< -3; by[2, "three"] <<< 7
	if (pid() == 0) empty["x"] <<< 1
	plain["q"]++; told <<< 4; exit() }'
"$SONDE" 'kernel.trace("sched_process_exec") /pid() == target()/ { target[execname()] <<< 1 }' \
	-c /bin/true
