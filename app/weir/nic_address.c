/* SPDX-License-Identifier: BSD-3-Clause */
#include "base/log.h"
#include "nic_pvt.h"

/* The life of weir's own addresses: free? then ours, made known, defended. */

BASE_LOG_TYPE(log_type, "nic");

enum {
	PROBE_MS = 1000,    /* RetransTimer, one probe (RFC 4862, 5.1, 5.4) */
	ANNOUNCE_MS = 1000, /* between announcements: RetransTimer (RFC 4861, 7.2.6) */
	ANNOUNCEMENTS = 2,  /* ANNOUNCE_NUM (RFC 5227) */
	DEFEND_MS = 10000,  /* DEFEND_INTERVAL (RFC 5227, 2.4) */
	COMPLAIN_MS = 10000,
};

static const char *text_of(const struct nic_port *p, unsigned address, char *text)
{
	return base_addr_print(&p->host.address[address], text);
}

static void send(struct nic *n, struct nic_port *p, const struct answer_reply *r)
{
	if (nic_send(n, p, r->frame, r->len))
		nic_count(n, NIC_ANNOUNCED);
}

static void use(struct nic_address *a, uint64_t now_ms)
{
	a->phase = NIC_IN_USE;
	a->left = ANNOUNCEMENTS;
	a->next_ms = now_ms;
}

static void set_duplicates(struct nic *n)
{
	uint64_t count = 0;

	for (unsigned i = 0; i < n->count; i++)
		for (unsigned k = 0; k < n->list[i].host.count; k++)
			count += n->list[i].address[k].phase == NIC_DUPLICATE;
	__atomic_store_n(&n->stats[NIC_DUPLICATES], count, __ATOMIC_RELAXED);
}

static void begin(struct nic *n, struct nic_port *p, unsigned i, uint64_t now_ms)
{
	struct nic_address *a = &p->address[i];
	struct answer_reply r;

	if (a->phase == NIC_IN_USE || p->host.address[i].family == 4) {
		use(a, now_ms);
		return;
	}
	a->phase = NIC_PROBING;
	a->next_ms = now_ms + PROBE_MS;
	answer_probe(&p->host, i, &r);
	send(n, p, &r);
}

void nic_address_link(struct nic *n, struct nic_port *p, enum ports_link link, uint64_t now_ms)
{
	bool was = nic_up(p->link), is = nic_up(link);
	struct answer_reply r;

	p->link = link;
	if (was || !is)
		return;
	/* Before solicitations for them can be heard where switches look at groups. */
	if (answer_report(&p->host, &r))
		send(n, p, &r);
	for (unsigned i = 0; i < p->host.count; i++)
		begin(n, p, i, now_ms);
	set_duplicates(n);
}

static void tick(struct nic *n, struct nic_port *p, unsigned i, uint64_t now_ms)
{
	struct nic_address *a = &p->address[i];
	struct answer_reply r;

	if (a->phase == NIC_PROBING && now_ms >= a->next_ms)
		use(a, now_ms);
	if (a->phase != NIC_IN_USE || a->left == 0 || now_ms < a->next_ms)
		return;
	a->left--;
	a->next_ms = now_ms + ANNOUNCE_MS;
	answer_announce(&p->host, i, &r);
	send(n, p, &r);
}

void nic_address_tick(struct nic *n, struct nic_port *p, uint64_t now_ms)
{
	for (unsigned i = 0; nic_up(p->link) && i < p->host.count; i++)
		tick(n, p, i, now_ms);
}

void nic_address_claimed(
	struct nic *n, struct nic_port *p, unsigned address, bool wants, uint64_t now_ms)
{
	static struct base_log_limit limit;
	struct nic_address *a = &p->address[address];
	char text[BASE_ADDR_TEXT];
	struct answer_reply r;

	nic_count(n, NIC_CONFLICTS);
	if (a->phase == NIC_PROBING) {
		a->phase = NIC_DUPLICATE;
		set_duplicates(n);
		base_log(&log_type, BASE_LOG_ERROR,
			"%s: somebody else has address %s: it is not used before the link goes "
			"down and up again",
			p->name, text_of(p, address, text));
		return;
	}
	if (wants || a->phase != NIC_IN_USE)
		return;
	base_log_rate_limited(&limit, COMPLAIN_MS, &log_type, BASE_LOG_WARNING,
		"%s: somebody else says that he has address %s", p->name,
		text_of(p, address, text));
	if (a->defended_ms && now_ms - a->defended_ms < DEFEND_MS)
		return;
	a->defended_ms = now_ms;
	answer_announce(&p->host, address, &r);
	send(n, p, &r);
}
