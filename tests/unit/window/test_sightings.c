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

/*
 * The model: a list of flows, one for each key and data source, searched from end to end, with the
 * formulas as the documentation has them.
 */
enum { KEYS = 120, SOURCES = 5, FLOWS = KEYS * SOURCES };

struct flow {
	bool in;
	double rate, sample_rate;
	uint64_t value;
	uint32_t samples, idle;
	bool known;
};

struct fixture {
	struct base_hash hash;
	struct sightings s;
	struct dice d;
	uint32_t refs[SOURCES];
	/* The model: */
	struct flow flow[KEYS][SOURCES];
	uint32_t max, count, patience;
	double slight;
	double weights, squares; /* sums over windows */
	uint64_t other;
};

/* Some of them longer than an entry has room for; two that differ in length alone. */
static unsigned key_of(uint32_t number, uint8_t *key)
{
	static const unsigned lens[6] = {4, 5, 37, 38, 39, 100};
	unsigned len = lens[number % 6];

	memset(key, 0x55, len);
	base_put_u32(key, number / 6);
	return len;
}

static uint32_t number_of_bytes(const uint8_t *bytes, unsigned key_len)
{
	uint8_t key[TABLE_KEY_MAX];

	for (uint32_t number = 0; number < KEYS; number++) {
		unsigned len = key_of(number, key);

		if (len == key_len && memcmp(bytes, key, len) == 0)
			return number;
	}
	fail_msg("no such key");
	return 0;
}

static struct fixture *fixture_open(double t, uint32_t max, uint64_t seed)
{
	struct fixture *f = calloc(1, sizeof(*f));

	assert_non_null(f);
	assert_int_equal(base_hash_init(&f->hash), 0);
	assert_int_equal(sightings_init(&f->s, t, max, 0), 0);
	f->max = max;
	f->d.state = seed;
	return f;
}

static void fixture_close(struct fixture *f)
{
	sightings_fini(&f->s);
	free(f);
}

static uint64_t source_hash(uint32_t source)
{
	return source * UINT64_C(0x9E3779B97F4A7C15);
}

static void put(
	struct fixture *f, struct table *t, uint32_t number, uint32_t source, uint64_t value)
{
	static struct table_batch batch;
	unsigned len = key_of(number, table_batch_key(&batch));
	uint64_t hash = table_hash(
		base_hash_bytes(&f->hash, table_batch_key(&batch), len), source_hash(source));

	table_batch_add(&batch, hash, len, source, value);
	table_apply(t, &batch, NULL);
}

static uint32_t number_of(const struct sighting_key *k)
{
	return number_of_bytes(sighting_key_bytes(k), k->len);
}

/* What the sightings are about to be given, taken over by the model in the same order. */
static void model_add(struct fixture *f, const struct table *t, const struct table_source *sources)
{
	for (uint32_t i = 0; i < t->count; i++) {
		const struct table_entry *e = table_entry_at(t, i);
		uint32_t number = number_of_bytes(table_key(t, e), table_key_len(t, e));
		struct flow *flow = &f->flow[number][sources[e->source].number];

		if (!flow->in && f->count == f->max) {
			f->other = table_sum(f->other, e->value);
			continue;
		}
		f->count += !flow->in;
		flow->in = true;
		flow->value = table_sum(flow->value, e->value);
		flow->samples += e->samples;
	}
}

/* The table of one core; its numbers of data sources are its own. */
static void add_table(struct fixture *f, unsigned updates, uint32_t keys)
{
	uint32_t shift = dice_below(&f->d, SOURCES), before;
	struct table_source sources[SOURCES];
	struct table t;

	assert_int_equal(table_init(&t, 8 * FLOWS, 0, -1), 0);
	for (uint32_t i = 0; i < SOURCES; i++)
		sources[i] = (struct table_source){i, table_index_hash(source_hash(i))};
	while (updates--)
		put(f, &t, dice_below(&f->d, keys), (dice_below(&f->d, SOURCES) + shift) % SOURCES,
			dice_below(&f->d, 100000));
	model_add(f, &t, sources);
	before = f->s.sightings.count;
	sightings_add(&f->s, 1, 1, &t, sources);
	for (uint32_t i = before; i < f->s.sightings.count; i++)
		f->refs[sighting_at(&f->s, i)->source]++;
	table_fini(&t);
}

