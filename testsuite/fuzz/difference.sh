# SPDX-License-Identifier: GPL-2.0-or-later
## about: random scripts say the same in the VM and as BPF, with and without optimisation
## target: one
## variants: gcc-O2
## need: root uprobe btf
# difference.sh [SECONDS [OPTIONS]]: the options are difference.py's. The seeds are the same every
# time, so that a verdict can be repeated; for new ones: difference.sh 3600 --seed "$(date +%s)".
seconds=${1:-${FUZZ_SECONDS:-20}}
shift
exec python3 "$SRCDIR/testsuite/fuzz/difference.py" --sonde "$SONDE" --target ./target --keep kept \
	--seconds "$seconds" --minimise "$seconds" --seed 1 --count 25 "$@"
