/* SPDX-License-Identifier: BSD-3-Clause */
#include "aggregate.h"

#include <rte_cycles.h>

#include "api/api.h"
#include "base/clock.h"
#include "base/log.h"
#include "capacity/capacity.h"
#include "ifmib/ifmib.h"
#include "losses.h"
#include "metric/read.h"
#include "names/names.h"
#include "nic.h"
#include "publish/publish.h"
#include "resolve/resolve.h"
#include "store.h"
#include "window/generation.h"
#include "window/grid.h"
#include "window/keep.h"
#include "window/mailbox.h"
#include "window/report.h"

BASE_LOG_TYPE(log_interfaces, "interfaces");

enum {
	AGGREGATE_NAP_MS = 20, /* longest sleep: how soon a stop is noticed */
	AGGREGATE_ONCE_NAP_US =
		200, /* with a finite source: how soon a wish for a seal is noticed */
	AGGREGATE_RECORDS_MS = 2000, /* at the end: how long flow records wait for Redis */
	AGGREGATE_LONG_S =
		10, /* so long a window always has a view: nobody is to wait for the next */
	AGGREGATE_FORWARD_NS = 1000000000, /* less than that two clocks may differ */
	AGGREGATE_MORE = 11 + STATUS_GROUPS,
};

static void totals_add(struct rx_totals *t, const struct window *w)
{
	t->cycles_busy += w->stats[WINDOW_CYCLES_BUSY];
	t->cycles_total += w->stats[WINDOW_CYCLES_TOTAL];
	t->packets += w->ingress[INGRESS_PACKETS];
	t->samples += w->sflow[SFLOW_SAMPLES];
}

static void exchange_all(struct aggregate *a, struct generation *g, uint64_t tsc, uint64_t wall_ns)
{
	for (unsigned i = 0; i < a->rx_count; i++) {
		if (g)
			generation_spare(g, i, &a->rx[i]->seal);
		seal_exchange(&a->rx[i]->seal, tsc, wall_ns);
	}
	seal_wait(&rx_domain);
}

static void merge_all(struct aggregate *a, struct generation *g)
{
	for (unsigned i = 0; i < a->rx_count; i++) {
		struct seal *s = &a->rx[i]->seal;

		s->sealed->core = i;
		totals_add(&a->totals[i], s->sealed);
		merge_window(a->merge, s->sealed);
		if (g)
			generation_sealed(g, i, s);
		else
			seal_give_back(s);
	}
}

/*
 * Take all windows from the RX cores, merge them, hand them back; where a change of definitions
 * waits, put it in force with that. A window of `once` has no beginning on a clock.
 */
static void seal_and_merge(struct aggregate *a, uint64_t tsc, uint64_t wall_ns)
{
	struct generation *g = mailbox_take(a->box);
	double late = a->once ? 0 : (double)(tsc - a->opened_tsc) / a->tsc_per_second;
	uint64_t merged;

	a->sealed_ns = base_clock_mono_ns();
	exchange_all(a, g, tsc, wall_ns);
	merged = base_clock_mono_ns();
	merge_all(a, g);
	if (g) {
		generation_merge(g, a->merge, late);
		mailbox_return(a->box, g);
	}
	if (merged - a->sealed_ns > a->times.grace)
		a->times.grace = merged - a->sealed_ns;
	a->times.merge += base_clock_mono_ns() - merged;
	a->times.seals++;
}

static bool wants_view(struct aggregate *a)
{
	bool asked = window_exchange_wants_view(a->exchange);

	return a->api && (asked || a->window_ns >= AGGREGATE_LONG_S * UINT64_C(1000000000));
}