static void gone(void *ctx, uint32_t source)
{
	struct fixture *f = ctx;

	assert_true(f->refs[source] > 0);
	f->refs[source]--;
}

/* One that is not known is as old as one without a sample for eight times as long. */
static uint32_t age_of(const struct fixture *f, const struct flow *flow)
{
	uint32_t age = 8 * flow->idle < f->patience ? 8 * flow->idle : f->patience;

	return flow->known || flow->idle > age ? flow->idle : age;
}

static void model_forget(struct fixture *f, uint32_t idle)
{
	for (unsigned i = 0; i < FLOWS; i++) {
		struct flow *flow = &f->flow[i / SOURCES][i % SOURCES];

		if (flow->in && age_of(f, flow) > idle) {
			*flow = (struct flow){0};
			f->count--;
		}
	}
}

static void model_close(struct fixture *f, double seconds)
{
	double keep = f->s.t > 0 ? exp(-seconds / f->s.t) : 0;
	uint32_t idle = (uint32_t)(7 * f->s.t / seconds) + 1;

	f->patience = idle;
	f->slight = (1 - keep) / seconds;
	f->weights = f->weights * keep + (1 - keep);
	f->squares = f->squares * keep * keep + (1 - keep) * (1 - keep) / seconds;
	for (unsigned i = 0; i < FLOWS; i++) {
		struct flow *flow = &f->flow[i / SOURCES][i % SOURCES];

		if (!flow->in)
			continue;
		flow->rate = flow->rate * keep + (double)flow->value / seconds * (1 - keep);
		flow->sample_rate = flow->sample_rate * keep + flow->samples / seconds * (1 - keep);
		flow->idle = flow->samples ? 0 : flow->idle + 1;
		flow->known |= flow->sample_rate > 1.01 * f->slight;
	}
	model_forget(f, idle);
	while (f->count > f->max / 3 * 2 && idle > 0)
		model_forget(f, idle /= 2);
}

static void assert_near(double a, double b, double relative)
{
	if (fabs(a - b) > relative * (fabs(a) + fabs(b)) + 1e-9)
		fail_msg("%g is not %g", a, b);
}

static void check_sighting(struct fixture *f, uint32_t number, uint32_t *refs)
{
	const struct sighting *g = sighting_at(&f->s, number);
	const struct sighting_key *k = sighting_key_at(&f->s, g->key);
	const struct flow *flow = &f->flow[number_of(k)][g->source];

	assert_true(flow->in);
	assert_near(g->rate, flow->rate, 1e-12);
	assert_near(g->sample_rate, flow->sample_rate, 1e-4); /* a float */
	assert_int_equal(g->idle, flow->idle);
	assert_int_equal(g->value, 0);
	assert_false(g->seen);
	refs[g->source]++;
}

/* The largest over all data sources, and where that is. */
static void check_key(struct fixture *f, uint32_t number, uint32_t *live)
{
	const struct sighting_key *k = sighting_key_at(&f->s, number);
	const struct flow *flows;
	uint32_t sources = 0, samples = 0;
	double largest = 0;

	if (!k->there)
		return;
	flows = f->flow[number_of(k)];
	for (unsigned i = 0; i < SOURCES; i++) {
		sources += flows[i].in;
		samples += flows[i].in && flows[i].samples;
		largest = fmax(largest, flows[i].rate);
	}
	assert_true(sources > 0);
	assert_near(sighting_key_rank(&f->s, number), largest, 1e-12);
	assert_int_equal(sighting_at(&f->s, k->best)->key, number);
	assert_int_equal(k->live, samples > 0);
	*live += samples > 0;
}

