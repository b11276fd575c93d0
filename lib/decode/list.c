/* SPDX-License-Identifier: BSD-3-Clause */
#include "decode/decode.h"

#include <string.h>

/* The table of structures as a page: for `weirctl decode --structures` and docs/structures.rst. */

enum { WIDTH = 100 };

static const char *type_name(const struct sflow_field *f)
{
	static const char *const names[] = {
		[SFLOW_U8] = "u8",
		[SFLOW_U32] = "u32",
		[SFLOW_I32] = "i32",
		[SFLOW_U64] = "u64",
		[SFLOW_F32] = "f32",
		[SFLOW_F64] = "f64",
		[SFLOW_PCT] = "percent",
		[SFLOW_MAC] = "mac",
		[SFLOW_STRING] = "text",
		[SFLOW_BYTES] = "bytes",
		[SFLOW_UUID] = "uuid",
		[SFLOW_GID] = "gid",
		[SFLOW_ADDR] = "address",
		[SFLOW_IPV4] = "ipv4",
		[SFLOW_IPV6] = "ipv6",
		[SFLOW_LIST] = "list",
		[SFLOW_RECORDS] = "records",
		[SFLOW_OPAQUE] = "rest",
	};

	return names[f->type];
}

/* `0 unknown, 1 full_duplex` below the field, as many to a line as there is room for. */
static void print_words(FILE *out, const struct sflow_words *words, int indent)
{
	char item[64];
	int at = 0;

	for (unsigned i = 0; i < words->count; i++) {
		const struct sflow_word *w = &words->words[i];
		const char *comma = i + 1 < words->count ? "," : "";
		int len = snprintf(item, sizeof(item), "%u %s%s", w->value, w->word, comma);

		if (at == 0 || at + 1 + len > WIDTH)
			at = fprintf(out, "%s%*s%s", at ? "\n" : "", indent, "", item) - !!at;
		else
			at += fprintf(out, " %s", item);
	}
	fputc('\n', out);
}

/* Columns; none ends in spaces. */
static void print_field(FILE *out, const struct sflow_field *f, int indent)
{
	static const char *const roles[] = {"", "gauge", "counter"};
	const char *name = f->name[0] ? f->name : "-";
	const char *unit = f->unit ? f->unit : "";
	char line[256];
	size_t len;

	snprintf(line, sizeof(line), "    %*s%-*s %-8s %-8s %s%s%s%s", indent, "", 34 - indent,
		name, type_name(f), roles[f->role], unit, unit[0] && f->metric ? ", " : "",
		f->metric ? "metric " : "", f->metric ? f->metric : "");
	for (len = strlen(line); len && line[len - 1] == ' '; len--)
		;
	fprintf(out, "%.*s\n", (int)len, line);
	if (f->words)
		print_words(out, f->words, indent + 8);
	for (unsigned i = 0; f->of && i < f->of->count; i++)
		print_field(out, &f->of->list[i], indent + 2);
}

static void rule(FILE *out, int len, char c)
{
	while (len-- > 0)
		fputc(c, out);
	fputc('\n', out);
}

static void print_fields(FILE *out, const struct sflow_structure *st)
{
	fprintf(out, "%u bytes or more", st->min_len);
	if (st->optional)
		fprintf(out, "; older agents leave out the last %u fields", st->optional);
	fputs("::\n\n", out);
	for (unsigned i = 0; i < st->field_count; i++)
		print_field(out, &st->fields[i], 0);
}

static void print_structure(FILE *out, const struct sflow_structure *st)
{
	int len = fprintf(out, "\n%u:%u %s\n", st->tag >> 12, st->tag & 0xFFF, st->name);

	rule(out, len - 2, '~');
	fputc('\n', out);
	print_fields(out, st);
	while ((st = st->other)) {
		const char *counter = sflow_stats.defs[st->deviation].name;

		fprintf(out, "\nAnother form, counted as ``%s``, ", counter);
		print_fields(out, st);
	}
}

static void print_samples(FILE *out)
{
	fputs("Samples\n-------\n\n::\n\n"
	      "    0:1        flow_sample\n"
	      "    0:2        counters_sample\n"
	      "    0:3        flow_sample_expanded\n"
	      "    0:4        counters_sample_expanded\n"
	      "    0:5        discarded_packet\n"
	      "    1991:1     a wrapper of Foundry around one of the others\n"
	      "    4300:1002  rtmetric\n"
	      "    4300:1003  rtflow\n\n",
		out);
}

void decode_print_structures(FILE *out)
{
	fputs(".. SPDX-License-Identifier: BSD-3-Clause\n"
	      ".. Written by weirctl decode --structures.\n\n"
	      "Structures\n==========\n\n"
	      "Samples and records of sFlow that weir reads: tag, name, least length; of each "
	      "field the\n"
	      "name, the type on the wire, what kind of number it is, its unit, and the metric "
	      "that it\n"
	      "becomes; below it what its values are called. A record that does not fill a form "
	      "exactly is\n"
	      "read in one of its other forms, if one fits.\n\n",
		out);
	print_samples(out);
	fputs("Flow records\n------------\n", out);
	for (unsigned i = 0; i < sflow_flow_structures_count; i++)
		print_structure(out, sflow_flow_structures[i]);
	fputs("\nCounter records\n---------------\n", out);
	for (unsigned i = 0; i < sflow_counter_structures_count; i++)
		print_structure(out, sflow_counter_structures[i]);
}
