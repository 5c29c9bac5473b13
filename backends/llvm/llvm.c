/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The entry point: handlers of the kernel → module → passes → BPF object. */
#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <llvm-c/Analysis.h>
#include <llvm-c/Target.h>
#include <llvm-c/Transforms/PassBuilder.h>

#include "backends/backend.h"
#include "backends/llvm/fn.h"
#include "config.h"

/* Named in text, LLVM 18's and later asserts that one round was enough, as its own tests want. */
#if SONDE_LLVM_MAJOR >= 18
#define INSTCOMBINE "instcombine<no-verify-fixpoint>"
#else
#define INSTCOMBINE "instcombine"
#endif

/*
 * Enough to have code that the verifiers follow and that runs well, at a fraction of the time of
 * -O2.
 */
static const char passes[] = "always-inline,globaldce,"
			     "function(sroa,early-cse<memssa>," INSTCOMBINE ",simplifycfg,gvn,dse,"
			     "adce,simplifycfg),globaldce";

/* The same, but nothing is kept that can be read or computed again: it would be on the stack. */
static const char passes_apart[] = "always-inline,globaldce,"
				   "function(sroa," INSTCOMBINE ",simplifycfg,dse,adce,"
				   "simplifycfg),globaldce";

void refuse(struct gen *g, uint32_t place, const char *what, const char *why)
{
	diag(g->session->diags, DIAG_BE_KERNEL, g->program->spans.data[place], what, why);
}

void need(struct gen *g, const char *feature, uint32_t place)
{
	struct program_need *made;

	for (size_t i = 0; i < g->program->needs.count; i++)
		if (!strcmp(g->program->needs.data[i].feature, feature))
			return;
	made = vec_push(g->arena, &g->program->needs);
	made->feature = feature;
	made->place = place;
}

static uint32_t kernel_number(const char *release)
{
	unsigned int major = 0, minor = 0;

	if (!release || sscanf(release, "%u.%u", &major, &minor) != 2)
		return KERNEL(5, 10);
	return KERNEL(major, minor);
}

/* Whose function is @name: the handler's own, or a callback named after it. */
static bool handler_owns(const struct ir_handler *handler, const char *name)
{
	size_t length = handler->symbol ? strlen(handler->symbol) : 0;

	return length && !strncmp(name, handler->symbol, length) &&
	       !isalnum((unsigned char)name[length]);
}

/*
 * The target says so in words when a function's stack is too small; once for each access, which is
 * why nothing is reported here.
 */
static void stack_overflowed(struct gen *g, const char *text)
{
	static const char before[] = "in function ";
	const char *name = strstr(text, before);

	for (size_t i = 0; i < g->program->handlers.count; i++)
		if (g->program->handlers.data[i]->program.trigger == TRIGGER_KERNEL &&
		    (!name ||
		     handler_owns(g->program->handlers.data[i], name + strlen(before))))
			g->overflowed[i] = true;
}

static void llvm_said(LLVMDiagnosticInfoRef info, void *context)
{
	struct gen *g = context;
	char *text;

	if (LLVMGetDiagInfoSeverity(info) != LLVMDSError)
		return;
	text = LLVMGetDiagInfoDescription(info);
	if (strstr(text, "BPF stack limit"))
		stack_overflowed(g, text);
	else
		diag(g->session->diags, DIAG_BE_LLVM, (struct span){ 0 },
		     arena_printf(g->arena, "%s", text));
	LLVMDisposeMessage(text);
}

static bool target_init(struct gen *g)
{
	LLVMTargetRef target;
	char *why = NULL;

	LLVMInitializeBPFTargetInfo();
	LLVMInitializeBPFTarget();
	LLVMInitializeBPFTargetMC();
	LLVMInitializeBPFAsmPrinter();
	LLVMInitializeBPFAsmParser();
	if (LLVMGetTargetFromTriple("bpf", &target, &why))
		return diag(g->session->diags, DIAG_BE_LLVM, (struct span){ 0 }, why);
	g->machine = LLVMCreateTargetMachine(target, "bpf", "v3", "", LLVMCodeGenLevelDefault,
					     LLVMRelocDefault, LLVMCodeModelDefault);
	if (!g->machine)
		return diag(g->session->diags, DIAG_BE_LLVM, (struct span){ 0 },
			    "no BPF target machine");
	return true;
}

