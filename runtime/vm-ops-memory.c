/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Operations and builtins on memory. Kernel memory can be read (kernel-memory.h), but not written;
 * there is no probed process.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "runtime/kernel-memory.h"
#include "runtime/vm-intrinsics.h"
#include "runtime/vm-ops.h"

enum { SPACE_KERNEL };

static int64_t number_of(uint64_t value, int size, bool is_signed)
{
	int unused = 64 - 8 * size;

	return is_signed ? (int64_t)(value << unused) >> unused : (int64_t)value;
}

/* args: result, space, size, signed, address */
VM_OP(vm_op_READ)
{
	uint64_t address = (uint64_t)vm->regs[op->args[4]], value = 0;

	if (op->b != SPACE_KERNEL || kernel_memory_read(address, &value, (size_t)op->c))
		return vm_fault(vm, op, FAULT_ADDRESS, address);
	vm->regs[op->a] = number_of(value, op->c, op->d);
	return op + 1;
}

VM_OP(vm_op_PEEK)
{
	uint64_t address = (uint64_t)vm->regs[op->args[4]], value = 0;

	if (op->b != SPACE_KERNEL || kernel_memory_read(address, &value, (size_t)op->c))
		value = 0;
	vm->regs[op->a] = number_of(value, op->c, op->d);
	return op + 1;
}

/* args: result, space, address, length */
VM_OP(vm_op_SREAD)
{
	struct vm_string *into = &vm->strings[op->a];
	uint64_t address = (uint64_t)vm->regs[op->c];
	int64_t most = vm->regs[op->d];
	int length;

	if (most < 0)
		most = 0;
	if (most > (int64_t)into->width - 1)
		most = (int64_t)into->width - 1;
	if (op->b != SPACE_KERNEL)
		return vm_fault(vm, op, FAULT_ADDRESS, address);
	length = kernel_memory_string(address, into->text, (size_t)most + 1);
	if (length < 0)
		return vm_fault(vm, op, FAULT_ADDRESS, address);
	into->length = (uint32_t)length;
	return op + 1;
}

/* args: none, space, size, address, value */
VM_OP(vm_op_WRITE)
{
	return vm_fault(vm, op, FAULT_ADDRESS, (uint64_t)vm->regs[op->d]);
}

BUILTIN(bytes)
{
	int64_t most = vm->program->max_string - 1, length = args[2].number;
	struct maps_value text[3] = { { .text = "" }, args[3], { .number = 1 } };
	char *copy;
	int rc;

	length = length < 0 ? 0 : length > most ? most : length;
	copy = malloc((size_t)length + 1);
	rc = copy && args[0].number == SPACE_KERNEL ?
		     kernel_memory_read((uint64_t)args[1].number, copy, (size_t)length) :
		     -EFAULT;
	result->number = args[1].number;
	if (!rc) {
		text[0].text = copy;
		text[0].length = (uint32_t)length;
		rc = builtin_text(vm, text, result);
	}
	free(copy);
	return rc ? FAULT_ADDRESS : 0;
}

BUILTIN(task)
{
	(void)vm, (void)args;
	result->number = (int64_t)kernel_memory_task();
	return 0;
}

/* ---- paths: runtime/kern/path.bpf.c does the same ---- */

static uint64_t pointer_at(uint64_t address)
{
	uint64_t value = 0;

	return kernel_memory_read(address, &value, sizeof(value)) ? 0 : value;
}

/* "/name" before what there is; false: it does not fit. */
static bool name_put(uint64_t name, char *path, size_t *at)
{
	uint64_t length = pointer_at(name) >> 32;

	if (length >= *at ||
	    kernel_memory_read(pointer_at(name + 8), path + *at - length, length))
		return false;
	*at -= length + 1;
	path[*at] = '/';
	return true;
}

/* The next directory entry up, 0 at the top; @mount goes along. */
static uint64_t path_up(uint64_t dentry, uint64_t *mount, uint64_t places, char *path, size_t *at)
{
	uint64_t parent;

	if (*mount && dentry == pointer_at(*mount + ABI_PATH_OFFSET(places, ABI_PATH_MNT))) {
		uint64_t point = *mount + ABI_PATH_OFFSET(places, ABI_PATH_MNT_MOUNTPOINT);

		parent = pointer_at(*mount + ABI_PATH_OFFSET(places, ABI_PATH_MNT_PARENT));
		if (!parent || parent == *mount)
			return 0;
		*mount = parent;
		return pointer_at(point);
	}
	parent = pointer_at(dentry + ABI_PATH_OFFSET(places, ABI_PATH_D_PARENT));
	if (parent == dentry ||
	    !name_put(dentry + ABI_PATH_OFFSET(places, ABI_PATH_D_NAME), path, at))
		return 0;
	return parent;
}

BUILTIN(path)
{
	uint64_t dentry = (uint64_t)args[0].number, mount = (uint64_t)args[1].number;
	uint64_t places = (uint64_t)args[2].number, root = (uint64_t)args[3].number;
	size_t most = (size_t)vm->program->max_string - 1, at = most;
	char *path = malloc(most + 1);

	buf_clear(&vm->text);
	while (path && dentry && dentry != root)
		dentry = path_up(dentry, &mount, places, path, &at);
	if (path)
		buf_add(&vm->text, path + at, most - at);
	free(path);
	result->text = vm->text.data ? vm->text.data : "";
	result->length = (uint32_t)vm->text.size;
	return 0;
}
