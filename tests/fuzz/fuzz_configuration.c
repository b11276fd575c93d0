/* SPDX-License-Identifier: BSD-3-Clause */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "conf/conf.h"

/*
 * Any bytes as a configuration: refused with one line, or accepted; what is accepted is printed,
 * read back and printed the same.
 */

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static char *print(const struct conf *c, size_t *len)
{
	char *text = NULL;
	FILE *out = open_memstream(&text, len);

	if (!out)
		abort();
	conf_print(c, out);
	fclose(out);
	return text;
}

static void need(bool holds, const char *what)
{
	if (holds)
		return;
	fprintf(stderr, "configuration: %s\n", what);
	abort();
}

static void check_error(const struct conf_error *e)
{
	need(strncmp(e->text, "fuzz:", 5) == 0, "an error without its file");
	need(!strchr(e->text, '\n'), "an error of several lines");
}

static void check_marks(const struct conf *c)
{
	for (unsigned i = 0; i < c->flow_count; i++) {
		size_t len = strlen(c->flows[i].keys);

		for (size_t offset = 0; offset <= len; offset++)
			need(conf_keys_at(&c->flows[i], offset).line > 0,
				"a key that stands nowhere");
		len = strlen(c->flows[i].filter);
		for (size_t offset = 0; len > 0 && offset <= len; offset++)
			need(conf_filter_at(&c->flows[i], offset).line > 0,
				"a filter that stands nowhere");
	}
}

static void round_trip(const struct conf *c)
{
	struct conf_error e = {""};
	size_t len, again_len;
	char *text = print(c, &len), *again;
	struct conf copy;

	conf_init(&copy);
	need(conf_parse(&copy, "fuzz", text, len, &e) == 0, e.text);
	again = print(&copy, &again_len);
	need(len == again_len && memcmp(text, again, len) == 0, "printed differently");
	conf_free(&copy);
	free(again);
	free(text);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct conf_error e = {""};
	struct conf c;

	conf_init(&c);
	if (conf_parse(&c, "fuzz", (const char *)data, size, &e) == 0) {
		check_marks(&c);
		round_trip(&c);
		if (conf_check(&c, &e) != 0)
			check_error(&e);
	} else {
		check_error(&e);
	}
	conf_free(&c);
	return 0;
}
