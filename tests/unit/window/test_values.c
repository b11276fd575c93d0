/* SPDX-License-Identifier: BSD-3-Clause */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>

#include <cmocka.h>

#include "../dice.h"
#include "core.h"
#include "range.h"
#include "window/sightings.h"
#include "window/top.h"

/*
 * The model: all samples that there were, with the window in which they came, looked through from end
 * to end, with the formulas and the spans of time as the documentation has them.
 */
enum { KEYS = 12, SOURCES = 3, SEEN = 200000, WINDOWS = 400 };

static uint64_t hash_of(uint64_t value)
{
	struct dice d = {.state = value};

	return dice_u64(&d);
}

enum value { FRAMES, AVG, MIN, MAX, LAST, COUNT };

struct seen {
	unsigned window;
	uint32_t key, source;
	uint64_t bytes, hash, tsc;
};

struct fixture {
	struct base_hash hash;
	struct flow_plan *plan;
	struct sightings s;
	struct table t[2]; /* of two cores */
	struct table_batch batch;
	struct dice d;
	uint64_t tsc;
	unsigned windows;
	double seconds[WINDOWS];
	struct seen *seen;
	unsigned seen_count;
};

static struct fixture *fixture_open(const char *value, const char *values, double t)
{
	const struct flow_spec spec = {.name = "a",
		.keys = "vlan",
		.value = value,
		.values = values,
		.n = 5,
		.t = t,
		.capacity = 4096};
	static const uint8_t kind_of[] = {
		TABLE_SUM, TABLE_MEAN, TABLE_MIN, TABLE_MAX, TABLE_LAST, TABLE_COUNT};
	struct fixture *f = calloc(1, sizeof(*f));
	uint8_t kinds[TABLE_LANES];
	const struct flow_definition *d;

	f->seen = calloc(SEEN, sizeof(*f->seen));
	f->plan = plan_make(&spec, 1);
	d = &f->plan->definitions[0];
	for (unsigned i = 0; i < d->lane_count; i++)
		kinds[i] = kind_of[d->values[d->lanes[i]].aggregate];
	assert_int_equal(base_hash_init(&f->hash), 0);
	assert_int_equal(sightings_init(&f->s, t, 2 * KEYS * SOURCES, 0), 0);
	assert_int_equal(sightings_init_values(&f->s, d), 0);
	for (unsigned i = 0; i < 2; i++) {
		assert_int_equal(table_init(&f->t[i], 4096, 4, -1), 0);
		assert_int_equal(table_init_lanes(&f->t[i], kinds, d->lane_count, -1), 0);
	}
	f->d.state = 5;
	return f;
}

static void fixture_close(struct fixture *f)
{
	sightings_fini(&f->s);
	for (unsigned i = 0; i < 2; i++)
		table_fini(&f->t[i]);
	flow_plan_free(f->plan);
	free(f->seen);
	free(f);
}

/* A sample of one core: its frame counts 10, its length is `bytes`, its third key is `hash`. */
static void put(struct fixture *f, unsigned core, struct seen s)
{
	const struct flow_definition *d = &f->plan->definitions[0];
	struct table *t = &f->t[core];
	struct table_extra *extra = table_batch_extra(&f->batch, t);
	uint64_t hash = table_hash(base_hash_bytes(&f->hash, &s.key, sizeof(s.key)), s.source);

	s.window = f->windows;
	for (unsigned i = 0; i < d->lane_count; i++) {
		unsigned aggregate = d->values[d->lanes[i]].aggregate;

		extra->number[i] = aggregate == FLOW_RATE    ? 10
				   : aggregate == FLOW_COUNT ? s.hash
							     : s.bytes;
	}
	extra->there = (1u << d->lane_count) - 1;
	extra->tsc = s.tsc;
	memcpy(table_batch_key(&f->batch), &s.key, sizeof(s.key));
	table_batch_add(&f->batch, hash, sizeof(s.key), s.source, 10);
	table_apply(t, &f->batch, NULL);
	assert_true(f->seen_count < SEEN);
	f->seen[f->seen_count++] = s;
}

