/* SPDX-License-Identifier: BSD-3-Clause */
#pragma once

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "conf/conf.h"

/* A text that is wrong, and the whole line that must be said about it. */
struct wrong {
	const char *text, *error;
};

/** Parse a text under the name "f", and check across options. @return 0 or -errno with `e` */
static inline int conf_test_parse(struct conf *c, const char *text, struct conf_error *e)
{
	int err;

	conf_init(c);
	err = conf_parse(c, "f", text, strlen(text), e);
	return err ? err : conf_check(c, e);
}

static inline void conf_test_good(struct conf *c, const char *text)
{
	struct conf_error e = {""};

	if (conf_test_parse(c, text, &e) != 0)
		fail_msg("%s", e.text);
}

static inline void conf_test_wrong(const struct wrong *w, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		struct conf_error e = {""};
		struct conf c;

		assert_int_not_equal(conf_test_parse(&c, w[i].text, &e), 0);
		assert_string_equal(e.text, w[i].error);
		conf_free(&c);
	}
}

/** conf_print() as a text to be freed. */
static inline char *conf_test_print(const struct conf *c)
{
	char *text = NULL;
	size_t len = 0;
	FILE *out = open_memstream(&text, &len);

	assert_non_null(out);
	conf_print(c, out);
	fclose(out);
	return text;
}
