/* SPDX-License-Identifier: BSD-3-Clause */
#include "publish/json_pvt.h"

#include <math.h>

#include "publish/number_pvt.h"

struct publish_json publish_json(struct publish_buffer *out)
{
	return (struct publish_json){.out = out};
}

static void separate(struct publish_json *j)
{
	if (j->comma)
		publish_buffer_char(j->out, ',');
	j->comma = true;
}

void publish_json_open(struct publish_json *j, char bracket)
{
	separate(j);
	publish_buffer_char(j->out, bracket);
	j->comma = false;
}

void publish_json_close(struct publish_json *j, char bracket)
{
	publish_buffer_char(j->out, bracket);
	j->comma = true;
}

static void add_escaped(struct publish_buffer *out, unsigned char c)
{
	static const char hex[] = "0123456789abcdef";
	const char code[6] = {'\\', 'u', '0', '0', hex[c >> 4], hex[c & 15]};
	const char pair[2] = {'\\', (char)c};

	if (c == '"' || c == '\\')
		publish_buffer_add(out, pair, sizeof(pair));
	else
		publish_buffer_add(out, code, sizeof(code));
}

static bool plain(unsigned char c)
{
	return c >= 0x20 && c < 0x7F && c != '"' && c != '\\';
}

void publish_json_quote(struct publish_buffer *out, const char *text)
{
	publish_buffer_char(out, '"');
	while (*text) {
		const char *run = text;

		while (plain((unsigned char)*text))
			text++;
		publish_buffer_add(out, run, (size_t)(text - run));
		if (*text)
			add_escaped(out, (unsigned char)*text++);
	}
	publish_buffer_char(out, '"');
}

void publish_json_name(struct publish_json *j, const char *name)
{
	separate(j);
	publish_json_quote(j->out, name);
	publish_buffer_char(j->out, ':');
	j->comma = false;
}

void publish_json_string(struct publish_json *j, const char *text)
{
	separate(j);
	publish_json_quote(j->out, text);
}

void publish_json_bool(struct publish_json *j, bool yes)
{
	separate(j);
	publish_buffer_add(j->out, yes ? "true" : "false", yes ? 4 : 5);
}

void publish_json_uint(struct publish_json *j, uint64_t v)
{
	separate(j);
	publish_buffer_uint(j->out, v);
}

void publish_json_number(struct publish_json *j, double v, unsigned decimals)
{
	char text[PUBLISH_NUMBER];

	separate(j);
	if (isfinite(v))
		publish_buffer_add(j->out, text, publish_number(text, v, decimals));
	else
		publish_buffer_text(j->out, "null");
}

static const char *skip_digits(const char *p)
{
	while (*p >= '0' && *p <= '9')
		p++;
	return p;
}

/* RFC 8259, section 6: [-] int [frac], no leading zeros; an exponent is never written here. */
static bool is_number(const char *p)
{
	const char *digits;

	if (*p == '-')
		p++;
	digits = p;
	p = skip_digits(p);
	if (p == digits || (*digits == '0' && p - digits > 1))
		return false;
	if (*p == '.') {
		digits = p + 1;
		p = skip_digits(digits);
		if (p == digits)
			return false;
	}
	return *p == '\0';
}

void publish_json_number_text(struct publish_json *j, const char *text)
{
	separate(j);
	if (is_number(text))
		publish_buffer_text(j->out, text);
	else
		publish_json_quote(j->out, text);
}

void publish_json_text(struct publish_json *j, const char *text)
{
	separate(j);
	publish_buffer_text(j->out, text);
}
