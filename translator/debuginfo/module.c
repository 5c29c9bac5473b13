/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Modules: opening ELF files by libdwfl, their segments, reading their bytes. */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/utsname.h>
#include <unistd.h>

#include "translator/debuginfo/debugfile.h"
#include "translator/debuginfo/priv.h"

const char *module_realpath(struct arena *a, const char *path)
{
	char *real = realpath(path, NULL);
	const char *copy = arena_strdup(a, real ? real : path);

	free(real);
	return copy;
}

static void module_segments(struct dmodule *m)
{
	struct dmodule_priv *p = m->priv;
	size_t n = 0;

	if (elf_getphdrnum(p->elf, &n) || n > 65535)
		n = 0;
	p->segs = arena_alloc(m->session->arena, (n + 1) * sizeof(*p->segs));
	m->is_library = true;
	for (size_t i = 0; i < n; i++) {
		GElf_Phdr ph;
		struct dsegment s;

		if (!gelf_getphdr(p->elf, i, &ph))
			continue;
		s = (struct dsegment){ ph.p_vaddr, ph.p_offset, ph.p_filesz, ph.p_memsz,
				       ph.p_flags };
		if (ph.p_type == PT_LOAD)
			p->segs[p->nsegs++] = s;
		if (ph.p_type == PT_TLS) {
			p->tls = s;
			p->tls_align = ph.p_align ? ph.p_align : 1;
		}
		if (ph.p_type == PT_INTERP)
			m->is_library = false;
	}
}

static void module_dynamic(struct dmodule *m)
{
	Elf_Scn *scn = NULL;

	while ((scn = elf_nextscn(m->priv->elf, scn))) {
		GElf_Shdr sh;
		Elf_Data *data;

		if (!gelf_getshdr(scn, &sh) || sh.sh_type != SHT_DYNAMIC || !sh.sh_entsize)
			continue;
		data = elf_getdata(scn, NULL);
		for (size_t i = 0; data && i < sh.sh_size / sh.sh_entsize; i++) {
			GElf_Dyn dyn;
			const char *s;

			if (!gelf_getdyn(data, i, &dyn) || dyn.d_tag == DT_NULL)
				break;
			if (dyn.d_tag != DT_SONAME)
				continue;
			s = elf_strptr(m->priv->elf, sh.sh_link, dyn.d_un.d_val);
			if (s)
				m->soname = arena_strdup(m->session->arena, s);
		}
	}
	if (m->soname)
		m->is_library = true;
}

static void module_build_id(struct dmodule *m)
{
	const unsigned char *bits;
	GElf_Addr vaddr;
	int n = dwfl_module_build_id(m->priv->mod, &bits, &vaddr);
	char *hex;

	if (n <= 0 || n > 64)
		return;
	hex = arena_alloc(m->session->arena, 2 * n + 1);
	for (int i = 0; i < n; i++)
		for (int j = 0; j < 2; j++)
			hex[2 * i + j] = "0123456789abcdef"[bits[i] >> (j ? 0 : 4) & 15];
	m->build_id = hex;
}

/* Why is PATH not an ELF file that we can use? */
static int module_refuse(struct dsession *ds, const char *path, int fd)
{
	char head[128] = "";
	struct stat st;
	ssize_t n;

	if (fstat(fd, &st) == 0 && S_ISDIR(st.st_mode))
		return dsession_fail(ds, "%s is a directory", path);
	n = pread(fd, head, sizeof(head) - 1, 0);
	if (n <= 0)
		return dsession_fail(ds, "%s is empty or cannot be read", path);
	if (!strncmp(head, "#!", 2)) {
		head[strcspn(head, "\n")] = 0;
		return dsession_fail(ds, "%s is a script run by %s, not an ELF file: name "
				     "the interpreter instead", path,
				     head + 2 + strspn(head + 2, " "));
	}
	if (n < 4 || memcmp(head, ELFMAG, SELFMAG))
		return dsession_fail(ds, "%s is not an ELF file", path);
	return dsession_fail(ds, "%s is a damaged ELF file: %s", path, dwfl_errmsg(-1));
}

static int module_begin(struct dmodule *m, int fd)
{
	static const Dwfl_Callbacks ops_template = {
		.find_elf = dwfl_build_id_find_elf,
		.find_debuginfo = debugfile_find,
		.section_address = dwfl_offline_section_address,
	};
	struct dmodule_priv *p = m->priv;
	Dwfl_Callbacks *ops = arena_alloc(m->session->arena, sizeof(*ops));
	unsigned char ident[EI_NIDENT + 2] = "";
	bool relocatable;
	void **userdata;

	*ops = ops_template;
	ops->debuginfo_path = &m->session->dwfl_path;
	if (pread(fd, ident, sizeof(ident), 0) < 0)
		return -1;
	relocatable = ident[EI_NIDENT] == ET_REL || ident[EI_NIDENT + 1] == ET_REL;
	p->dwfl = dwfl_begin(ops);
	if (!p->dwfl)
		return -1;
	dwfl_report_begin(p->dwfl);
	/* Base 0 plus p_vaddr: the addresses stay those of the file. */
	if (relocatable)
		p->mod = dwfl_report_offline(p->dwfl, m->path, m->path, fd);
	else
		p->mod = dwfl_report_elf(p->dwfl, m->path, m->path, fd, 0, true);
	dwfl_report_end(p->dwfl, NULL, NULL);
	if (!p->mod)
		return -1;
	dwfl_module_info(p->mod, &userdata, NULL, NULL, NULL, NULL, NULL, NULL);
	*userdata = m;
	p->elf = dwfl_module_getelf(p->mod, &p->elf_bias);
	return p->elf ? 0 : -1;
}

