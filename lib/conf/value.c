/* SPDX-License-Identifier: BSD-3-Clause */
#include <errno.h>
#include <inttypes.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/near.h"
#include "conf/schema_pvt.h"
#include "conf/syntax_pvt.h"

enum { SHOWN_BYTES = 48, SCALAR_MAX = 64 /* bytes of a number, duration or choice */ };

char *conf_value_shown(const char *text, size_t len, char *buf)
{
	struct base_text t = base_text(buf, CONF_SHOWN);
	size_t n = len;

	while (n > SHOWN_BYTES || (n < len && n > 0 && (text[n] & 0xC0) == 0x80))
		n--;
	base_text_char(&t, '"');
	for (size_t i = 0; i < n; i++)
		base_text_char(
			&t, (unsigned char)text[i] < 0x20 || text[i] == 0x7F ? '?' : text[i]);
	base_text_printf(&t, "%s\"", n < len ? "..." : "");
	return buf;
}

static void want_choice(const struct conf_row *row, struct base_text *t)
{
	for (unsigned i = 0; row->choices[i]; i++)
		base_text_printf(t, "%s%s",
			i == 0                ? ""
			: row->choices[i + 1] ? ", "
					      : " or ",
			row->choices[i]);
}

static void want_duration(const struct conf_row *row, struct base_text *t)
{
	base_text_printf(t, "a duration from ");
	conf_print_duration(t, row->min);
	base_text_printf(t, " to ");
	conf_print_duration(t, row->max);
	if (row->form)
		base_text_printf(t, " %s", row->form);
}

void conf_row_want(const struct conf_row *row, struct base_text *t)
{
	switch (row->type) {
	case CONF_UINT:
		base_text_printf(t, "a number from %" PRIu64 " to %" PRIu64, row->min, row->max);
		break;
	case CONF_DURATION:
		want_duration(row, t);
		break;
	case CONF_SECONDS:
		base_text_printf(t, "seconds from %g to %g", (double)row->min / 1000,
			(double)row->max / 1000);
		break;
	case CONF_NUMBER:
		base_text_printf(t,
			"a number from %s%" PRIu64 " to %" PRIu64 ", with or without decimals",
			row->negative ? "-" : "", row->negative ? row->max : 0, row->max);
		break;
	case CONF_CHOICE:
		want_choice(row, t);
		break;
	case CONF_TEXT:
	case CONF_DOCUMENT:
	case CONF_KEYS:
		base_text_printf(t, "%s", row->form);
		break;
	case CONF_TEXTS:
		base_text_printf(t, "%s, or a list of at most %u of them", row->form, row->most);
		break;
	case CONF_UINTS:
		base_text_printf(t, "a list of at most %u numbers from %" PRIu64 " to %" PRIu64,
			row->most, row->min, row->max);
		break;
	case CONF_MAP:
		base_text_printf(t, "its options, each as NAME: VALUE");
		break;
	case CONF_LIST:
		base_text_printf(t, "a list of at most %u entries, each after a -", row->most);
		break;
	case CONF_LOOKUPS:
		base_text_printf(t,
			"at most %u names, and below each its labels, each with %s, or a list of "
			"such",
			row->most, row->form);
		break;
	}
}

/* The same for one item of a list. */
static void want_item(const struct conf_row *row, struct base_text *t)
{
	if (row->type == CONF_UINTS)
		base_text_printf(t, "a number from %" PRIu64 " to %" PRIu64, row->min, row->max);
	else if (row->type == CONF_TEXTS || row->type == CONF_LOOKUPS)
		base_text_printf(t, "%s", row->form);
	else
		conf_row_want(row, t);
}

/* "WHAT; write WANT" */
static int fail(
	const struct conf_row *row, char *why, const char *text, size_t len, const char *what)
{
	bool login = memchr(text, '@', len) || memmem(text, len, "?sentinel=", 10);
	bool hidden = row->secret == CONF_SECRET || (row->secret == CONF_LOGIN && login);
	struct base_text t = base_text(why, CONF_WHY);
	char shown[CONF_SHOWN];

	base_text_printf(&t, "%s %s; write ",
		hidden ? "what is given" : conf_value_shown(text, len, shown), what);
	want_item(row, &t);
	return -EINVAL;
}

static const char *next_choice(const void *ctx, size_t i)
{
	return ((const struct conf_row *)ctx)->choices[i];
}

static int fail_choice(const struct conf_row *row, char *why, const char *text)
{
	const char *near = base_near(text, next_choice, row);
	size_t len;

	fail(row, why, text, strlen(text), "is not known");
	len = strlen(why);
	if (near)
		snprintf(why + len, CONF_WHY - len, " (did you mean \"%s\"?)", near);
	return -EINVAL;
}