static void check(struct fixture *f, uint64_t closed)
{
	uint32_t refs[SOURCES] = {0}, live = 0;

	assert_int_equal(f->s.sightings.count, f->count);
	for (uint32_t i = 0; i < f->s.sightings.count; i++)
		check_sighting(f, i, refs);
	assert_memory_equal(refs, f->refs, sizeof(refs));
	for (uint32_t i = 0; i < f->s.keys.count; i++)
		check_key(f, i, &live);
	assert_int_equal(f->s.live_keys, live);
	assert_true(f->s.closed_value == closed);
	assert_near(f->s.weight, f->weights, 1e-12);
	assert_near(f->s.weight2, f->squares, 1e-12);
}

static void close_window(struct fixture *f, double seconds)
{
	uint64_t closed = 0;

	for (unsigned i = 0; i < FLOWS; i++)
		closed += f->flow[i / SOURCES][i % SOURCES].value;
	assert_true(f->s.other == f->other);
	close_range(&f->s, seconds, gone, f);
	model_close(f, seconds);
	check(f, closed);
	assert_int_equal(f->s.other, 0);
	f->other = 0;
	for (unsigned i = 0; i < FLOWS; i++) {
		f->flow[i / SOURCES][i % SOURCES].value = 0;
		f->flow[i / SOURCES][i % SOURCES].samples = 0;
	}
}

/* Windows of several cores and various lengths; the traffic comes and goes. */
static void random_windows(double t, uint32_t max)
{
	struct fixture *f = fixture_open(t, max, (uint64_t)(t * 1000) + max);

	for (unsigned window = 0; window < 60; window++) {
		unsigned cores = dice_below(&f->d, 4);

		while (cores--)
			add_table(f, dice_below(&f->d, 100), window % 20 < 10 ? KEYS : 7);
		close_window(f, window % 7 == 6 ? 2.5 : 1);
	}
	for (unsigned window = 0; window < (unsigned)(7 * t) + 3; window++)
		close_window(f, 1);
	assert_int_equal(f->s.sightings.count, 0);
	assert_int_equal(f->s.keys.count, f->s.keys.holes);
	for (unsigned i = 0; i < SOURCES; i++)
		assert_int_equal(f->refs[i], 0);
	fixture_close(f);
}

static void test_random(void **state)
{
	random_windows(2, FLOWS);
	random_windows(0.5, FLOWS);
	random_windows(10, FLOWS);
}

static void test_no_smoothing(void **state)
{
	random_windows(0, FLOWS);
}

/* What finds no room is added to other, and only that. */
static void test_full(void **state)
{
	random_windows(2, 1);
	random_windows(2, 64);
	random_windows(2, 100);
}

static void test_long_keys_at_end(void **state)
{
	struct fixture *f = fixture_open(2, FLOWS, 9);

	add_table(f, 200, KEYS);
	close_window(f, 1);
	fixture_close(f); /* a sanitizer sees keys that are not freed */
}

/* A steady flow shows its rate from its first window on, and the samples that stand behind it. */
static void test_steady(void **state)
{
	struct fixture *f = fixture_open(5, FLOWS, 1);

	for (unsigned window = 1; window <= 100; window++) {
		double n, keep = exp(-0.5 / 5);
		struct table t;
		struct table_source sources[SOURCES] = {{0}};

		assert_int_equal(table_init(&t, 10, 0, -1), 0);
		for (unsigned i = 0; i < 20; i++)
			put(f, &t, 1, 0, 100);
		sightings_add(&f->s, 1, 1, &t, sources);
		table_fini(&t);
		f->refs[0] = 1;
		close_range(&f->s, 0.5, gone, f);
		assert_near(sightings_rate(&f->s, sighting_key_rank(&f->s, 0)), 4000, 1e-9);
		n = sightings_samples(&f->s, sighting_at(&f->s, 0)->sample_rate);
		/* As of a mean over 1 window, then more and more of them, up to (1 + k) / (1 - k). */
		assert_near(n,
			20 * (1 - pow(keep, window)) / (1 + pow(keep, window)) * (1 + keep) /
				(1 - keep),
			1e-4);
	}
	fixture_close(f);
}

