/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What handlers ask of the session. */
#include "runtime/kern/kern.h"

KERN void sonde_exit(void *ring, u64 handler)
{
	struct abi_record record = { .kind = RECORD_EXIT, .handler = handler };

	if (sonde_session.exit_called)
		return;
	sonde_session.exit_called = 1;
	/* No handler begins any more. run_end() says STOPPING when all have finished. */
	if (*(volatile u64 *)&sonde_session.state == STATE_RUNNING)
		*(volatile u64 *)&sonde_session.state = STATE_LEAVING;
	bpf_ringbuf_output(ring, &record, sizeof(record), BPF_RB_FORCE_WAKEUP);
}

KERN u64 sonde_wall_ns(void)
{
	return bpf_ktime_get_ns() + *(volatile u64 *)&sonde_session.wall_offset_ns;
}
