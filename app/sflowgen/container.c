/* SPDX-License-Identifier: BSD-3-Clause */
#include "encode.h"
#include "fleet.h"
#include "xdr.h"

/* The counter sample of a container, with the records that a host agent sends of one. */

enum {
	COUNTER_SAMPLE = 2,
	COUNTER_SAMPLE_EXPANDED = 4,
	HOST_DESCR = 2000,
	HOST_ADAPTERS,
	HOST_PARENT,
	VIRT_CPU = 2101,
	VIRT_MEMORY,
	VIRT_DISK_IO,
	VIRT_NET_IO,
	HTTP_COUNTERS = 2201,
	APP_WORKERS = 2206,
};

enum { RUNNING = 1, SHUTDOWN = 4 }; /* libvirt, virDomainState: what an end looks like */

enum { PACKET = 500 /* bytes, mean */, WORKERS = 64 };

/* What the records of one sample are made from. */
struct guest {
	const struct gen_model *m;
	const struct gen_container *c;
	struct gen_usage used, rates;
};

static uint8_t *write_descr(const struct guest *g, uint8_t *p)
{
	uint8_t uuid[16];
	char name[64];
	uint32_t len = gen_container_name(g->m, g->c, name);

	base_put_u64(uuid, gen_mix(g->m->settings.seed));
	base_put_u64(uuid + 8, gen_mix(~(uint64_t)g->c->number));
	p = xdr_opaque(p, name, len);
	p = xdr_fixed(p, uuid, sizeof(uuid));
	p = xdr_u32(p, 3); /* x86_64 */
	p = xdr_u32(p, 2); /* Linux */
	return xdr_opaque(p, "6.1.0", 5);
}

static uint8_t *write_adapters(const struct guest *g, uint8_t *p)
{
	uint8_t mac[6] = {0x02, 0x42};

	base_put_u32(mac + 2, g->c->number);
	p = xdr_u32(p, 1);
	p = xdr_u32(p, g->c->index);
	p = xdr_u32(p, 1);
	return xdr_fixed(p, mac, sizeof(mac));
}

static uint8_t *write_parent(const struct guest *g, uint8_t *p)
{
	(void)g;
	return xdr_u32(xdr_u32(p, 2), 1); /* the host, 2.1 */
}

static uint8_t *write_cpu(const struct guest *g, uint8_t *p)
{
	p = xdr_u32(p, g->c->stop_ns == UINT64_MAX ? RUNNING : SHUTDOWN);
	p = xdr_u32(p, (uint32_t)g->used.cpu_ms);
	return xdr_u32(p, 2); /* processors */
}

static uint8_t *write_memory(const struct guest *g, uint8_t *p)
{
	const uint64_t mib = 1 << 20;

	p = xdr_u64(p, (100 + g->c->number % 400) * mib);
	return xdr_u64(p, 1024 * mib);
}

static uint8_t *write_disk(const struct guest *g, uint8_t *p)
{
	const uint64_t gib = 1 << 30;

	p = xdr_u64(p, 10 * gib);
	p = xdr_u64(p, 2 * gib);
	p = xdr_u64(p, 2 * gib);
	p = xdr_u32(p, (uint32_t)(g->used.cpu_ms / 10));
	p = xdr_u64(p, g->used.cpu_ms / 10 * 4096);
	p = xdr_u32(p, (uint32_t)(g->used.cpu_ms / 20));
	p = xdr_u64(p, g->used.cpu_ms / 20 * 16384);
	return xdr_u32(p, 0);
}

static uint8_t *write_direction(uint8_t *p, uint64_t bytes)
{
	p = xdr_u64(p, bytes);
	p = xdr_u32(p, (uint32_t)(bytes / PACKET));
	return xdr_u32(xdr_u32(p, 0), 0); /* errors, drops */
}

static uint8_t *write_net(const struct guest *g, uint8_t *p)
{
	return write_direction(write_direction(p, g->used.bytes_in), g->used.bytes_out);
}

/* Nine in ten requests are GET, the others POST; one in twenty fails, half of them at the server. */
static uint8_t *write_http(const struct guest *g, uint8_t *p)
{
	uint32_t all = (uint32_t)g->used.requests, post = all / 10, failed = all / 20;
	const uint32_t counts[15] = {
		[1] = all - post,
		[3] = post,
		[10] = all - failed,
		[12] = failed - failed / 2,
		[13] = failed / 2,
	};

	for (unsigned i = 0; i < 15; i++)
		p = xdr_u32(p, counts[i]);
	return p;
}

static uint8_t *write_workers(const struct guest *g, uint8_t *p)
{
	uint32_t active = (uint32_t)(g->rates.requests * WORKERS / 520);

	p = xdr_u32(p, active);
	p = xdr_u32(p, WORKERS - active);
	p = xdr_u32(p, WORKERS);
	p = xdr_u32(p, (uint32_t)(g->used.requests / 100));
	return xdr_u32(p, (uint32_t)(g->used.requests / 1000));
}

static const struct {
	uint32_t tag;
	uint8_t *(*write)(const struct guest *g, uint8_t *p);
} records[] = {
	{HOST_DESCR, write_descr},
	{HOST_ADAPTERS, write_adapters},
	{HOST_PARENT, write_parent},
	{VIRT_CPU, write_cpu},
	{VIRT_MEMORY, write_memory},
	{VIRT_DISK_IO, write_disk},
	{VIRT_NET_IO, write_net},
	{HTTP_COUNTERS, write_http}, /* from here on of web services only */
	{APP_WORKERS, write_workers},
};

uint32_t gen_encode_container(
	const struct gen_model *m, const struct gen_container *c, uint64_t now_ns, uint8_t *out)
{
	const struct guest g = {
		.m = m,
		.c = c,
		.used = gen_container_usage(m, c, now_ns),
		.rates = gen_container_rates(m, c),
	};
	unsigned count = sizeof(records) / sizeof(records[0]);
	bool expanded = m->settings.expanded;
	uint8_t *body = xdr_open(out, expanded ? COUNTER_SAMPLE_EXPANDED : COUNTER_SAMPLE), *p;

	if (!m->settings.services[c->service].web)
		count -= 2;
	p = xdr_u32(body, c->sequence);
	if (expanded)
		p = xdr_u32(xdr_u32(p, 3), c->index);
	else
		p = xdr_u32(p, 3 << 24 | c->index);
	p = xdr_u32(p, count);
	for (unsigned i = 0; i < count; i++) {
		uint8_t *record = xdr_open(p, records[i].tag);

		p = records[i].write(&g, record);
		xdr_close(record, p);
	}
	xdr_close(body, p);
	return (uint32_t)(p - out);
}