static void gone(void *ctx, uint32_t source)
{
}

static void close_window(struct fixture *f, double seconds)
{
	static const struct table_source numbers[SOURCES] = {
		{.number = 0}, {.number = 1}, {.number = 2}};

	for (unsigned i = 0; i < 2; i++) {
		sightings_add(&f->s, 1, 1, &f->t[i], numbers);
		table_clear(&f->t[i]);
	}
	f->seconds[f->windows++] = seconds;
	assert_true(f->windows < WINDOWS);
	close_range(&f->s, seconds, gone, NULL);
}

/* Random samples; some keys are silent for some time. */
static void fill_window(struct fixture *f, unsigned samples)
{
	for (unsigned i = 0; i < samples; i++) {
		uint32_t key = dice_below(&f->d, KEYS);

		if ((f->windows / 7 + key) % 3 == 0)
			continue;
		put(f, dice_below(&f->d, 2),
			(struct seen){.key = key,
				.source = dice_below(&f->d, 1 + key % SOURCES),
				.bytes = 64 + dice_below(&f->d, 1400),
				.hash = hash_of(dice_below(&f->d, 1 + key * key)),
				.tsc = ++f->tsc});
	}
}

/* ---- the model ---- */

/* First window of the panes: each is t/4 or one window; the oldest goes once the others have t. */
static unsigned first_window(const struct fixture *f, double t)
{
	unsigned start[WINDOWS], panes = 0;
	double span[WINDOWS], rest;
	bool open = false;

	for (unsigned w = 0; w < f->windows; w++) {
		if (!open) {
			start[panes] = w;
			span[panes++] = 0;
		}
		span[panes - 1] += f->seconds[w];
		for (;;) {
			rest = 0;
			for (unsigned i = 1; i < panes; i++)
				rest += span[i];
			if (panes < 2 || rest < t * 0.98)
				break;
			memmove(start, start + 1, --panes * sizeof(start[0]));
			memmove(span, span + 1, panes * sizeof(span[0]));
		}
		open = span[panes - 1] < t / 4 * 0.98;
	}
	return start[0];
}

struct expected {
	unsigned count; /* samples of the panes */
	double weight, squares, sum, all, bytes_sum, bytes_squares;
	uint64_t least, largest, last, last_tsc, different;
};

/* What window `w` weighs in a smoothed rate now. */
static double weight_of(const struct fixture *f, unsigned w, double t)
{
	double weight = 1 - exp(-f->seconds[w] / t);

	for (unsigned later = w + 1; later < f->windows; later++)
		weight *= exp(-f->seconds[later] / t);
	return weight / f->seconds[w];
}

static struct expected expect(const struct fixture *f, double t, uint32_t key, uint32_t source)
{
	struct expected e = {.least = UINT64_MAX};
	unsigned first = first_window(f, t);
	uint64_t hashes[KEYS * KEYS];

	for (unsigned i = 0; i < f->seen_count; i++) {
		const struct seen *s = &f->seen[i];
		double weight = weight_of(f, s->window, t);
		unsigned j = 0;

		if (s->key != key || (source != UINT32_MAX && s->source != source))
			continue;
		e.all += weight;
		e.bytes_sum += weight * (double)s->bytes;
		e.bytes_squares += weight * (double)s->bytes * (double)s->bytes;
		if (s->window < first)
			continue;
		e.count++;
		e.least = s->bytes < e.least ? s->bytes : e.least;
		e.largest = s->bytes > e.largest ? s->bytes : e.largest;
		if (s->tsc > e.last_tsc) {
			e.last_tsc = s->tsc;
			e.last = s->bytes;
		}
		while (j < e.different && hashes[j] != s->hash)
			j++;
		if (j == e.different)
			hashes[e.different++] = s->hash;
	}
	return e;
}

