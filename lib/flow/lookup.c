/* SPDX-License-Identifier: BSD-3-Clause */
#include "flow/lookup.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/dense.h"
#include "base/hash.h"
#include "base/text.h"
#include "flow/lookup_pvt.h"
#include "prefix/cidr.h"

/* Labels by their texts: each is held once. */
struct label {
	uint64_t hash;
	const char *written;
	size_t len;
};

struct build {
	struct flow_lookup *l;
	struct flow_lookup_error *e;
	const struct flow_entry *entries;
	size_t count;
	struct base_hash hash;
	struct base_dense labels;
	uint32_t *label_of; /* of each entry, from 1 on */
};

static const char *const kinds[] = {[FLOW_GROUP] = "group", [FLOW_MAP] = "map"};

const char *flow_lookup_kind_name(enum flow_lookup_kind kind)
{
	return kinds[kind];
}

static int fail(struct build *b, size_t entry, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));

static int fail(struct build *b, size_t entry, const char *fmt, ...)
{
	va_list ap;

	b->e->entry = entry;
	va_start(ap, fmt);
	vsnprintf(b->e->text, sizeof(b->e->text), fmt, ap);
	va_end(ap);
	return -EINVAL;
}

static int fail_memory(struct build *b)
{
	fail(b, b->count ? b->count - 1 : 0, "there is not enough memory for %zu values", b->count);
	return -ENOMEM;
}