static void module_init(struct gen *g)
{
	uint32_t slots = 0;
	LLVMTargetDataRef layout = LLVMCreateTargetDataLayout(g->machine);

	g->context = LLVMContextCreate();
	LLVMContextSetDiagnosticHandler(g->context, llvm_said, g);
	types_init(g);
	g->module = LLVMModuleCreateWithNameInContext("sonde", g->context);
	g->builder = LLVMCreateBuilderInContext(g->context);
	LLVMSetTarget(g->module, "bpf");
	LLVMSetModuleDataLayout(g->module, layout);
	lines_init(g);
	bss_global(g, "sonde_session", sizeof(struct abi_session));
	for (size_t i = 0; i < g->program->globals.count; i++)
		if (g->program->globals.data[i].home == HOME_DATA &&
		    g->program->globals.data[i].slot >= slots)
			slots = g->program->globals.data[i].slot + 1;
	if (g->kernel < KERNEL(5, 12))
		bss_global(g, "sonde_clocks", ABI_CPU_SLOTS * 8);
	if (slots)
		bss_global(g, "sonde_globals", slots * 8);
}

static void license_add(struct gen *g)
{
	LLVMValueRef text = LLVMConstStringInContext(g->context, "GPL", 3, false), license;

	license = LLVMAddGlobal(g->module, LLVMTypeOf(text), "_license");
	LLVMSetInitializer(license, text);
	LLVMSetSection(license, "license");
}

static bool passes_run(struct gen *g)
{
	LLVMPassBuilderOptionsRef options = LLVMCreatePassBuilderOptions();
	LLVMErrorRef error;

	error = LLVMRunPasses(g->module, g->apart ? passes_apart : passes, g->machine, options);
	LLVMDisposePassBuilderOptions(options);
	if (error)
		return diag(g->session->diags, DIAG_BE_LLVM, (struct span){ 0 },
			    LLVMGetErrorMessage(error));
	return true;
}

/* Every function of the object needs type information, or libbpf drops all of it. */
static void functions_describe(struct gen *g)
{
	for (LLVMValueRef f = LLVMGetFirstFunction(g->module); f; f = LLVMGetNextFunction(f))
		if (!LLVMIsDeclaration(f))
			lines_describe(g, f);
}

static bool object_emit(struct gen *g, void **object, size_t *size)
{
	LLVMMemoryBufferRef buffer;
	char *why = NULL;

	if (LLVMTargetMachineEmitToMemoryBuffer(g->machine, g->module, LLVMObjectFile, &why,
						&buffer))
		return diag(g->session->diags, DIAG_BE_LLVM, (struct span){ 0 }, why);
	*size = LLVMGetBufferSize(buffer);
	*object = malloc(*size);
	if (!*object)
		return diag(g->session->diags, DIAG_BE_LLVM, (struct span){ 0 }, "out of memory");
	memcpy(*object, LLVMGetBufferStart(buffer), *size);
	LLVMDisposeMemoryBuffer(buffer);
	return true;
}

static void handlers_emit(struct gen *g)
{
	VEC(struct fn *) planned = { 0 };
	uint32_t site = 0;

	views_find(g);
	for (size_t i = 0; i < g->program->handlers.count; i++) {
		struct ir_handler *handler = g->program->handlers.data[i];

		if (handler->program.trigger == TRIGGER_KERNEL) {
			struct fn *f = fn_plan(g, handler, i);

			f->first_site = site;
			*vec_push(g->arena, &planned) = f;
		}
		site += handler->sites.count;
	}
	tokens_check(g, planned.data, planned.count);
	/* The scratch block's size is known now. */
	for (size_t i = 0; i < planned.count && !diags_errors(g->session->diags); i++)
		fn_emit(planned.data[i]);
	maps_complete(g);
	g->program->head.scratch_bytes = g->scratch_bytes;
}

