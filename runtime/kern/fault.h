/* SPDX-License-Identifier: GPL-2.0-or-later */
/* One place that may raise an error: a constant in .rodata, made by the back end. */
#ifndef SONDE_KERN_FAULT_H
#define SONDE_KERN_FAULT_H

#include "runtime/abi.h"

#define KERN_FAULT_TEXT 64

struct kern_fault {
	struct abi_error error;		/* complete but for detail and text */
	char text[KERN_FAULT_TEXT]; /* what catch (message) gets; FAULT_ADDRESS: the address follows
				     */
};

/* Where error()'s text is built: the record comes first, so that all of it goes out in one piece.
 */
#define KERN_ERROR_HEAD (sizeof(struct abi_record) + sizeof(struct abi_error))

#endif