static int module_header(struct dmodule *m)
{
	GElf_Ehdr eh;

	if (elf_kind(m->priv->elf) != ELF_K_ELF || !gelf_getehdr(m->priv->elf, &eh))
		return dsession_fail(m->session, "%s is a damaged ELF file: %s", m->path,
				     elf_errmsg(-1));
	if (eh.e_type == ET_CORE)
		return dsession_fail(m->session, "%s is a core dump: name the program", m->path);
	m->machine = eh.e_machine;
	m->address_size = eh.e_ident[EI_CLASS] == ELFCLASS64 ? 8 : 4;
	m->is_pie = eh.e_type == ET_DYN;
	m->is_relocatable = eh.e_type == ET_REL;
	module_segments(m);
	if (m->is_relocatable || (!m->is_pie && !m->soname))
		m->is_library = m->is_relocatable;
	module_dynamic(m);
	module_build_id(m);
	return 0;
}

static struct dmodule *module_new(struct dsession *ds, const char *name, const char *path)
{
	struct dmodule *m = arena_alloc(ds->arena, sizeof(*m));

	m->session = ds;
	m->name = arena_strdup(ds->arena, name);
	m->path = path;
	m->priv = arena_alloc(ds->arena, sizeof(*m->priv));
	m->priv->nsyms = m->priv->nplt = m->priv->nsdt = -1;
	return m;
}

static struct dmodule *module_open_path(struct dsession *ds, const char *name,
					const char *given, bool kernel)
{
	const char *path = module_realpath(ds->arena, given);
	struct dmodule *m;
	struct stat st;
	int fd;

	for (size_t i = 0; i < ds->modules.count; i++) {
		m = ds->modules.data[i];
		if (m->path && !strcmp(m->path, path) && m->is_kernel == kernel)
			return m;
	}
	fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	if (fd < 0)
		return dsession_null(ds, "cannot open %s: %s", given, strerror(errno));
	if (fstat(fd, &st) || !S_ISREG(st.st_mode)) {
		if (!S_ISDIR(st.st_mode))
			dsession_fail(ds, "%s is not a regular file", given);
		else
			dsession_fail(ds, "%s is a directory", given);
		close(fd);
		return NULL;
	}
	m = module_new(ds, name, path);
	m->is_kernel = kernel;
	dfile_id_of(path, &m->priv->file_id);
	if (module_begin(m, fd) || module_header(m)) {
		int again = open(path, O_RDONLY | O_CLOEXEC);

		if (!m->priv->elf && again >= 0)
			module_refuse(ds, path, again);
		if (again >= 0)
			close(again);
		if (!m->priv->mod)
			close(fd);
		if (m->priv->dwfl)
			dwfl_end(m->priv->dwfl);
		return NULL;
	}
	*vec_push(ds->arena, &ds->modules) = m;
	return m;
}

struct dmodule *dmodule_open(struct dsession *ds, const char *name)
{
	const char *path;

	if (!*name)
		return dsession_null(ds, "a file's name is empty");
	if (strchr(name, '/')) {
		path = *name == '/' && strncmp(name, ds->sysroot, strlen(ds->sysroot))
			? arena_printf(ds->arena, "%s%s", ds->sysroot, name) : name;
		return module_open_path(ds, name, search_interpreter(ds, path), false);
	}
	path = search_program(ds, name);
	if (!path)
		path = search_library(ds, name, NULL);
	if (!path)
		return dsession_null(ds, "cannot find '%s': it is neither a program in PATH "
				     "nor a library", name);
	return module_open_path(ds, name, search_interpreter(ds, path), false);
}

struct dmodule *dmodule_open_library(struct dsession *ds, const char *name,
				     struct dmodule *for_exe)
{
	const char *path;

	if (strchr(name, '/') && !dglob_is(name))
		return dmodule_open(ds, name);
	path = search_library(ds, name, for_exe);
	if (!path)
		return dsession_null(ds, "cannot find a library '%s'", name);
	return module_open_path(ds, name, path, false);
}

