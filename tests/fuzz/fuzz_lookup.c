/* SPDX-License-Identifier: BSD-3-Clause */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "flow/data.h"

/* The first byte chooses group or map; what is behind it is a file of one. */

static void need(int condition, const char *what)
{
	if (condition)
		return;
	fprintf(stderr, "%s\n", what);
	abort();
}

static void check(const struct flow_lookup *l)
{
	uint8_t address[16] = {10, 0, 0, 1};
	uint32_t label = prefix_table_find(&l->networks, address, 4);

	need(label <= l->label_count, "a label that there is not");
	label = prefix_table_find(&l->networks, address, 16);
	need(label <= l->label_count, "a label that there is not");
	for (uint32_t i = 0; i < l->label_count; i++) {
		need(l->labels[i].len > 0 && l->labels[i].len <= FLOW_LABEL_BYTES, "its length");
		for (size_t j = 0; j < l->labels[i].len; j++)
			need(l->labels[i].text[j] >= 0x20 && l->labels[i].text[j] < 0x7F,
				"a label that is no line");
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	enum flow_lookup_kind kind = size > 0 && (data[0] & 1) ? FLOW_MAP : FLOW_GROUP;
	struct flow_entries entries = {0};
	struct flow_lookup_error e = {0};
	struct flow_lookup *l;
	const char *why = "";
	unsigned line;

	if (size > 0 &&
		flow_entries_parse(&entries, (const char *)data + 1, size - 1, &line, &why) < 0)
		need(line > 0 && *why, "an error that says nothing");
	l = flow_lookup_build(kind, "a", entries.list, entries.count, &e);
	if (l)
		check(l);
	else
		need(e.entry < entries.count && *e.text, "an error of no entry");
	flow_lookup_unref(l);
	flow_entries_free(&entries);
	return 0;
}
