/* SPDX-License-Identifier: BSD-3-Clause */
#include <string.h>

#include "api/asking.h"
#include "api/handlers_pvt.h"
#include "api/server_pvt.h"

/* Every value of some metrics, one by one. */

struct dumping {
	struct asking *a;
	const struct metric_source *src;
};

static void dump_value(void *ctx, const char *name, const struct metric_value *v)
{
	struct dumping *d = ctx;
	const struct asking_from from = {.src = d->src};

	asking_write_metric(d->a, name, &from, v);
}

static bool dump_source(void *ctx, const struct metric_source *src)
{
	struct dumping *d = ctx;
	struct metric_value v;
	bool taken = false;

	d->src = src;
	for (unsigned i = 0; i < d->a->terms.count; i++) {
		const struct term *t = &d->a->terms.list[i];

		if (!t->all && !walk_value(t, src, &v))
			continue;
		taken = taken || walk_takes(&d->a->walk, src);
		if (!taken)
			break;
		if (t->all)
			metric_source_each_value(src, dump_value, d);
		else
			dump_value(d, t->path.name, &v);
	}
	return !d->a->writer.full;
}

static int dump_flow(struct asking *a, const struct term *t)
{
	struct flow_metric f;
	int err = flow_metric_init(&f, a->view, t, &a->walk);

	for (uint32_t i = 0; err == 0 && i < f.count && !a->writer.full; i++) {
		struct metric_value v = flow_metric_number(&f, f.places[i].value);
		const struct asking_from from = {.flow = &f, .place = &f.places[i]};

		err = asking_write_metric(a, t->path.name, &from, &v);
	}
	flow_metric_fini(&f);
	return err;
}

void api_get_dump(const struct api_request *r, struct api_reply *reply)
{
	struct asking a;
	struct dumping d = {.a = &a};
	int err = 0;

	if (!asking_open(&a, r, TERM_PLAIN, reply))
		return;
	api_writer_begin(&a.writer, '[');
	walk_sources(&a.walk, dump_source, &d);
	for (unsigned i = 0; err == 0 && i < a.terms.count; i++) {
		if (a.terms.list[i].flow >= 0)
			err = dump_flow(&a, &a.terms.list[i]);
	}
	api_writer_end(&a.writer, ']');
	asking_close(&a, r, err, reply);
}
