/* SPDX-License-Identifier: BSD-3-Clause */
#include <stdarg.h>
#include <stdio.h>

#include "base/text.h"
#include "conf/conf.h"
#include "conf/schema_pvt.h"
#include "conf/syntax_pvt.h"

/* The text was perhaps cut within a character: take the rest of that away. */
static void cut_character(struct base_text *t)
{
	unsigned back = 0;

	while (back < 3 && t->len > 0 && !conf_is_utf8(t->buf, t->len)) {
		t->buf[--t->len] = '\0';
		back++;
	}
}

void conf_error_at(
	struct conf_error *e, const char *file, struct conf_mark at, const char *fmt, ...)
{
	struct base_text t = base_text(e->text, sizeof(e->text));
	va_list ap;
	int n;

	if (file)
		base_text_printf(&t, "%.200s:", file);
	if (file && at.line)
		base_text_printf(&t, "%u:%u:", at.line, at.column);
	if (file)
		base_text_char(&t, ' ');
	va_start(ap, fmt);
	n = vsnprintf(t.buf + t.len, t.size - t.len, fmt, ap);
	va_end(ap);
	if (n > 0 && (size_t)n >= t.size - t.len) {
		t.len = t.size - 1;
		cut_character(&t);
	}
	for (char *c = e->text; *c; c++) {
		if ((unsigned char)*c < 0x20 || *c == 0x7F)
			*c = '?';
	}
}

void conf_error_of(
	struct conf_error *e, const struct conf *c, const char *option, const char *fmt, ...)
{
	const struct conf_origin *from = &c->origins[conf_row_of(option) - conf_rows];
	char why[sizeof(e->text)];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(why, sizeof(why), fmt, ap);
	va_end(ap);
	if (from->flag)
		conf_error_at(e, from->flag, from->at, "%s", why);
	else
		conf_error_at(e, c->file, from->at, "%s: %s", option, why);
}
