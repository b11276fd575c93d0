/* SPDX-License-Identifier: BSD-3-Clause */
#include "telemetry.h"

#include <errno.h>
#include <pthread.h>
#include <rte_telemetry.h>
#include <stdlib.h>
#include <string.h>

#include "stats/stats.h"

/* Commands cannot be taken back from DPDK, whose thread calls them until the end. */
static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
static struct window_exchange *exchange;

typedef int answer(const struct window_snapshot *s, const char *text, struct rte_tel_data *d);

static int list_names(const struct window_snapshot *s, struct rte_tel_data *d)
{
	int err = rte_tel_data_start_array(d, RTE_TEL_STRING_VAL);

	for (unsigned i = 0; err == 0 && i < s->collector_count; i++)
		err = rte_tel_data_add_array_string(d, s->collector[i].name);
	return err;
}

static int list_values(const struct window_snapshot *s, const char *prefix, struct rte_tel_data *d)
{
	int err;

	if (!prefix[0])
		return list_names(s, d);
	err = rte_tel_data_start_dict(d);
	for (unsigned i = 0; err == 0 && i < s->collector_count; i++) {
		const struct metric_pair *p = &s->collector[i];

		if (strncmp(p->name, prefix, strlen(prefix)) != 0)
			continue;
		err = p->number ? rte_tel_data_add_dict_u64(d, p->name, strtoull(p->text, NULL, 10))
				: rte_tel_data_add_dict_string(d, p->name, p->text);
	}
	return err == -ENOSPC ? 0 : err;
}

static int explain(const struct window_snapshot *s, const char *name, struct rte_tel_data *d)
{
	int err = rte_tel_data_start_dict(d);

	for (unsigned i = 0; err == 0 && i < s->collector_count; i++) {
		const struct stats_def *def = s->collector_defs[i];

		if (strcmp(s->collector[i].name, name) != 0)
			continue;
		if (!def)
			return rte_tel_data_add_dict_string(d, "value", s->collector[i].text);
		err = rte_tel_data_add_dict_u64(
			d, "value", strtoull(s->collector[i].text, NULL, 10));
		if (err == 0)
			err = rte_tel_data_add_dict_string(d, "unit", def->unit);
		if (err == 0)
			err = rte_tel_data_add_dict_string(
				d, "kind", def->gauge ? "gauge" : "counter");
		return err < 0 ? err : rte_tel_data_add_dict_string(d, "help", def->help);
	}
	return err;
}

static int with_snapshot(answer *ask, const char *text, struct rte_tel_data *d)
{
	const struct window_snapshot *s;
	int err = -EAGAIN;

	pthread_mutex_lock(&mutex);
	if (exchange) {
		window_exchange_register();
		s = window_exchange_hold(exchange);
		if (s && s->collector_defs)
			err = ask(s, text ? text : "", d);
		window_exchange_release(exchange);
		window_exchange_unregister();
	}
	pthread_mutex_unlock(&mutex);
	return err;
}

static int counters(const char *command, const char *prefix, struct rte_tel_data *d)
{
	return with_snapshot(list_values, prefix, d);
}

static int counter(const char *command, const char *name, struct rte_tel_data *d)
{
	return with_snapshot(explain, name, d);
}

int telemetry_start(struct window_exchange *x)
{
	int err;

	pthread_mutex_lock(&mutex);
	exchange = x;
	pthread_mutex_unlock(&mutex);
	err = rte_telemetry_register_cmd("/weir/counters", counters,
		"Counters of the collector. Parameter: how their names begin; without one, all "
		"names");
	if (err == 0 || err == -EEXIST)
		err = rte_telemetry_register_cmd("/weir/counter", counter,
			"One counter: value, unit, meaning. Parameter: its name");
	return err == -EEXIST ? 0 : err;
}

void telemetry_stop(void)
{
	pthread_mutex_lock(&mutex);
	exchange = NULL;
	pthread_mutex_unlock(&mutex);
}