/* Decimal without leading zeros, which YAML 1.1 would take as octal. */
static bool parse_uint(const char *text, uint64_t *v)
{
	const char *p = text;

	for (*v = 0; *p >= '0' && *p <= '9' && p - text < 19; p++)
		*v = *v * 10 + (uint64_t)(*p - '0');
	return p > text && *p == '\0' && (*text != '0' || p == text + 1);
}

static bool parse_number(const struct conf_row *row, const char *text, uint64_t *v)
{
	if (row->type == CONF_UINT || row->type == CONF_UINTS)
		return parse_uint(text, v);
	return conf_parse_duration(text, v) == 0;
}

/* No option takes a number below zero, but it is one. */
static bool is_negative(const struct conf_row *row, const char *text)
{
	uint64_t v;

	return *text == '-' && parse_number(row, text + 1, &v);
}

static int check_number(const struct conf_row *row, const char *text, uint64_t *v, char *why)
{
	if (is_negative(row, text))
		return fail(row, why, text, strlen(text), "is out of range");
	if (!parse_number(row, text, v))
		return fail(row, why, text, strlen(text),
			row->type == CONF_DURATION ? "is not a duration" : "is not a number");
	if (*v < row->min || *v > row->max)
		return fail(row, why, text, strlen(text), "is out of range");
	if (row->valid && !row->valid(text))
		return fail(row, why, text, strlen(text), "does not fit");
	return 0;
}

static int check_choice(const struct conf_row *row, const char *text, uint64_t *v, char *why)
{
	for (*v = 0; row->choices[*v]; ++*v) {
		if (strcmp(row->choices[*v], text) == 0)
			return 0;
	}
	return fail_choice(row, why, text);
}

static bool has_control(const char *text, size_t len)
{
	for (size_t i = 0; i < len; i++) {
		if ((unsigned char)text[i] < 0x20 || text[i] == 0x7F)
			return true;
	}
	return false;
}

int conf_value_text(const struct conf_row *row, const char *text, size_t len, char *why)
{
	if (has_control(text, len))
		return fail(row, why, text, len, "has a control character in it");
	if (!conf_is_utf8(text, len))
		return fail(row, why, "", 0, "stands for a text that is not UTF-8");
	if (len < row->min)
		return fail(row, why, text, len, "is empty");
	if (len > row->max)
		return fail(row, why, text, len, "is too long");
	if (row->valid && !row->valid(text))
		return fail(row, why, text, len, "does not fit");
	return 0;
}

/* A number, duration or choice: short, and without a NUL in it. */
static int check_scalar(
	const struct conf_row *row, const char *text, size_t len, uint64_t *v, char *why)
{
	if (len > SCALAR_MAX || has_control(text, len))
		return fail(row, why, text, len, "does not fit");
	if (row->type == CONF_CHOICE)
		return check_choice(row, text, v, why);
	return check_number(row, text, v, why);
}

int conf_value_uint(
	const struct conf_row *row, const char *text, size_t len, uint64_t *v, char *why)
{
	return check_scalar(row, text, len, v, why);
}

/* Digits, with or without decimals; nothing else that strtod() knows. */
static bool is_decimal(const char *text, size_t len)
{
	size_t whole = strspn(text, "0123456789"), point = text[whole] == '.';
	size_t rest = point ? strspn(text + whole + 1, "0123456789") : 0;

	return len <= SCALAR_MAX && whole > 0 && (!point || rest > 0) &&
	       whole + point + rest == len;
}

static int set_decimal(
	const struct conf_row *row, void *base, const char *text, size_t len, char *why)
{
	bool negative = *text == '-';
	double v;

	if (!is_decimal(text + negative, len - negative))
		return fail(row, why, text, len, "is not a number");
	v = strtod(text, NULL);
	if ((negative && !row->negative) || fabs(v) > (double)row->max)
		return fail(row, why, text, len, "is out of range");
	conf_member_set_double(row, base, v);
	return 0;
}

static int set_text(const struct conf_row *row, void *base, struct base_region *region,
	const char *text, size_t len, char *why)
{
	int err = conf_value_text(row, text, len, why);

	if (err == 0)
		conf_member_set_pointer(row, base, base_region_copy(region, text, len));
	return err;
}

int conf_value_set(const struct conf_row *row, void *base, struct base_region *region,
	const char *text, size_t len, char *why)
{
	uint64_t v;
	int err;

	if (row->type == CONF_TEXT || row->type == CONF_DOCUMENT)
		return set_text(row, base, region, text, len, why);
	if (row->type == CONF_NUMBER)
		return set_decimal(row, base, text, len, why);
	err = check_scalar(row, text, len, &v, why);
	if (err == 0)
		conf_member_set_uint(row, base, v);
	return err;
}
