/* SPDX-License-Identifier: BSD-3-Clause */
#include "sums.h"

#include <stdlib.h>
#include <string.h>

#include "session.h"

enum { TERMS = 12 };

/* Fields to add up; one that ends in * stands for all with that start, one with - is taken off. */
static const struct rule {
	const char *name, *left_is, *right_is;
	const char *left[TERMS], *right[TERMS];
} rules[] = {
	{"frames", "frames - fragments + reassembled", "datagrams + dropped by reason",
		{"ingress_packets", "-ingress_fragments", "ingress_reassembled"},
		{"ingress_datagrams", "ingress_drop_*", "-ingress_drop_fragment",
			"-ingress_drop_timeout"}},
	{"payloads", "datagrams out of frames", "datagrams to decode", {"ingress_datagrams"},
		{"sflow_datagrams"}},
	{"datagrams", "datagrams to decode", "decoded + dropped by reason", {"sflow_datagrams"},
		{"sflow_datagrams_decoded", "sflow_drop_*"}},
	{"samples", "samples met", "flow + counter + discard + custom + dropped by reason",
		{"sflow_samples"},
		{"sflow_flow_samples", "sflow_counter_samples", "sflow_discard_samples",
			"sflow_rtmetric_samples", "sflow_rtflow_samples", "sflow_sample_drop_*"}},
	{"flows", "windows whose total is not flows + other", "none", {"imbalances"}, {NULL}},
};
enum { RULES = sizeof(rules) / sizeof(rules[0]) };

static uint64_t number(const char *text)
{
	return strtoull(text, NULL, 10);
}

/* @return whether the term's field is there at all */
static bool add_term(const redisReply *hash, const char *term, uint64_t *sum)
{
	bool minus = term[0] == '-', found = false;
	const char *name = term + minus;
	size_t len = strcspn(name, "*");

	for (size_t i = 0; i + 1 < hash->elements; i += 2) {
		const char *field = hash->element[i]->str;
		uint64_t v = number(hash->element[i + 1]->str);

		if (strncmp(field, name, len) != 0 || (name[len] == '\0' && field[len] != '\0'))
			continue;
		*sum += minus ? 0 - v : v;
		found = true;
	}
	return found;
}

static bool add_side(const redisReply *hash, const char *const *terms, uint64_t *sum)
{
	bool all = true;

	for (unsigned i = 0; i < TERMS && terms[i]; i++)
		all &= add_term(hash, terms[i], sum);
	return all;
}

unsigned sums_make(const redisReply *hash, struct sum sums[SUMS_MAX])
{
	unsigned count = 0;

	for (unsigned i = 0; i < RULES; i++) {
		struct sum s = {rules[i].name, rules[i].left_is, rules[i].right_is, 0, 0};
		bool left = add_side(hash, rules[i].left, &s.left);
		bool right = add_side(hash, rules[i].right, &s.right);

		if (left && right)
			sums[count++] = s;
	}
	return count;
}
