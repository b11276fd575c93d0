/* SPDX-License-Identifier: BSD-3-Clause */
#include "flow/function.h"
#include "flow/record.h"
#include "options.h"
#include "sflow/structure.h"

/* docs/keys.rst, from the rows of keys and functions. */

static void print_heading(FILE *out, const char *text)
{
	fprintf(out, "\n%s\n", text);
	while (*text++)
		fputc('-', out);
	fputc('\n', out);
}

static void print_key(FILE *out, const char *name, const char *help)
{
	fprintf(out, "\n``%s``\n   %s\n", name, help);
}

static void print_structures(FILE *out, const struct flow_record_key *row)
{
	const struct flow_record_key *end = flow_record_keys + flow_record_keys_count;
	uint32_t last = 0;

	fputs("   (", out);
	for (const char *before = ""; row < end; row++) {
		if (row->tag != last)
			fprintf(out, "%s%s, %u:%u", before, sflow_flow_structure(row->tag)->name,
				row->tag >> 12, row->tag & 0xFFF);
		last = row->tag;
		before = "; ";
		if (row + 1 == end || row[1].help)
			break;
	}
	fputs(")\n", out);
}

static void print_records(FILE *out)
{
	print_heading(out, "From records of the sample");
	fputs("\nBehind each: the structure that it is read from, as enterprise:format. Where "
	      "there are "
	      "several, the\nfirst that the sample has counts.\n",
		out);
	for (unsigned i = 0; i < flow_record_keys_count; i++) {
		const struct flow_record_key *row = &flow_record_keys[i];

		if (!row->help)
			continue;
		print_key(out, row->name, row->help);
		print_structures(out, row);
	}
}

static void print_function(FILE *out, const struct flow_function *f)
{
	char usage[128];
	struct base_text t = base_text(usage, sizeof(usage));

	flow_function_print(f, &t);
	print_key(out, usage, f->help);
	fprintf(out, "   (%s%s)\n", f->result,
		flow_function_is_late(f) ? "; applied at merge, in keys alone" : "");
}

static void print_functions(FILE *out)
{
	print_heading(out, "Functions");
	fputs("\nA function stands where a key may stand. KEY, THEN and ELSE are keys, or "
	      "functions in "
	      "square\nbrackets: ``prefix:[uri:httpurl:path]:/:2``. A backslash makes the "
	      "character "
	      "behind it an ordinary\none: ``\\:`` is a colon that separates nothing. Where a key "
	      "is "
	      "absent, the result is, too, if nothing\nelse is said. Behind each: what it results "
	      "in.\n",
		out);
	for (unsigned i = 0; i < flow_functions_count; i++)
		print_function(out, &flow_functions[i]);
}

static void print_prefixes(FILE *out)
{
	print_heading(out, "Prefixes of values");
	fputs("\nA value is a key that is a number, or a function that makes one, with one of "
	      "these and "
	      "a colon in\nfront of it: ``avg:tcprtt``, ``count:ipsource``. Without a prefix it is "
	      "a "
	      "rate.\n",
		out);
	for (unsigned i = 0; i < FLOW_AGGREGATES; i++)
		print_key(out, flow_prefixes[i].name, flow_prefixes[i].help);
}

void options_print_keys(FILE *out)
{
	fputs(".. SPDX-License-Identifier: BSD-3-Clause\n.. Written by weir --print-keys.\n\n"
	      "Flow keys\n=========\n",
		out);
	print_heading(out, "From the sample");
	for (unsigned i = 0; i < flow_context_keys_count; i++)
		print_key(out, flow_context_keys[i].name, flow_context_keys[i].help);
	print_heading(out, "From the sampled header");
	fputs("\n``.1``, ``.2`` or ``.3`` behind the name picks an inner layer of the same kind: "
	      "``ipsource.1`` is "
	      "the inner\nsource address of a tunnel, ``mplslabel.3`` the fourth label. Of more "
	      "than four "
	      "of a kind the rest is not\nto be had.\n",
		out);
	for (unsigned i = 0; i < packet_fields_count; i++)
		print_key(out, packet_fields[i].name, packet_fields[i].help);
	print_records(out);
	print_functions(out);
	print_prefixes(out);
}