static void near(double got, double want, double tolerance)
{
	if (fabs(got - want) > tolerance * fabs(want))
		fail_msg("%.9g is not %.9g", got, want);
}

static void check_value(const struct window_value *v, const struct expected *e)
{
	assert_int_equal(v->there,
		v->aggregate == FLOW_RATE || v->aggregate == FLOW_AVG ? e->all > 0 : e->count > 0);
	if (!v->there)
		return;
	switch (v->aggregate) {
	case FLOW_AVG:
		near(v->value, e->bytes_sum / e->all, 1e-9);
		near(v->squares, e->bytes_squares / e->all, 1e-9);
		break;
	case FLOW_MIN:
		assert_true(v->value == e->least);
		break;
	case FLOW_MAX:
		assert_true(v->value == e->largest);
		break;
	case FLOW_LAST:
		assert_true(v->value == e->last);
		assert_int_equal(v->tsc, e->last_tsc);
		break;
	case FLOW_COUNT:
		near(v->value, (double)e->different, v->sketch.registers ? 0.07 : 0);
		break;
	default:
		fail_msg("a rate");
	}
}

static void check_sighting(const struct fixture *f, uint32_t number, double t)
{
	static struct sketch room;
	const struct sighting *g = sighting_at(&f->s, number);
	const struct sighting_key *k = sighting_key_at(&f->s, g->key);
	struct window_value v;
	struct expected e;
	uint32_t key;

	memcpy(&key, sighting_key_bytes(k), sizeof(key));
	e = expect(f, t, key, g->source);
	sighting_value(&f->s, number, FRAMES, &room, &v);
	near(v.value, 10 * e.all / f->s.weight, 1e-9);
	for (unsigned i = AVG; i <= COUNT; i++) {
		sighting_value(&f->s, number, i, &room, &v);
		assert_int_equal(v.aggregate, i);
		check_value(&v, &e);
		if (v.there) /* smoothed in floats */
			near(v.samples, sightings_samples(&f->s, e.all), 1e-5);
	}
}

static void check_key(const struct fixture *f, uint32_t number, double t)
{
	struct window_value v;
	struct expected e;
	uint32_t key;

	memcpy(&key, sighting_key_bytes(sighting_key_at(&f->s, number)), sizeof(key));
	e = expect(f, t, key, UINT32_MAX);
	for (unsigned i = AVG; i <= COUNT; i++) {
		sighting_key_value(&f->s, number, i, &v);
		check_value(&v, &e);
	}
}

static void check(const struct fixture *f, double t)
{
	for (uint32_t i = 0; i < f->s.sightings.count; i++)
		check_sighting(f, i, t);
	for (uint32_t i = 0; i < f->s.keys.count; i++) {
		if (sighting_key_at(&f->s, i)->there)
			check_key(f, i, t);
	}
}

/* ---- the tests ---- */

static const char all[] = "avg:bytes,min:bytes,max:bytes,last:bytes,count:ipsource";

/* A sighting that is forgotten takes its samples with it; none is, in so short a time. */
static void run(double t, double seconds, unsigned windows, unsigned samples, unsigned every)
{
	struct fixture *f = fixture_open("frames", all, t);

	for (unsigned i = 0; i < windows; i++) {
		fill_window(f, samples);
		close_window(f, seconds * (1 + 0.001 * (i % 3)));
		if (i % every == 0)
			check(f, t);
	}
	assert_int_equal(f->s.lanes.full, 0);
	fixture_close(f);
}

static void test_windows_of_panes(void **state)
{
	run(2, 1, 40, 300, 1);
}

static void test_short_windows(void **state)
{
	run(6, 0.2, 60, 60, 3);
}

static void test_long_windows(void **state)
{
	run(0.5, 10, 9, 500, 1);
}

