/* SPDX-License-Identifier: BSD-3-Clause */
#include <ctype.h>
#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/near.h"
#include "hostile.h"
#include "option_pvt.h"

/* In full: whole numbers without an exponent, the largest one as what it stands for. */
static void print_limit(struct base_text *t, const struct option_row *row, double v)
{
	if (v >= (double)UINT64_MAX)
		base_text_printf(t, "%llu", (unsigned long long)UINT64_MAX);
	else if (v == floor(v))
		base_text_printf(t, "%.0f", v);
	else if (row->kind == OPTION_SHARE)
		base_text_printf(t, "%.15g (%.15g%%)", v, v * 100);
	else
		base_text_printf(t, "%.15g", v);
}

static int wrong(
	struct base_text *error, const struct option_row *row, const char *text, const char *what)
{
	base_text_printf(error, "'%s' is not %s", text, what);
	if (row->max > row->min) {
		base_text_printf(error, " from ");
		print_limit(error, row, row->min);
		base_text_printf(error, " to ");
		print_limit(error, row, row->max);
	}
	return -EINVAL;
}

static int read_whole(const struct option_row *row, const char *text, size_t len, uint64_t *v)
{
	char *end;

	errno = 0;
	*v = strtoull(text, &end, 10);
	if (errno || !isdigit((unsigned char)text[0]) || end != text + len)
		return -EINVAL;
	return (double)*v < row->min || (double)*v > row->max ? -EINVAL : 0;
}

/* 99.9 / 100 is a bit more than 0.999: what is a limit in decimal is one. */
static double to_limit(double v, double limit)
{
	return fabs(v - limit) < 1e-12 * limit ? limit : v;
}

static int read_decimal(const struct option_row *row, const char *text, double *v)
{
	char *end;

	*v = strtod(text, &end);
	if (row->kind == OPTION_SHARE && *end == '%' && end != text) {
		*v = to_limit(*v / 100, row->max);
		end++;
	}
	if (end == text || *end || !isfinite(*v) || *v < row->min || *v > row->max)
		return -EINVAL;
	return 0;
}

static int read_rates(struct gen_settings *s, const struct option_row *row, const char *text)
{
	uint64_t rate;
	size_t len;

	for (s->sampling_rate_count = 0;; text += len + 1) {
		len = strcspn(text, ",");
		if (s->sampling_rate_count == GEN_RATES || read_whole(row, text, len, &rate) < 0)
			return -EINVAL;
		s->sampling_rates[s->sampling_rate_count++] = (uint32_t)rate;
		if (!text[len])
			return 0;
	}
}

static const char *const record_names[] = {"header", "switch", "router"};

static const char *record_name(const void *ctx, size_t i)
{
	(void)ctx;
	return i < sizeof(record_names) / sizeof(record_names[0]) ? record_names[i] : NULL;
}

static int read_records(struct gen_settings *s, const char *text, struct base_text *error)
{
	bool *const chosen[] = {NULL, &s->record_switch, &s->record_router};
	size_t len, i;

	s->record_switch = s->record_router = false;
	for (;; text += len + 1) {
		len = strcspn(text, ",");
		for (i = 0; i < 3; i++)
			if (strlen(record_names[i]) == len && !memcmp(record_names[i], text, len))
				break;
		if (i == 3) {
			const char *near = base_near(text, record_name, NULL);

			base_text_printf(
				error, "'%s' is not a list of header, switch, router", text);
			if (near)
				base_text_printf(error, "; did you mean '%s'?", near);
			return -EINVAL;
		}
		if (chosen[i])
			*chosen[i] = true;
		if (!text[len])
			return 0;
	}
}

static int read_mac(const char *text, uint8_t mac[6])
{
	for (unsigned i = 0; i < 6; i++) {
		char *end;
		unsigned long v = strtoul(text, &end, 16);

		if (!isxdigit((unsigned char)text[0]) || v > 255 || end - text > 2 ||
			*end != (i < 5 ? ':' : '\0'))
			return -EINVAL;
		mac[i] = (uint8_t)v;
		text = end + 1;
	}
	return 0;
}

static int read_definition(struct gen_options *o, const char *text, struct base_text *error)
{
	if (o->definition_count == GEN_DEFINITIONS) {
		base_text_printf(error, "at most %d definitions", GEN_DEFINITIONS);
		return -EINVAL;
	}
	return gen_definition_parse(text, &o->definitions[o->definition_count++], error);
}

