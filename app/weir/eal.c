/* SPDX-License-Identifier: BSD-3-Clause */
#include "eal.h"

#include <errno.h>
#include <inttypes.h>
#include <rte_eal.h>
#include <rte_errno.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "base/log.h"
#include "base/region.h"
#include "base/text.h"
#include "eal_pvt.h"

BASE_LOG_TYPE(log_type, "eal");

enum {
	ARGS_MOST = 64,
	MB = 1 << 20,
	/* Rings, devices, fragment tables, and DPDK's own. */
	OVERHEAD_MB = 64,
};

/* Written by main at start, then read-only. */
static struct {
	bool started, hugepages;
	struct base_region region; /* of the arguments, which DPDK keeps pointers to */
} eal;

struct args {
	char *v[ARGS_MOST + 1];
	int n;
};

__attribute__((format(printf, 2, 3))) static void arg(struct args *a, const char *fmt, ...)
{
	char text[4096];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	if (a->n < ARGS_MOST)
		a->v[a->n++] = base_region_text(&eal.region, text);
}

/* "0@(2,3),1@4,2@5": the main thread floats, all others are pinned. */
static void lcores(struct args *a, const struct eal_plan *plan)
{
	const struct eal_cpus *pinned[] = {&plan->rx, &plan->aggregate};
	char buf[4096];
	struct base_text t = base_text(buf, sizeof(buf));
	unsigned id = EAL_RX;

	base_text_printf(&t, "%u@(", EAL_MAIN);
	for (unsigned i = 0; i < plan->main.count; i++)
		base_text_printf(&t, "%s%u", i ? "," : "", plan->main.cpu[i]);
	base_text_char(&t, ')');
	for (unsigned k = 0; k < 2; k++)
		for (unsigned i = 0; i < pinned[k]->count; i++)
			base_text_printf(&t, ",%u@%u", id++, pinned[k]->cpu[i]);
	arg(a, "--lcores");
	arg(a, "%s", buf);
	arg(a, "--main-lcore");
	arg(a, "%u", EAL_MAIN);
}

/* Choose the kind of memory. @return megabytes, 0 with `e` where hugepages are asked for in vain. */
static unsigned choose(const struct conf *c, const struct eal_plan *plan, struct conf_error *e)
{
	uint64_t small = plan->port_bytes / MB + OVERHEAD_MB;
	uint64_t huge = small + plan->table_bytes / MB;
	uint64_t have = eal_hugepages_free() / MB;

	if (c->memory.mb)
		small = huge = c->memory.mb;
	eal.hugepages = c->memory.hugepages != CONF_HUGEPAGES_OFF && have >= huge;
	if (!eal.hugepages && c->memory.hugepages == CONF_HUGEPAGES_ON) {
		snprintf(e->text, sizeof(e->text),
			"memory.hugepages is on, but %" PRIu64 " MB of them are free where %" PRIu64
			" MB are needed: sysctl vm.nr_hugepages=%" PRIu64,
			have, huge, huge / 2 + 1);
		return 0;
	}
	if (eal.hugepages)
		base_log(&log_type, BASE_LOG_NOTICE,
			"memory: hugepages, %" PRIu64 " MB of %" PRIu64 " MB free", huge, have);
	else if (c->memory.hugepages == CONF_HUGEPAGES_OFF)
		base_log(&log_type, BASE_LOG_NOTICE,
			"memory: ordinary pages, %" PRIu64 " MB for ports", small);
	else
		base_log(&log_type, BASE_LOG_NOTICE,
			"memory: ordinary pages, %" PRIu64
			" MB for ports; hugepages are faster: %" PRIu64 " MB are free, %" PRIu64
			" MB needed (sysctl vm.nr_hugepages=%" PRIu64 ")",
			small, have, huge, huge / 2 + 1);
	return (unsigned)(eal.hugepages ? huge : small);
}

static void memory(struct args *a, const struct conf *c, unsigned mb)
{
	if (eal.hugepages) {
		/* No files, and one descriptor for all pages rather than one for each. */
		arg(a, "--in-memory");
		arg(a, "--single-file-segments");
		if (!c->memory.mb)
			return; /* grows as it is used */
	} else {
		arg(a, "--no-huge");
		arg(a, "--no-shconf");
	}
	arg(a, "-m");
	arg(a, "%u", mb);
}

/* NICs that DPDK owns; without any the bus is not even looked at, and virtual addresses do. */
static void devices(struct args *a, const struct conf *c)
{
	bool any = false;

	for (unsigned i = 0; i < c->port_count; i++) {
		if (!c->ports[i].pci)
			continue;
		any = true;
		arg(a, "-a");
		arg(a, "%s", c->ports[i].pci);
	}
	if (!any) {
		arg(a, "--no-pci");
		arg(a, "--iova-mode=va");
	}
}

int eal_start(const struct conf *c, const struct eal_plan *plan, struct conf_error *e)
{
	struct args a = {.n = 0};
	unsigned mb = choose(c, plan, e);

	if (!mb)
		return -ENOMEM;
	arg(&a, "weir");
	lcores(&a, plan);
	memory(&a, c, mb);
	devices(&a, c);
	arg(&a, "--file-prefix=%s", eal_prefix());
	arg(&a, "--log-level=*:error");
	eal_runtime_clean();
	if (eal_catch() == 0 && rte_eal_init(a.n, a.v) >= 0) {
		eal.started = true;
		return 0;
	}
	snprintf(e->text, sizeof(e->text), "DPDK does not start: %s%s%s", rte_strerror(rte_errno),
		*eal_error() ? ": " : "", eal_error());
	return rte_errno ? -rte_errno : -EINVAL;
}

void eal_stop(void)
{
	if (eal.started) {
		rte_eal_cleanup();
		eal_runtime_remove();
	}
	eal.started = false;
	eal_catch_end();
	eal_runtime_clean();
	base_region_free(&eal.region);
}

bool eal_on_hugepages(void)
{
	return eal.hugepages;
}
