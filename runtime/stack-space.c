/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Address spaces: what is mapped where, from /proc/PID/maps when one is first seen, and again when
 * an address is met that was not mapped then. Files are opened when a name of theirs is asked for.
 */
#include <dlfcn.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/auxv.h>
#include <sys/mman.h>
#include <unistd.h>

#include "runtime/paths.h"
#include "runtime/say.h"
#include "runtime/stack-priv.h"
#include "runtime/symbols-user.h"

/* ---- the plug-in ---- */

static const struct user_ops *user_ops(struct stacks *stacks)
{
	char path[PATH_MAX];
	void *module;

	if (stacks->user_tried)
		return stacks->user;
	stacks->user_tried = true;
	if (path_plugin("sonde-symbols.so", path, sizeof(path)))
		return NULL;
	module = dlopen(path, RTLD_NOW | RTLD_LOCAL);
	stacks->user = module ? dlsym(module, USER_OPS) : NULL;
	if (!stacks->user) {
		const char *why = dlerror();

		say_warning("names in processes cannot be shown: %s", why ? why : path);
	}
	return stacks->user;
}

/* ---- mappings ---- */

void mappings_free(struct space *space)
{
	for (size_t i = 0; i < space->count; i++)
		free(space->mappings[i].path);
	free(space->mappings);
	space->mappings = NULL;
	space->count = space->room = 0;
}

static struct mapping *mapping_add(struct space *space)
{
	if (space->count == space->room) {
		space->room = space->room ? 2 * space->room : 32;
		space->mappings = realloc(space->mappings,
					  space->room * sizeof(*space->mappings));
		if (!space->mappings)
			abort();
	}
	space->mappings[space->count] = (struct mapping){ 0 };
	return &space->mappings[space->count++];
}

/* Before the first that begins behind it; what it covers goes. */
void mapping_insert(struct space *space, const struct mapping *mapping, const char *path)
{
	size_t at = 0, covered;

	while (at < space->count && space->mappings[at].end <= mapping->start)
		at++;
	for (covered = at; covered < space->count; covered++) {
		if (space->mappings[covered].start >= mapping->end)
			break;
		free(space->mappings[covered].path);
	}
	if (covered == at)
		mapping_add(space);
	memmove(&space->mappings[at + 1], &space->mappings[covered],
		(space->count - (covered == at) - covered) * sizeof(*mapping));
	if (covered > at)
		space->count -= covered - at - 1;
	space->mappings[at] = *mapping;
	space->mappings[at].path = strdup(path);
	if (!space->mappings[at].path)
		abort();
}

void mappings_outdate(struct space *space, uint64_t time)
{
	size_t kept = 0;

	for (size_t i = 0; i < space->count; i++)
		if (space->mappings[i].time < time)
			free(space->mappings[i].path);
		else
			space->mappings[kept++] = space->mappings[i];
	space->count = kept;
}

void mappings_copy(struct space *to, const struct space *from)
{
	for (size_t i = 0; i < from->count; i++)
		mapping_insert(to, &from->mappings[i], from->mappings[i].path);
}

static bool mapping_parse(char *line, struct space *space)
{
	unsigned long long start, end, offset, inode;
	unsigned int major_number, minor_number;
	struct mapping *mapping;
	char access[8];
	int at = 0;

	if (sscanf(line, "%llx-%llx %7s %llx %x:%x %llu %n", &start, &end, access, &offset,
		   &major_number, &minor_number, &inode, &at) < 7 || !at)
		return false;
	line[strcspn(line, "\n")] = '\0';
	mapping = mapping_add(space);
	mapping->start = start;
	mapping->end = end;
	mapping->offset = offset;
	mapping->inode = inode;
	mapping->device = (uint64_t)major_number << 32 | minor_number;
	mapping->executable = strchr(access, 'x') != NULL;
	mapping->path = strdup(line + at);
	if (!mapping->path)
		abort();
	return true;
}