/* What may stand in a name of Docker: no wildcard, no separator of its parts. */
static size_t service_name_length(const char *text)
{
	size_t len =
		strspn(text, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-");

	return len <= GEN_SERVICE_NAME && isalnum((unsigned char)text[0]) ? len : 0;
}

static int read_service(struct gen_settings *s, const char *text, bool web, struct base_text *error)
{
	static const struct option_row range = {.min = 0, .max = GEN_CONTAINERS};
	struct gen_service *service = &s->services[s->service_count];
	size_t len = service_name_length(text);
	const char *least = text + len + 1, *dots = len ? strstr(text, "..") : NULL;
	uint64_t from, to;

	if (s->service_count == GEN_SERVICES) {
		base_text_printf(error, "at most %d services", GEN_SERVICES);
		return -EINVAL;
	}
	if (!dots || text[len] != '=' ||
		read_whole(&range, least, (size_t)(dots - least), &from) < 0 ||
		read_whole(&range, dots + 2, strlen(dots + 2), &to) < 0 || from > to || to == 0) {
		base_text_printf(error,
			"'%s' is not NAME=LEAST..MOST, like apache=3..30: letters, digits, - and "
			"_, "
			"at most %d, and two numbers up to %d in ascending order",
			text, GEN_SERVICE_NAME, GEN_CONTAINERS);
		return -EINVAL;
	}
	for (unsigned i = 0; i < s->service_count; i++)
		if (strlen(s->services[i].name) == len &&
			memcmp(s->services[i].name, text, len) == 0) {
			base_text_printf(error, "'%s' is there already", s->services[i].name);
			return -EINVAL;
		}
	*service = (struct gen_service){.least = (uint32_t)from, .most = (uint32_t)to, .web = web};
	memcpy(service->name, text, len);
	s->service_count++;
	return 0;
}

static const struct {
	const char *name;
	uint32_t kinds;
} kind_groups[] = {
	{"damage", GEN_HOSTILE_DAMAGE},
	{"metrics", GEN_HOSTILE_METRICS},
	{"floods", GEN_HOSTILE_FLOODS},
};
enum { KIND_GROUPS = sizeof(kind_groups) / sizeof(kind_groups[0]) };

static const char *kind_name(const void *ctx, size_t i)
{
	(void)ctx;
	if (i < GEN_HOSTILE_KINDS)
		return gen_hostile_kinds[i].name;
	i -= GEN_HOSTILE_KINDS;
	return i < KIND_GROUPS ? kind_groups[i].name : NULL;
}

static uint32_t kind_bits(size_t i)
{
	if (i < GEN_HOSTILE_KINDS)
		return UINT32_C(1) << i;
	return kind_groups[i - GEN_HOSTILE_KINDS].kinds;
}

static int read_kinds(uint32_t *kinds, const char *text, struct base_text *error)
{
	const char *near, *name;
	size_t len, i;

	for (*kinds = 0;; text += len + 1) {
		len = strcspn(text, ",");
		for (i = 0; (name = kind_name(NULL, i)); i++)
			if (strlen(name) == len && !memcmp(name, text, len))
				break;
		if (!name) {
			near = base_near(text, kind_name, NULL);
			base_text_printf(error,
				"'%s' is not a list of kinds, of damage, metrics and floods", text);
			if (near)
				base_text_printf(error, "; did you mean '%s'?", near);
			return -EINVAL;
		}
		*kinds |= kind_bits(i);
		if (!text[len])
			return 0;
	}
}

int gen_option_read(struct gen_options *o, const struct option_row *row, const char *text,
	struct base_text *error)
{
	void *at = (char *)o + row->at;

	switch (row->kind) {
	case OPTION_FLAG:
		*(bool *)at = true;
		return 0;
	case OPTION_NUMBER:
		if (read_whole(row, text, strlen(text), at) < 0)
			return wrong(error, row, text, "a whole number");
		return 0;
	case OPTION_DECIMAL:
		if (read_decimal(row, text, at) < 0)
			return wrong(error, row, text, "a number");
		return 0;
	case OPTION_SHARE:
		if (read_decimal(row, text, at) < 0)
			return wrong(error, row, text, "a share");
		return 0;
	case OPTION_TEXT:
		*(const char **)at = text;
		return 0;
	case OPTION_RATES:
		if (read_rates(&o->model, row, text) < 0)
			return wrong(error, row, text, "a list of up to 16 numbers");
		return 0;
	case OPTION_RECORDS:
		return read_records(&o->model, text, error);
	case OPTION_MAC:
		if (read_mac(text, at) < 0)
			return wrong(error, row, text, "a MAC address like 02:00:00:00:00:01");
		return 0;
	case OPTION_IP:
		if (base_addr_parse(text, at) < 0)
			return wrong(error, row, text, "an IPv4 or IPv6 address");
		return 0;
	case OPTION_DEFINE:
		return read_definition(o, text, error);
	case OPTION_SERVICE:
	case OPTION_WEB:
		return read_service(&o->model, text, row->kind == OPTION_WEB, error);
	case OPTION_KINDS:
		return read_kinds(at, text, error);
	}
	return -EINVAL;
}