/* A value that is over is absent, and the flow is forgotten with all that it had. */
static void test_over(void **state)
{
	struct fixture *f = fixture_open("max:bytes", "count:ipsource,frames", 2);
	struct top_key keys[5];
	struct window_value v;

	for (unsigned i = 0; i < 1000; i++)
		put(f, 0, (struct seen){.key = 1, .bytes = i, .hash = hash_of(i), .tsc = i});
	put(f, 0, (struct seen){.key = 2, .bytes = 0, .hash = 1, .tsc = 1});
	close_window(f, 1);
	assert_int_equal(top_keys(&f->s, 1, 5, keys), 2); /* 0 is a value, too */
	assert_int_equal(sighting_key_value(&f->s, keys[0].number, 0, &v),
		sighting_key_at(&f->s, keys[0].number)->best);
	assert_true(v.value == 999);
	assert_true(f->s.lanes.bytes > SKETCH_REGISTERS);
	close_window(f, 1);
	assert_int_equal(top_keys(&f->s, 1, 5, keys), 2);
	close_window(f, 1); /* two seconds without a sample */
	assert_int_equal(top_keys(&f->s, 1, 5, keys), 0);
	assert_int_equal(sighting_key_value(&f->s, 0, 0, &v), BASE_INDEX_NONE);
	assert_int_equal(f->s.lanes.bytes, 0);
	assert_int_equal(f->s.sightings.count, 2);
	sighting_key_value(&f->s, 0, 2, &v);
	assert_true(v.there && v.value > 0); /* rates fade */
	for (unsigned i = 0; i < 20; i++)
		close_window(f, 1);
	assert_int_equal(f->s.sightings.count, 0);
	fixture_close(f);
}

/* Whoever moves to the number of one that is gone keeps what is its own. */
static void test_moves(void **state)
{
	struct fixture *f = fixture_open("frames", all, 1);

	for (unsigned i = 0; i < 60; i++) {
		/* Other keys every few windows. */
		for (unsigned j = 0; j < 200; j++)
			put(f, j % 2,
				(struct seen){.key = 1000 + i / 4 * 5 + dice_below(&f->d, 10),
					.source = j % SOURCES,
					.bytes = dice_below(&f->d, 1000),
					.hash = hash_of(dice_below(&f->d, 100)),
					.tsc = ++f->tsc});
		close_window(f, 1);
		check(f, 1);
	}
	assert_true(f->s.sightings.count < 200);
	fixture_close(f);
}

/* Sketches that find no room are counted, and their values absent, until their pane is gone. */
static void test_sketches_full(void **state)
{
	struct fixture *f = fixture_open("frames", "count:ipsource", 1);
	struct window_value v;
	unsigned there = 0;

	f->s.lanes.bytes_max = 3 * 2100;
	for (unsigned i = 0; i < 5 * 500; i++)
		put(f, 0, (struct seen){.key = i % 5, .hash = hash_of(i / 5), .tsc = i});
	close_window(f, 1);
	for (uint32_t i = 0; i < 5; i++) {
		sighting_key_value(&f->s, i, 1, &v);
		there += v.there;
		if (v.there)
			near(v.value, 500, 0.07);
	}
	assert_int_equal(there, 3);
	assert_int_equal(f->s.lanes.full, 2);
	put(f, 0, (struct seen){.key = 4, .hash = 1, .tsc = 1});
	close_window(f, 1);
	sighting_key_value(&f->s, 4, 1, &v);
	assert_true(v.there && v.value == 1);
	fixture_close(f);
}

/* ---- values that readers merge ---- */

static struct window_value value_of(unsigned aggregate, double value, double samples)
{
	return (struct window_value){
		.aggregate = (uint8_t)aggregate, .there = true, .value = value, .samples = samples};
}