/* Reads the process's mappings anew. What it had before stays if it is gone. */
static bool space_read(struct space *space)
{
	struct space fresh = { .pid = space->pid };
	char path[64], *line = NULL;
	size_t room = 0;
	FILE *maps;

	snprintf(path, sizeof(path), "/proc/%d/maps", (int)space->pid);
	maps = fopen(path, "re");
	if (!maps)
		return false;
	while (getline(&line, &room, maps) > 0)
		mapping_parse(line, &fresh);
	free(line);
	fclose(maps);
	if (!fresh.count) {
		free(fresh.mappings);
		return false;
	}
	mappings_free(space);
	space->mappings = fresh.mappings;
	space->count = fresh.count;
	space->room = fresh.room;
	return true;
}

struct space *space_find(struct stacks *stacks, uint64_t number)
{
	struct space *space = stacks->space_list;

	while (space && space->number != number)
		space = space->next;
	return space;
}

struct space *space_see(struct stacks *stacks, uint64_t number, pid_t pid)
{
	struct space *space = space_find(stacks, number);

	if (space)
		return space;
	space = calloc(1, sizeof(*space));
	if (!space)
		abort();
	space->number = number;
	space->pid = pid;
	space->next = stacks->space_list;
	stacks->space_list = space;
	space->complete = !space_read(space);
	if (space->complete)
		tracker_look(stacks->tracker, space);
	return space;
}

static struct mapping *mapping_at(struct space *space, uint64_t address)
{
	size_t low = 0, high = space->count;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (space->mappings[middle].end <= address)
			low = middle + 1;
		else
			high = middle;
	}
	return low < space->count && space->mappings[low].start <= address ?
		       &space->mappings[low] : NULL;
}

struct mapping *space_mapping(struct stacks *stacks, struct space *space, uint64_t address)
{
	struct mapping *found = mapping_at(space, address);

	if (found || space->complete)
		return found;
	space->complete = !space_read(space);
	if (space->complete)
		tracker_look(stacks->tracker, space);
	return mapping_at(space, address);
}

/* ---- files ---- */

/* The kernel's own page of code is the same in all processes: a copy of ours. */
static int vdso_open(void)
{
	const char *start = (const char *)getauxval(AT_SYSINFO_EHDR);
	int fd = start ? memfd_create("vdso", MFD_CLOEXEC) : -1;
	char *line = NULL;
	size_t room = 0, size = 0;
	FILE *maps = fd >= 0 ? fopen("/proc/self/maps", "re") : NULL;

	while (maps && getline(&line, &room, maps) > 0) {
		unsigned long long from, to;

		if (sscanf(line, "%llx-%llx", &from, &to) == 2 && from == (uintptr_t)start)
			size = to - from;
	}
	free(line);
	if (maps)
		fclose(maps);
	if (fd >= 0 && (!size || write(fd, start, size) != (ssize_t)size)) {
		close(fd);
		fd = -1;
	}
	return fd;
}

/* As the process sees it: its own root, a file that was removed meanwhile. */
static int path_open(const struct space *space, const struct mapping *mapping)
{
	char path[PATH_MAX];
	int fd;

	if (!strcmp(mapping->path, "[vdso]"))
		return vdso_open();
	if (mapping->path[0] != '/')
		return -1;
	snprintf(path, sizeof(path), "/proc/%d/map_files/%llx-%llx", (int)space->pid,
		 (unsigned long long)mapping->start, (unsigned long long)mapping->end);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0 && snprintf(path, sizeof(path), "/proc/%d/root%s", (int)space->pid,
			       mapping->path) < (int)sizeof(path))
		fd = open(path, O_RDONLY | O_CLOEXEC);
	return fd < 0 ? open(mapping->path, O_RDONLY | O_CLOEXEC) : fd;
}

static struct mapped_file *file_known(struct stacks *stacks, const struct mapping *mapping)
{
	struct mapped_file *file = stacks->files;

	while (file && (file->inode != mapping->inode || file->device != mapping->device ||
			strcmp(file->path, mapping->path) != 0))
		file = file->next;
	return file;
}