int dmodule_open_glob(struct dsession *ds, const char *pattern, struct dmodule ***out)
{
	struct dmodule_vec v = { 0 };
	const char **paths;
	int n = search_glob(ds, pattern, &paths);

	if (n < 0)
		return -1;
	for (int i = 0; i < n; i++) {
		struct dmodule *m = module_open_path(ds, paths[i], paths[i], false);
		size_t j = 0;

		/* A pattern may well catch scripts: those are no error. */
		while (m && j < v.count && v.data[j] != m)
			j++;
		if (m && j == v.count)
			*vec_push(ds->arena, &v) = m;
	}
	if (!v.count)
		return dsession_fail(ds, "no ELF file matches '%s'", pattern);
	*out = v.data;
	return v.count;
}

struct dmodule *dmodule_open_pid(struct dsession *ds, int pid)
{
	const char *link = arena_printf(ds->arena, "/proc/%d/exe", pid);
	char target[PATH_MAX];
	ssize_t n = readlink(link, target, sizeof(target) - 1);

	if (n < 0)
		return dsession_null(ds, errno == ENOENT ? "no process %d" :
				     "cannot read /proc/%d/exe", pid);
	target[n] = 0;
	/* In another mount namespace, or deleted: the link itself still opens. */
	return module_open_path(ds, target, access(target, R_OK) ? link : target, false);
}

struct dmodule *dmodule_open_kernel(struct dsession *ds, const char *vmlinux,
				    const char *release)
{
	struct utsname uts;
	struct dmodule *m;

	if (!release && uname(&uts) == 0)
		release = uts.release;
	if (vmlinux) {
		m = module_open_path(ds, "kernel", vmlinux, true);
		if (m)
			m->is_vmlinux = true;
		return m;
	}
	for (size_t i = 0; i < ds->modules.count; i++)
		if (ds->modules.data[i]->is_vmlinux)
			return ds->modules.data[i];
	vmlinux = search_vmlinux(ds, release ? release : "");
	m = vmlinux ? module_open_path(ds, "kernel", vmlinux, true) : NULL;
	if (m)
		m->is_vmlinux = true;
	if (m)
		return m;
	m = module_new(ds, "kernel", NULL);
	m->is_vmlinux = true;
	m->is_kernel = true;
	m->machine = EM_X86_64;
	m->address_size = 8;
	m->priv->dwarf_tried = m->priv->index_tried = true;
	m->priv->nsyms = m->priv->nplt = m->priv->nsdt = 0;
	m->priv->no_dwarf = arena_printf(ds->arena, "there is no vmlinux with debug information "
		"of kernel %s: install linux-image-%s-dbg, or name the directory that has it "
		"in SONDE_DEBUGINFO_PATH", release ? release : "?", release ? release : "…");
	*vec_push(ds->arena, &ds->modules) = m;
	return m;
}

struct dmodule *dmodule_open_kmod(struct dsession *ds, const char *name, const char *release)
{
	struct utsname uts;
	const char *path;

	if (!release && uname(&uts) == 0)
		release = uts.release;
	path = search_kmod(ds, name, release ? release : "");
	if (!path)
		return dsession_null(ds, "cannot find kernel module '%s' for %s", name, release);
	return module_open_path(ds, name, path, true);
}

uint64_t dmodule_file_offset(const struct dmodule *m, uint64_t vaddr)
{
	for (int i = 0; i < m->priv->nsegs; i++) {
		const struct dsegment *s = &m->priv->segs[i];

		if (vaddr >= s->vaddr && vaddr - s->vaddr < s->filesz)
			return vaddr - s->vaddr + s->offset;
	}
	return D_NO_OFFSET;
}

uint64_t dmodule_vaddr(const struct dmodule *m, uint64_t offset)
{
	uint64_t found = D_NO_OFFSET;

	/* A page may be in two segments' file ranges: the one with the code wins. */
	for (int i = 0; i < m->priv->nsegs; i++) {
		const struct dsegment *s = &m->priv->segs[i];

		if (offset < s->offset || offset - s->offset >= s->filesz)
			continue;
		if (found == D_NO_OFFSET || s->flags & PF_X)
			found = offset - s->offset + s->vaddr;
	}
	return found;
}

uint64_t dmodule_link_base(const struct dmodule *m)
{
	return m->priv->nsegs ? m->priv->segs[0].vaddr - m->priv->segs[0].offset : 0;
}

size_t dmodule_read(struct dmodule *m, uint64_t vaddr, void *buf, size_t len)
{
	uint64_t offset = dmodule_file_offset(m, vaddr);
	size_t size = 0;
	const char *raw;

	if (!m->priv->elf || offset == D_NO_OFFSET)
		return 0;
	raw = elf_rawfile(m->priv->elf, &size);
	if (!raw || offset >= size)
		return 0;
	if (len > size - offset)
		len = size - offset;
	memcpy(buf, raw + offset, len);
	return len;
}

int64_t dmodule_tls_offset(const struct dmodule *m)
{
	const struct dsegment *t = &m->priv->tls;
	uint64_t align = m->priv->tls_align;

	if (!t->memsz)
		return 0;
	/* x86's variant II: the block ends at the thread pointer. */
	return -(int64_t)((t->memsz + align - 1) / align * align);
}