static void test_merge_numbers(void **state)
{
	static const struct {
		unsigned aggregate;
		bool sum;
		double a, b, want, samples;
		bool wins;
	} cases[] = {
		{FLOW_RATE, false, 3, 5, 5, 20, true},
		{FLOW_RATE, false, 5, 3, 5, 10, false},
		{FLOW_RATE, true, 3, 5, 8, 30, true},
		{FLOW_AVG, false, 3, 9, 7, 30, true},
		{FLOW_AVG, true, 9, 3, 5, 30, true},
		{FLOW_MIN, false, 3, 5, 3, 30, false},
		{FLOW_MIN, true, 5, 3, 3, 30, true},
		{FLOW_MAX, true, 3, 5, 5, 30, true},
		{FLOW_MAX, false, 5, 3, 5, 30, false},
		{FLOW_LAST, false, 5, 3, 3, 30, true},
	};

	for (unsigned i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct window_value a = value_of(cases[i].aggregate, cases[i].a, 10),
				    b = value_of(cases[i].aggregate, cases[i].b, 20),
				    none = {.aggregate = (uint8_t)cases[i].aggregate};

		a.tsc = 1;
		b.tsc = 2;
		assert_int_equal(window_value_merge(&a, &b, cases[i].sum, NULL), cases[i].wins);
		assert_true(a.value == cases[i].want);
		assert_true(a.samples == cases[i].samples);
		assert_false(window_value_merge(&a, &none, cases[i].sum, NULL));
		assert_true(a.value == cases[i].want);
		assert_true(window_value_merge(&none, &b, cases[i].sum, NULL));
		assert_true(none.there && none.value == cases[i].b);
	}
}

static void test_merge_counts(void **state)
{
	static struct sketch s[3], room;
	struct window_value v[3], none = {.aggregate = FLOW_COUNT};

	for (unsigned i = 0; i < 3; i++) {
		sketch_clear(&s[i]);
		for (unsigned j = 0; j < 40; j++)
			sketch_add(&s[i], hash_of(j + 30 * i));
		v[i] = value_of(FLOW_COUNT, 40, 100);
		v[i].sketch = sketch_view(&s[i]);
	}
	assert_true(window_value_merge(&none, &v[0], false, &room));
	assert_true(none.value == 40);
	window_value_merge(&none, &v[1], false, &room);
	window_value_merge(&none, &v[2], true, &room);
	assert_true(none.value == 100); /* 0 to 99 */
	assert_true(none.samples == 300);
	assert_int_equal(s[0].count, 40); /* the sketches that were merged are as they were */
}

static void test_errors(void **state)
{
	struct window_value v = value_of(FLOW_RATE, 5, 400), more = value_of(FLOW_RATE, 3, 9);
	static struct sketch s;

	v.squares = 25. / 400;
	near(window_value_error95(&v), 1.96 / 20, 1e-12);
	more.squares = 9. / 9;
	window_value_merge(&v, &more, true, NULL);
	near(window_value_error95(&v), 1.96 * sqrt(25. / 400 + 1) / 8, 1e-12);
	v = value_of(FLOW_AVG, 10, 101);
	v.squares = 104; /* variance 4 */
	near(window_value_error95(&v), 1.96 * sqrt(4.04 / 101) / 10, 1e-9);
	v.samples = 1;
	assert_true(isnan(window_value_error95(&v)));
	v = value_of(FLOW_MAX, 10, 100);
	assert_true(isnan(window_value_error95(&v)));
	v = value_of(FLOW_COUNT, 3, 100);
	sketch_clear(&s);
	v.sketch = sketch_view(&s);
	assert_true(window_value_error95(&v) == 0);
	s.dense = true;
	v.sketch = sketch_view(&s);
	near(window_value_error95(&v), 1.96 * 0.02298, 1e-3);
	v.there = false;
	assert_true(isnan(window_value_error95(&v)));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_windows_of_panes),
		cmocka_unit_test(test_short_windows),
		cmocka_unit_test(test_long_windows),
		cmocka_unit_test(test_over),
		cmocka_unit_test(test_moves),
		cmocka_unit_test(test_sketches_full),
		cmocka_unit_test(test_merge_numbers),
		cmocka_unit_test(test_merge_counts),
		cmocka_unit_test(test_errors),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
