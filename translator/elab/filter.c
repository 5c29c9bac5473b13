/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Small services that probe kinds ask for while they resolve. */
#include "translator/elab/build.h"
#include "translator/elab/elab-priv.h"

#include "translator/parse/parse.h"

uint32_t elab_group_new(struct elab *elab)
{
	return ++elab->unique;
}

bool elab_handler_filter(struct elab *elab, struct handler *handler, const char *condition)
{
	struct arena *arena = elab->session->arena;
	const char *text = arena_printf(arena, "probe never { if (!(%s)) next }", condition);
	struct file *file = parse_text(elab->session, "<filter>", text, true);

	if (!file || file->probes.count != 1)
		return false;
	struct stmt *check = file->probes.data[0]->body;
	struct build b = { .session = elab->session, .span = check->span, .tok = check->tok };

	handler->body = build_block(&b, (struct stmt *[]){ check, handler->body }, 2);
	return true;
}