static void debug_dump(struct gen *g, const char *when)
{
	const char *wanted = getenv("SONDE_DUMP_LLVM");
	char *why = NULL;

	if (!wanted || strcmp(wanted, when))
		return;
	LLVMDumpModule(g->module);
	if (LLVMVerifyModule(g->module, LLVMReturnStatusAction, &why))
		fprintf(stderr, "%s\n", why);
}

/* One go at all handlers. */
static bool gen_run(struct gen *g, void **object, size_t *size)
{
	module_init(g);
	handlers_emit(g);
	if (diags_errors(g->session->diags))
		return false;
	license_add(g);
	kern_finish(g);
	lines_finish(g);
	debug_dump(g, "made");
	if (!passes_run(g))
		return false;
	bounds_set(g);
	functions_describe(g);
	debug_dump(g, "done");
	if (!object_emit(g, object, size) || diags_errors(g->session->diags))
		return false;
	frames_check(g, *object);
	return true;
}

static struct gen *gen_new(struct session *session, struct ir_program *program, uint8_t *tight,
			   bool *near)
{
	struct gen *g = arena_new_of(session->arena, struct gen);

	g->session = session;
	g->program = program;
	g->arena = session->arena;
	g->kernel = kernel_number(session->kernel.release);
	g->globals = arena_alloc(g->arena, (program->globals.count + 1) * sizeof(*g->globals));
	g->orders = arena_alloc(g->arena, (program->globals.count + 1) * sizeof(*g->orders));
	g->fronts = arena_alloc(g->arena, (program->globals.count + 1) * sizeof(*g->fronts));
	g->views = arena_alloc(g->arena, (program->globals.count + 1) * sizeof(*g->views));
	g->viewed = arena_alloc(g->arena, program->globals.count + 1);
	g->texts = arena_alloc(g->arena, (program->texts.count + 1) * sizeof(*g->texts));
	g->tight = tight;
	g->near = near;
	g->wants_near = arena_alloc(g->arena, program->handlers.count + 1);
	for (size_t i = 0; i < program->handlers.count; i++)
		g->apart |= tight[i] == TIGHT_APART;
	g->overflowed = arena_alloc(g->arena, program->handlers.count + 1);
	return g;
}

/* Handlers whose stack was too small are made again, with their variables in scratch memory. */
static bool overflows_take(struct gen *g)
{
	bool any = false;

	for (size_t i = 0; i < g->program->handlers.count; i++) {
		const struct ir_handler *handler = g->program->handlers.data[i];

		if (g->wants_near[i] && !g->near[i]) {
			any = g->near[i] = true;
			continue;
		}
		if (!g->overflowed[i])
			continue;
		any = true;
		if (g->tight[i] == TIGHT_APART)
			diag(g->session->diags, DIAG_BE_STACK,
			     g->program->spans.data[handler->func->place]);
		g->tight[i]++;
	}
	return any;
}

static bool llvm_emit(struct session *session, struct ir_program *program, void **object,
		      size_t *size)
{
	uint8_t *tight = arena_alloc(session->arena, program->handlers.count + 1);
	bool *near = arena_alloc(session->arena, program->handlers.count + 1);

	for (;;) {
		struct gen *g = gen_new(session, program, tight, near);

		if (!target_init(g) || !gen_run(g, object, size))
			return false;
		if (!overflows_take(g))
			return true;
		free(*object);
		*object = NULL;
		if (diags_errors(session->diags))
			return false;
	}
}

extern const struct backend sonde_backend;
const struct backend sonde_backend = { "llvm", llvm_emit };