static void report(struct aggregate *a, uint64_t start_ns, uint64_t end_ns, double seconds)
{
	uint64_t publish[PUBLISH_STATS] = {0}, api[API_STATS] = {0};
	uint64_t names[RESOLVE_STATS] = {0}, snmp[IFMIB_STATS] = {0};
	uint64_t capacity[CAPACITY_STATS] = {0}, store[STORE_STATS] = {0}, nic[NIC_STATS];
	const struct report_text text = {"publish_reason", a->reason};
	const struct losses *l = a->losses;
	struct report_stats more[AGGREGATE_MORE] = {{&losses_port_stats, l->port},
		{&l->queue_stats, l->queue}, {&losses_stats, l->loss}, {&nic_stats, nic},
		{&publish_stats, publish}, {&api_stats, api},
		{&trigger_stats, triggers_stats(a->triggers)}, {&resolve_stats, names},
		{&ifmib_stats, snmp}, {&capacity_stats, capacity}, {&store_stats, store}};
	struct report_options o = {.number = ++a->number,
		.start_ms = start_ns / 1000000,
		.end_ms = end_ns / 1000000,
		.sealed_ns = a->sealed_ns,
		.complete = window_exchange_wants_all(a->exchange) || rx_flag(&a->stop),
		.view = wants_view(a),
		.more = more,
		.more_count = AGGREGATE_MORE,
		.texts = &text,
		.text_count = a->publish ? 1 : 0};
	struct window_snapshot *s;

	losses_read(a->losses, a->merge);
	nic_read_stats(a->nic, nic);
	if (a->publish) {
		publish_read_stats(a->publish, publish);
		publish_read_reason(a->publish, a->reason, sizeof(a->reason));
	}
	if (a->store)
		store_read_stats(a->store, store);
	if (a->api)
		api_read_stats(a->api, api);
	if (a->resolve)
		resolve_read_stats(a->resolve, names);
	if (a->ifmib)
		ifmib_read_stats(a->ifmib, snmp);
	if (a->capacity)
		capacity_read_stats(a->capacity, capacity);
	status_read(
		a->status, &a->times, a->totals, seconds, &more[AGGREGATE_MORE - STATUS_GROUPS]);
	s = report_make(a->merge, &o);
	if (!s)
		return;
	history_add(a->history, s);
	window_exchange_put(a->exchange, s);
}

static bool want_agent(void *ctx, const struct metric_agent *agent)
{
	ifmib_want(ctx, metric_agent_addr(agent), 1);
	return true;
}

/* Of those that nobody has taken the newest count. */
void aggregate_give_names(struct aggregate *a, struct names *names)
{
	names_destroy(__atomic_exchange_n(&a->configured, names, __ATOMIC_ACQ_REL));
}

static void renamed(void *ctx, const struct base_addr *agent)
{
	metric_store_rename(ctx, agent);
}

/* What another configuration says of interfaces, once. */
static void take_names(struct aggregate *a)
{
	struct names *names = __atomic_exchange_n(&a->configured, NULL, __ATOMIC_ACQ_REL);

	if (names && !names_configure(a->interfaces, names, renamed, a->merge->metrics))
		base_log(&log_interfaces, BASE_LOG_WARNING,
			"names of interfaces stay as they were: out of memory");
}

/* Which agents there are, and what is new of their interfaces. */
static void tend_interfaces(struct aggregate *a)
{
	struct names_table *t;

	take_names(a);
	if (!a->ifmib)
		return;
	metric_each_agent(a->merge->metrics, want_agent, a->ifmib);
	while ((t = ifmib_take(a->ifmib))) {
		struct base_addr agent = t->agent;

		if (t->count == 0) {
			names_remove(a->interfaces, &agent);
			names_table_free(t);
		} else if (!names_put(a->interfaces, t)) {
			base_log(&log_interfaces, BASE_LOG_WARNING,
				"names of interfaces take too much memory: those of some agents "
				"are left out");
		}
		metric_store_rename(a->merge->metrics, &agent);
	}
}

/* End the window of the wall clock: rates, events, then the snapshot, which wakes the publisher. */
static void close_window(struct aggregate *a, uint64_t start_ns, uint64_t end_ns, double seconds)
{
	uint64_t began = base_clock_mono_ns(), closed;
	bool first = a->merge->windows == 0, last = rx_flag(&a->stop);
	double over = first ? grid_first_seconds(seconds, a->window_ns) : seconds;

	a->merge->patience_ms = last ? AGGREGATE_RECORDS_MS : 0;
	merge_close(a->merge, over, end_ns / 1000000);
	for (unsigned i = 0; i < a->rx_count; i++)
		a->merge->spares[i] = a->rx[i]->seal.spare;
	merge_keep(a->merge);
	triggers_close(a->triggers, a->merge, over, start_ns / 1000000, end_ns / 1000000);
	if (last)
		merge_end_flows(a->merge);
	tend_interfaces(a);
	closed = base_clock_mono_ns();
	a->times.close = closed - began;
	report(a, start_ns, end_ns, seconds);
	merge_next(a->merge);
	a->times = (struct status_times){.report = base_clock_mono_ns() - closed};
}