struct user_file *mapping_file(struct stacks *stacks, struct space *space, struct mapping *mapping)
{
	const struct user_ops *ops = user_ops(stacks);
	int fd;

	if (mapping->file_tried || !ops || !*mapping->path)
		return mapping->file ? mapping->file->elf : NULL;
	mapping->file_tried = true;
	mapping->file = file_known(stacks, mapping);
	if (mapping->file)
		return mapping->file->elf;
	mapping->file = calloc(1, sizeof(*mapping->file));
	if (!mapping->file)
		abort();
	mapping->file->path = strdup(mapping->path);
	if (!mapping->file->path)
		abort();
	mapping->file->inode = mapping->inode;
	mapping->file->device = mapping->device;
	mapping->file->next = stacks->files;
	stacks->files = mapping->file;
	fd = path_open(space, mapping);
	if (fd >= 0)
		mapping->file->elf = ops->open(mapping->path, fd);
	return mapping->file->elf;
}

/* ---- names ---- */

/* Code that a compiler made while the program ran: "START SIZE name" lines that it left. */
static bool jit_find(struct space *space, uint64_t address, struct symbol *symbol)
{
	static char *name;
	char path[64], *line = NULL;
	size_t room = 0;
	bool found = false;
	FILE *map;

	snprintf(path, sizeof(path), "/proc/%d/root/tmp/perf-%d.map", (int)space->pid,
		 (int)space->pid);
	map = fopen(path, "re");
	if (!map) {
		snprintf(path, sizeof(path), "/tmp/perf-%d.map", (int)space->pid);
		map = fopen(path, "re");
	}
	while (map && getline(&line, &room, map) > 0) {
		unsigned long long start, size;
		int at = 0;

		if (sscanf(line, "%llx %llx %n", &start, &size, &at) < 2 || !at ||
		    address < start || address >= start + size)
			continue;
		line[strcspn(line, "\n")] = '\0';
		free(name);
		name = strdup(line + at);
		symbol->name = name;
		symbol->offset = address - start;
		symbol->size = size;
		found = name != NULL;
	}
	free(line);
	if (map)
		fclose(map);
	return found;
}

/* Where nothing says which process: the target, or the last one seen that has the address. */
static struct space *space_guess(struct stacks *stacks, uint64_t address)
{
	if (stacks->target && !space_find(stacks, (uint64_t)stacks->target))
		space_see(stacks, (uint64_t)stacks->target, stacks->target);
	for (struct space *space = stacks->space_list; space; space = space->next)
		if (mapping_at(space, address))
			return space;
	return NULL;
}

void space_symbol(struct stacks *stacks, uint64_t number, uint64_t address, bool line,
		  struct symbol *symbol)
{
	struct space *space = number ? space_find(stacks, number) : space_guess(stacks, address);
	struct mapping *mapping = space ? space_mapping(stacks, space, address) : NULL;
	struct user_file *file;
	uint64_t place;

	if (!mapping)
		return;
	if (!*mapping->path || mapping->path[0] == '[' || !strncmp(mapping->path, "//anon", 6)) {
		if (strcmp(mapping->path, "[vdso]") && jit_find(space, address, symbol))
			return;
		if (!*mapping->path)
			return;
	}
	symbol->module = mapping->path;
	symbol->offset = address - mapping->start;
	symbol->size = mapping->end - mapping->start;
	file = mapping_file(stacks, space, mapping);
	if (file && stacks->user->address(file, address - mapping->start + mapping->offset, &place))
		stacks->user->find(file, place, line, symbol);
}

void spaces_free(struct stacks *stacks)
{
	struct space *space;
	struct mapped_file *file;

	while ((space = stacks->space_list)) {
		stacks->space_list = space->next;
		mappings_free(space);
		free(space);
	}
	while ((file = stacks->files)) {
		stacks->files = file->next;
		if (file->elf)
			stacks->user->close(file->elf);
		free(file->path);
		free(file);
	}
}