static int check_name(struct build *b, const char *name)
{
	static const char good[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789"
				   "_.-";
	size_t len = strnlen(name, FLOW_LOOKUP_NAME + 1);

	if (len > 0 && len <= FLOW_LOOKUP_NAME && strspn(name, good) == len)
		return 0;
	return fail(b, 0,
		"\"%.64s\" cannot be the name of a %s; write 1 to %d letters, digits, _ . "
		"or -",
		name, kinds[b->l->kind], FLOW_LOOKUP_NAME);
}

/* ---- labels ---- */

/* The number of a label; BASE_INDEX_NONE: no memory. */
static uint32_t number_label(struct build *b, const char *text)
{
	size_t len = strlen(text);
	uint64_t hash = base_hash_bytes(&b->hash, text, len);
	struct base_narrow_probe probe = base_dense_probe(&b->labels, hash);
	struct label *label;
	uint32_t number;

	while ((number = base_dense_next(&b->labels, &probe)) != BASE_INDEX_NONE) {
		label = base_dense_at(&b->labels, number);
		if (label->len == len && memcmp(label->written, text, len) == 0)
			return number;
	}
	number = base_dense_add(&b->labels, hash);
	if (number == BASE_INDEX_NONE)
		return number;
	label = base_dense_at(&b->labels, number);
	label->written = text;
	label->len = len;
	return number;
}

static int check_label(struct build *b, size_t i, const char *text)
{
	char printed[FLOW_LABEL_BYTES + 1];
	struct base_text t = base_text(printed, sizeof(printed));

	if (*text == '\0')
		return fail(b, i, "a label is empty");
	base_text_wire(&t, (const uint8_t *)text, strnlen(text, sizeof(printed)));
	if (!t.cut)
		return 0;
	return fail(b, i,
		"the label \"%.48s...\" is too long; at most %d bytes are possible, of "
		"which each that is no ASCII takes 4",
		text, FLOW_LABEL_BYTES);
}

static int number_labels(struct build *b)
{
	for (size_t i = 0; i < b->count; i++) {
		const char *text = b->entries[i].label;
		uint32_t number;

		/* Runs of one label are the rule. */
		if (i > 0 && text == b->entries[i - 1].label) {
			b->label_of[i] = b->label_of[i - 1];
			continue;
		}
		if (check_label(b, i, text) < 0)
			return -EINVAL;
		number = number_label(b, text);
		if (number == BASE_INDEX_NONE)
			return fail_memory(b);
		b->label_of[i] = number + 1;
	}
	return 0;
}

/* Labels as they are printed. */
static void give_labels(struct build *b)
{
	struct flow_lookup *l = b->l;
	struct flow_label *labels =
		base_region_alloc(&l->region, (b->labels.count + 1) * sizeof(*labels));
	char printed[FLOW_LABEL_BYTES + 1];

	for (uint32_t i = 0; i < b->labels.count; i++) {
		const struct label *label = base_dense_at(&b->labels, i);
		struct base_text t = base_text(printed, sizeof(printed));

		base_text_wire(&t, (const uint8_t *)label->written, label->len);
		labels[i].text = base_region_copy(&l->region, printed, t.len);
		labels[i].len = t.len;
	}
	l->labels = labels;
	l->label_count = b->labels.count;
}

static const char *written(struct build *b, uint32_t label)
{
	return ((const struct label *)base_dense_at(&b->labels, label - 1))->written;
}

/* ---- groups ---- */

static int add_network(struct build *b, struct prefix_list *list, size_t i)
{
	struct prefix p = {.label = b->label_of[i]};
	unsigned width;
	const char *why;

	if (prefix_cidr_parse(b->entries[i].value, &p, &width, &why) < 0)
		return fail(b, i, "label \"%.48s\": \"%.48s\" is no network; %s",
			b->entries[i].label, b->entries[i].value, why);
	return prefix_list_add(list, width, &p) < 0 ? fail_memory(b) : 0;
}

static bool is_written(const struct prefix *p, unsigned width, const char *text)
{
	struct prefix other;
	unsigned other_width;
	const char *why;

	return prefix_cidr_parse(text, &other, &other_width, &why) == 0 && other_width == width &&
	       prefix_equal(p, &other);
}

/* The entry of a prefix that two labels have: the last of the second one. */
static size_t entry_of(struct build *b, const struct prefix *p, unsigned width)
{
	size_t i = b->count - 1;

	while (i > 0 && (b->label_of[i] != p->label || !is_written(p, width, b->entries[i].value)))
		i--;
	return i;
}

/* Which label counts where the same network is under two would be a guess. */
static int check_twice(struct build *b, struct prefix *list, size_t count, unsigned width)
{
	prefix_sort(list, count);
	for (size_t i = 1; i < count; i++) {
		size_t entry;

		if (list[i - 1].label == list[i].label || !prefix_equal(&list[i - 1], &list[i]))
			continue;
		entry = entry_of(b, &list[i], width);
		return fail(b, entry,
			"label \"%.48s\": %s is under the label \"%.48s\", too; keep one",
			written(b, list[i].label), b->entries[entry].value,
			written(b, list[i - 1].label));
	}
	return 0;
}

static int build_group(struct build *b)
{
	struct prefix_list list = {0};
	int err = 0;

	for (size_t i = 0; err == 0 && i < b->count; i++)
		err = add_network(b, &list, i);
	if (err == 0)
		err = check_twice(b, list.v4.prefixes, list.v4.count, 4);
	if (err == 0)
		err = check_twice(b, list.v6.prefixes, list.v6.count, 16);
	if (err == 0 && prefix_table_build(&b->l->networks, &list) < 0)
		err = fail_memory(b);
	prefix_list_free(&list);
	return err;
}

/* ---- maps ---- */

static int build_map(struct build *b)
{
	struct flow_mapped *values =
		base_region_alloc(&b->l->region, (b->count + 1) * sizeof(*values));

	for (size_t i = 0; i < b->count; i++) {
		const char *text = b->entries[i].value;
		size_t len = strnlen(text, UINT8_MAX + 1);

		if (len > UINT8_MAX)
			return fail(b, i,
				"label \"%.48s\": the value \"%.48s...\" is longer than "
				"%d bytes",
				b->entries[i].label, text, UINT8_MAX);
		values[i].text = base_region_copy(&b->l->region, text, len);
		values[i].len = len;
		values[i].label = b->label_of[i];
	}
	b->l->values = values;
	return 0;
}

/* ---- as it was written ---- */

static int give_json(struct build *b, struct flow_label *labels, uint32_t *first, uint32_t *next)
{
	const struct flow_written w = {b->entries, labels, b->labels.count, first};
	char *text;

	for (uint32_t i = 0; i < w.label_count; i++) {
		const struct label *label = base_dense_at(&b->labels, i);

		labels[i] = (struct flow_label){label->written, label->len};
		first[i] = FLOW_NO_ENTRY;
	}
	for (size_t i = b->count; i-- > 0;) {
		next[i] = first[b->label_of[i] - 1];
		first[b->label_of[i] - 1] = (uint32_t)i;
	}
	text = flow_written_json(&w, next);
	if (!text && errno == EINVAL)
		return fail(b, b->count - 1, "a label or a value is not UTF-8");
	if (!text)
		return fail_memory(b);
	b->l->json = base_region_text(&b->l->region, text);
	free(text);
	return 0;
}

static int keep_written(struct build *b)
{
	struct flow_label *labels = calloc(b->labels.count + 1, sizeof(*labels));
	uint32_t *first = calloc(b->labels.count + 1, sizeof(*first));
	uint32_t *next = calloc(b->count + 1, sizeof(*next));
	int err = labels && first && next ? give_json(b, labels, first, next) : fail_memory(b);

	free(labels);
	free(first);
	free(next);
	return err;
}

/* ---- all of it ---- */

static int build(struct build *b, const char *name)
{
	int err = check_name(b, name);

	if (err == 0 && b->count > FLOW_LOOKUP_MOST)
		err = fail(b, FLOW_LOOKUP_MOST, "there are %zu values; at most %d are possible",
			b->count, FLOW_LOOKUP_MOST);
	if (err < 0)
		return err;
	if (base_hash_init(&b->hash) < 0 ||
		base_dense_init(&b->labels, sizeof(struct label), FLOW_LOOKUP_MOST) < 0)
		return fail_memory(b);
	b->label_of = calloc(b->count + 1, sizeof(*b->label_of));
	err = b->label_of ? number_labels(b) : fail_memory(b);
	if (err == 0)
		err = b->l->kind == FLOW_GROUP ? build_group(b) : build_map(b);
	if (err == 0)
		err = keep_written(b);
	if (err == 0)
		give_labels(b);
	free(b->label_of);
	base_dense_fini(&b->labels);
	return err;
}

struct flow_lookup *flow_lookup_build(enum flow_lookup_kind kind, const char *name,
	const struct flow_entry *entries, size_t count, struct flow_lookup_error *e)
{
	struct flow_lookup *l = calloc(1, sizeof(*l));
	struct build b = {.l = l, .e = e, .entries = entries, .count = count};
	int err;

	if (!l) {
		errno = -fail_memory(&b);
		return NULL;
	}
	l->kind = kind;
	l->references = 1;
	err = build(&b, name);
	if (err < 0) {
		flow_lookup_unref(l);
		errno = -err;
		return NULL;
	}
	l->name = base_region_text(&l->region, name);
	l->value_count = count;
	l->made_ns = base_clock_mono_ns();
	return l;
}

struct flow_lookup *flow_lookup_ref(struct flow_lookup *l)
{
	__atomic_add_fetch(&l->references, 1, __ATOMIC_RELAXED);
	return l;
}

void flow_lookup_unref(struct flow_lookup *l)
{
	if (!l || __atomic_sub_fetch(&l->references, 1, __ATOMIC_ACQ_REL) > 0)
		return;
	prefix_table_free(&l->networks);
	base_region_free(&l->region);
	free(l);
}