/* End the window that is open; for the reports it ends at `end_ns`, rates go by the true time. */
static void tick(struct aggregate *a, uint64_t end_ns)
{
	uint64_t tsc = rte_rdtsc(), start_ns = a->opened_ns, now_ns;
	double seconds = (double)(tsc - a->opened_tsc) / a->tsc_per_second;
	int64_t forward_ns; /* that the wall clock was set */

	if (start_ns >= end_ns) /* the wall clock was set back */
		start_ns = end_ns - (uint64_t)(seconds * 1e9);
	now_ns = base_clock_wall_ns();
	forward_ns = (int64_t)(now_ns - a->wall_ns) - (int64_t)(seconds * 1e9);
	a->times.late = now_ns > end_ns ? now_ns - end_ns : 0;
	seal_and_merge(a, tsc, now_ns);
	if (forward_ns > AGGREGATE_FORWARD_NS)
		merge_forward(a->merge, (uint64_t)forward_ns / 1000000);
	close_window(a, start_ns, end_ns, seconds);
	a->opened_ns = end_ns;
	a->wall_ns = now_ns;
	a->opened_tsc = tsc;
}

/* Whether a seal is wanted before the window is over. */
static bool wants_seal(const struct aggregate *a, bool changed)
{
	if (changed)
		return true;
	for (unsigned i = 0; i < a->rx_count; i++) {
		if (rx_flag(&a->rx[i]->tell.tight))
			return true;
	}
	return false;
}

static void run_live(struct aggregate *a)
{
	uint64_t boundary = grid_after(a->opened_ns, a->window_ns);
	bool changed = false;

	while (!rx_flag(&a->stop)) {
		uint64_t now = base_clock_wall_ns(), left;

		rx_beat(&a->beat, a->beat + 1);
		if (now >= boundary) {
			tick(a, now - now % a->window_ns);
			boundary = grid_after(now, a->window_ns);
			continue;
		}
		if (wants_seal(a, changed)) /* or a capture beside live ports does */
			seal_and_merge(a, rte_rdtsc(), now);
		if (boundary - now > 2 * a->window_ns) /* the wall clock was set back */
			boundary = grid_after(now, a->window_ns);
		left = boundary - now;
		changed = mailbox_sleep(a->box, left < AGGREGATE_NAP_MS * UINT64_C(1000000)
							? left
							: AGGREGATE_NAP_MS * UINT64_C(1000000));
	}
	tick(a, base_clock_wall_ns());
}

/* What the capture itself says it spans, at least one window. */
static uint64_t capture_span(const struct aggregate *a, uint64_t *start_ns)
{
	uint64_t first = UINT64_MAX, last = 0, span;

	for (unsigned i = 0; i < a->rx_count; i++) {
		if (a->rx[i]->tell.first_us && a->rx[i]->tell.first_us < first)
			first = a->rx[i]->tell.first_us;
		if (a->rx[i]->tell.last_us > last)
			last = a->rx[i]->tell.last_us;
	}
	*start_ns = first <= last ? first * 1000 : a->opened_ns;
	span = first <= last ? (last - first) * 1000 : 0;
	return span > a->window_ns ? span : a->window_ns;
}

static void run_once(struct aggregate *a)
{
	uint64_t start_ns, span;
	bool changed = false;

	while (!rx_flag(&a->stop)) {
		rx_beat(&a->beat, a->beat + 1);
		if (wants_seal(a, changed))
			seal_and_merge(a, rte_rdtsc(), base_clock_wall_ns());
		changed = mailbox_sleep(a->box, AGGREGATE_ONCE_NAP_US * UINT64_C(1000));
	}
	seal_and_merge(a, rte_rdtsc(), base_clock_wall_ns());
	span = capture_span(a, &start_ns);
	close_window(a, start_ns, start_ns + span, (double)span / 1e9);
}

int aggregate_help(void *arg)
{
	const struct aggregate_helper *h = arg;

	base_team_serve(h->team, h->member);
	return 0;
}

int aggregate_run(void *arg)
{
	struct aggregate *a = arg;

	window_exchange_register(); /* it retires what readers hold */
	if (a->once)
		run_once(a);
	else
		run_live(a);
	window_exchange_unregister();
	return 0;
}
