/* SPDX-License-Identifier: BSD-3-Clause */
#include <errno.h>

#include "api/asking.h"
#include "api/handlers_pvt.h"
#include "api/rows.h"
#include "api/server_pvt.h"

/* Rows of metrics, as JSON. */

static int write_cell(struct asking *a, const struct rows *r, unsigned column, const struct cell *c)
{
	const struct asking_from from = {
		.src = c->src, .flow = &r->flows[column], .place = c->place};

	if (c->there)
		return asking_write_metric(a, r->columns->list[column].path.name, &from, &c->value);
	api_writer_null(&a->writer);
	return 0;
}

static int write_row(void *ctx, const struct rows *r, const struct cell *cells)
{
	struct asking *a = ctx;
	int err = 0;

	api_writer_begin(&a->writer, '[');
	for (unsigned i = 0; i < r->columns->count && err == 0; i++)
		err = write_cell(a, r, i, &cells[i]);
	api_writer_end(&a->writer, ']');
	return err == 0 && a->writer.full ? -ENOBUFS : err;
}

void api_get_table(const struct api_request *r, struct api_reply *reply)
{
	struct asking a;
	struct rows rows = {.each = write_row, .ctx = &a, .budget = &r->api->answers};
	int err;

	if (!asking_open(&a, r, TERM_COLUMN, reply))
		return;
	rows.walk = &a.walk;
	rows.columns = &a.terms;
	rows.view = a.view;
	api_writer_begin(&a.writer, '[');
	err = rows_walk(&rows);
	api_writer_end(&a.writer, ']');
	if (err == -ENOBUFS) {
		a.writer.full = true;
		err = 0;
	}
	asking_close(&a, r, err, reply);
}
