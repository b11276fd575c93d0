/* SPDX-License-Identifier: BSD-3-Clause */
#include "sflow/structure.h"

/* The walk over the fields of a record. */

enum { MAC_PADDING = 2, BARE_MAC = 6 };

void sflow_reader_init(
	struct sflow_reader *r, const struct sflow_structure *st, const uint8_t *body, uint32_t len)
{
	*r = (struct sflow_reader){
		.structure = st,
		.cursor = base_cursor(body, len),
		.at = body,
		.bare = st->macs && len == (uint32_t)(st->min_len - MAC_PADDING * st->macs),
	};
}

static bool read_bare_mac(struct base_cursor *c, struct sflow_value *v)
{
	*v = (struct sflow_value){.type = SFLOW_MAC, .bytes = base_cursor_take(c, BARE_MAC)};
	v->len = v->bytes ? BARE_MAC : 0;
	return !c->bad;
}

const struct sflow_field *sflow_reader_next(struct sflow_reader *r, struct sflow_value *v)
{
	const struct sflow_field *f;
	bool good;

	if (r->next == r->structure->field_count || r->cut)
		return NULL;
	f = &r->structure->fields[r->next];
	r->at = r->cursor.p;
	/* An end between two fields is a shorter form of the structure, not damage. */
	if (base_cursor_left(&r->cursor) == 0 && f->type != SFLOW_OPAQUE)
		return NULL;
	if (f->type == SFLOW_MAC && r->bare)
		good = read_bare_mac(&r->cursor, v);
	else
		good = sflow_field_read(&r->cursor, f, v);
	if (!good) {
		r->cut = true;
		return NULL;
	}
	r->next++;
	return f;
}