/* A last window that is short, as at the end of a run, takes nothing from what is known. */
static void test_short_last_window(void **state)
{
	struct fixture *f = fixture_open(2, FLOWS, 1);
	const struct table_source sources[SOURCES] = {{0}};
	double n = 0;

	f->refs[0] = 1;
	for (unsigned window = 0; window < 21; window++) {
		bool last = window == 20;
		struct table t;

		n = sightings_samples(
			&f->s, f->s.sightings.count ? sighting_at(&f->s, 0)->sample_rate : 0);
		assert_int_equal(table_init(&t, 10, 0, -1), 0);
		for (unsigned i = 0; i < (last ? 10u : 500u); i++)
			put(f, &t, 1, 0, 100);
		sightings_add(&f->s, 1, 1, &t, sources);
		table_fini(&t);
		close_range(&f->s, last ? 0.1 : 5, gone, f);
	}
	assert_near(sightings_samples(&f->s, sighting_at(&f->s, 0)->sample_rate), n, 0.1);
	fixture_close(f);
}

/* Flows that come and go, with a long memory: those that are over make room for the new ones. */
static void test_churn(void **state)
{
	enum { EACH = 50, WINDOWS = 40 };
	struct fixture *f = fixture_open(600, 2 * EACH, 1);
	const struct table_source sources[SOURCES] = {{0}};

	for (unsigned window = 0; window < WINDOWS; window++) {
		struct table_batch batch = {0};
		struct table t;

		assert_int_equal(table_init(&t, EACH, 4, -1), 0);
		for (uint32_t i = 0; i < EACH; i++) {
			uint32_t key = window * EACH + i;

			memcpy(table_batch_key(&batch), &key, sizeof(key));
			table_batch_add(&batch, base_hash_bytes(&f->hash, &key, sizeof(key)),
				sizeof(key), 0, 1);
		}
		table_apply(&t, &batch, NULL);
		sightings_add(&f->s, 1, 1, &t, sources);
		table_fini(&t);
		f->refs[0] = WINDOWS * EACH;
		assert_true(f->s.other == 0);
		close_range(&f->s, 0.1, gone, f);
		assert_int_equal(f->s.live_keys, EACH);
	}
	fixture_close(f);
}

static void test_before_first_window(void **state)
{
	struct fixture *f = fixture_open(5, FLOWS, 1);

	assert_true(sightings_rate(&f->s, 0) == 0);
	assert_true(sightings_samples(&f->s, 0) == 0);
	close_window(f, 1);
	assert_int_equal(f->s.live_keys, 0);
	fixture_close(f);
}

static void test_saturates(void **state)
{
	struct fixture *f = fixture_open(2, 1, 1);
	const struct table_source sources[SOURCES] = {{0}};
	struct table t;

	assert_int_equal(table_init(&t, 10, 0, -1), 0);
	put(f, &t, 1, 0, UINT64_MAX - 5);
	put(f, &t, 2, 0, UINT64_MAX - 5);
	for (unsigned core = 0; core < 2; core++)
		sightings_add(&f->s, 1, 1, &t, sources);
	f->refs[0] = 1;
	assert_true(sighting_at(&f->s, 0)->value == UINT64_MAX);
	assert_true(f->s.other == UINT64_MAX);
	close_range(&f->s, 1, gone, f);
	assert_true(f->s.closed_value == UINT64_MAX);
	table_fini(&t);
	fixture_close(f);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_random),
		cmocka_unit_test(test_no_smoothing),
		cmocka_unit_test(test_full),
		cmocka_unit_test(test_long_keys_at_end),
		cmocka_unit_test(test_steady),
		cmocka_unit_test(test_before_first_window),
		cmocka_unit_test(test_short_last_window),
		cmocka_unit_test(test_churn),
		cmocka_unit_test(test_saturates),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
