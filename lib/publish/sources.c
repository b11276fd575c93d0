/* SPDX-License-Identifier: BSD-3-Clause */
#include "publish/sources_pvt.h"

#include <stdlib.h>
#include <string.h>

#include "publish/json_pvt.h"

enum {
	SOURCES_BYTES = 512 << 10, /* of commands in one batch */
	SOURCE_TEXT = 1024,        /* the longest name of a data source, escaped */
	VALUE_TEXT = 4096,
	REFUSED_MOST = 6, /* what is refused again and again waits for 2 to the power of that, */
	TRIES = 256,      /* but for so many, which show whether Redis takes them again */
};

/* ---- what is remembered ---- */

static void out_of_memory(void)
{
	abort(); /* as buffers do */
}

static void make_room(struct publish_sources *s)
{
	uint32_t count = metric_slot_count(s->store), room = count + count / 4 + 64;

	if (!s->changes)
		s->changes = calloc(PUBLISH_CHANGES, sizeof(*s->changes));
	if (count > s->count) {
		s->list = realloc(s->list, room * sizeof(*s->list));
		if (s->list)
			memset(s->list + s->count, 0, (room - s->count) * sizeof(*s->list));
		s->count = room;
		publish_owners_grow(&s->owners, room);
	}
	if (!s->changes || (count && !s->list))
		out_of_memory();
}

void publish_sources_forget(struct publish_sources *s)
{
	for (uint32_t i = 0; i < s->count; i++) {
		s->list[i].version = 0;
		s->list[i].written = 0;
		s->list[i].refused = 0;
		s->list[i].wait = 0;
	}
}

void publish_sources_retry(struct publish_sources *s)
{
	s->taken = false;
	for (uint32_t i = 0; i < s->count; i++)
		s->list[i].wait = 0;
}

void publish_sources_round(struct publish_sources *s, uint64_t now_ms)
{
	if (!s->store)
		return;
	if (s->taken)
		publish_sources_retry(s);
	s->tries = TRIES;
	s->now_ms = now_ms;
	s->left = metric_slot_count(s->store);
	make_room(s);
}

void publish_sources_drop(struct publish_sources *s)
{
	for (uint32_t i = 0; i < s->change_count; i++) {
		const struct publish_change *c = &s->changes[i];

		if (c->next.name != s->list[c->slot].name)
			free(c->next.name);
		s->list[c->slot].again |= c->anew;
		publish_owners_set(&s->owners, c->slot, c->key);
	}
	s->change_count = 0;
}

void publish_sources_free(struct publish_sources *s)
{
	publish_sources_drop(s);
	for (uint32_t i = 0; i < s->count; i++)
		free(s->list[i].name);
	free(s->list);
	free(s->changes);
	publish_owners_free(&s->owners);
	publish_buffer_free(&s->pairs);
	publish_buffer_free(&s->anchor);
	publish_buffer_free(&s->went);
}

/* ---- one data source ---- */

/* A source that is looked at, and where its values go. */
struct visit {
	struct publish_sources *s;
	struct publish_writer *w;
	struct publish_change *change;
	char agent[BASE_ADDR_TEXT], place[SOURCE_TEXT];
	unsigned pairs; /* in s->pairs */
	unsigned fresh; /* of them, those that may not be in the hash yet */
	unsigned went;  /* in s->went */
	bool news;      /* a document is begun */
	struct publish_json json;
	uint64_t time_ms; /* of the newest record */
};

static void print_id(struct sflow_source id, struct base_text *t)
{
	if (id.class)
		base_text_printf(t, "%u.%u", id.class, id.index);
	else
		base_text_uint(t, id.index);
}

static void name_place(struct visit *v, const struct publish_source *p)
{
	struct base_text text = base_text(v->place, sizeof(v->place));

	base_addr_print(&p->agent, v->agent);
	if (p->name)
		base_text_add(&text, p->name, strlen(p->name));
	else
		print_id(p->id, &text);
}

static void add_key(struct visit *v)
{
	const char *const parts[5] = {v->w->prefix, ":metric:{", v->agent, "}:", v->place};

	publish_batch_join(&v->w->batch, parts);
}

static void open_document(struct visit *v, const struct publish_source *p, uint64_t time_ms)
{
	publish_buffer_reset(&v->w->document);
	v->json = publish_json(&v->w->document);
	publish_json_open(&v->json, '{');
	publish_json_name(&v->json, "agent");
	publish_json_string(&v->json, v->agent);
	publish_json_name(&v->json, "sub_agent");
	publish_json_uint(&v->json, p->sub_agent);
	publish_json_name(&v->json, "source");
	publish_json_string(&v->json, v->place);
	publish_json_name(&v->json, "time_ms");
	publish_json_uint(&v->json, time_ms);
	publish_json_name(&v->json, "collector");
	publish_json_string(&v->json, v->w->collector);
}

static void write_document(struct visit *v)
{
	const char *const channel[5] = {v->w->prefix, ":metric:{", v->agent, "}"};

	publish_json_close(&v->json, '}');
	publish_batch_command(&v->w->batch, 3, "PUBLISH");
	publish_batch_join(&v->w->batch, channel);
	publish_batch_bytes(&v->w->batch, v->w->document.bytes, v->w->document.len);
}

static void add_field(struct publish_buffer *b, const char *name, const char *value, size_t len)
{
	publish_buffer_argument(b, name, strlen(name));
	publish_buffer_argument(b, value, len);
}

static void take_loss(struct visit *v, const struct metric_news *n)
{
	if (n->sample <= v->change->next.written)
		return;
	publish_buffer_argument(&v->s->went, n->name, strlen(n->name));
	v->went++;
}

/* A value of a record that is newer than what Redis has, or was told; or one that is no more. */
static void take_value(void *ctx, const struct metric_news *n)
{
	struct visit *v = ctx;
	const struct publish_source *p = &v->change->next;
	bool known = p->written && n->before && n->before <= p->written;
	bool fresh = n->sample > p->written && !(known && !n->changed);
	char buf[VALUE_TEXT];
	struct base_text text = base_text(buf, sizeof(buf));

	if (n->went) {
		take_loss(v, n);
		return;
	}
	metric_news_print(n, &text);
	if (!fresh && v->s->anchor.len == 0)
		add_field(&v->s->anchor, n->name, buf, text.len);
	if (fresh) {
		add_field(&v->s->pairs, n->name, buf, text.len);
		v->pairs++;
		v->fresh += !known || n->came;
	}
	if (!v->news || n->sample <= p->told)
		return;
	publish_json_name(&v->json, n->name);
	if (n->value.number)
		publish_json_number_text(&v->json, buf);
	else
		publish_json_string(&v->json, buf);
}

static void write_fields(struct visit *v)
{
	struct publish_batch *b = &v->w->batch;

	publish_batch_command(b, 2 + 2 * (size_t)v->pairs, "HSET");
	add_key(v);
	publish_buffer_add(&b->bytes, v->s->pairs.bytes, v->s->pairs.len);
}

static void write_went(struct visit *v)
{
	struct publish_batch *b = &v->w->batch;

	publish_batch_command(b, 2 + (size_t)v->went, "HDEL");
	add_key(v);
	publish_buffer_add(&b->bytes, v->s->went.bytes, v->s->went.len);
}

static void write_expiry(struct visit *v)
{
	publish_batch_command(&v->w->batch, 3, "PEXPIRE");
	add_key(v);
	publish_batch_uint(&v->w->batch, v->w->expire_ms);
}

static void write_delete(struct visit *v)
{
	publish_batch_command(&v->w->batch, 2, "DEL");
	add_key(v);
}

static struct base_probe owners_of(const struct visit *v)
{
	return publish_owners_probe(&v->s->owners, v->s->owners.keys[v->change->slot]);
}

/* @return the next other slot that writes the same hash, or BASE_INDEX_NONE */
static uint32_t next_other(const struct visit *v, struct base_probe *probe)
{
	const struct publish_owners *o = &v->s->owners;
	uint32_t own = v->change->slot, slot = publish_owners_next(o, o->keys[own], probe);

	return slot == own ? publish_owners_next(o, o->keys[own], probe) : slot;
}

static bool is_alone(const struct visit *v)
{
	struct base_probe probe = owners_of(v);

	return next_other(v, &probe) == BASE_INDEX_NONE;
}

/*
 * A hash of which nothing is known, or which may go: it must not be without an end, whatever comes between.
 * There is no document of a source that has no value and had none.
 */
static void write_all(struct visit *v)
{
	struct publish_batch *b = &v->w->batch;
	uint64_t first = b->commands;

	publish_batch_multi(b);
	if (v->change->anew && is_alone(v))
		write_delete(v);
	else if (v->went)
		write_went(v);
	if (v->pairs) {
		write_fields(v);
		write_expiry(v);
	}
	if (v->news && (v->pairs || v->change->anew || v->change->next.written))
		write_document(v);
	publish_batch_exec(b);
	v->change->watch = publish_batch_watch(b, first, PUBLISH_ASKS_NOTHING, 0, 0);
	publish_batch_end(b);
}

/*
 * Whether the hash is there, with all other fields, is told by the reply to HSET: how many fields are new.
 * One at least must not be. That of PEXPIRE is not enough, as what is known of the sampling makes a hash too
 * (metrics.c).
 */
static void write_changed(struct visit *v)
{
	struct publish_batch *b = &v->w->batch;
	uint64_t first = b->commands;

	if (v->pairs == v->fresh && v->s->anchor.len) {
		publish_buffer_add(&v->s->pairs, v->s->anchor.bytes, v->s->anchor.len);
		v->pairs++;
	}
	if (v->pairs)
		write_fields(v);
	if (v->went)
		write_went(v);
	write_expiry(v);
	if (v->news)
		write_document(v);
	v->change->watch =
		publish_batch_watch(b, first, first, v->pairs ? 0 : 1, v->pairs ? v->fresh : 1);
	publish_batch_end(b);
}

/*
 * Those who share the hash write theirs again where fields are deleted that they may have too. A source that
 * does not know what is in it leaves that to them.
 */
static void spare_others(struct visit *v)
{
	struct base_probe probe = owners_of(v);
	uint32_t slot;

	while (v->went && (slot = next_other(v, &probe)) != BASE_INDEX_NONE) {
		if (v->change->next.written)
			v->s->list[slot].again = true;
		else
			v->went = 0;
	}
}

static void clear_fields(struct visit *v)
{
	publish_buffer_reset(&v->s->pairs);
	publish_buffer_reset(&v->s->anchor);
	publish_buffer_reset(&v->s->went);
	v->pairs = 0;
	v->fresh = 0;
	v->went = 0;
}

static void write_source(struct visit *v, const struct metric_source *src)
{
	struct publish_source *next = &v->change->next;
	uint32_t samples = metric_source_samples(src);

	name_place(v, next);
	if (!v->s->owners.keys[v->change->slot])
		publish_owners_set(&v->s->owners, v->change->slot,
			publish_owners_key(&v->s->owners, v->agent, v->place));
	clear_fields(v);
	v->news = samples > next->told;
	if (v->news) {
		open_document(v, next, metric_source_time_ms(src));
		publish_json_name(&v->json, "metrics");
		publish_json_open(&v->json, '{');
	}
	metric_source_news(v->s->store, src,
		next->told < next->written ? next->told : next->written, take_value, v);
	if (v->news)
		publish_json_close(&v->json, '}');
	spare_others(v);
	if (next->written && (v->pairs || v->s->anchor.len || !v->went))
		write_changed(v);
	else if (v->pairs || v->went || v->change->anew)
		write_all(v);
	if (v->news) {
		v->change->samples = samples - next->told;
		next->told = samples;
	}
	/* A hash of which fields were deleted alone may be no more. */
	next->written = v->pairs || (next->written && !v->went) ? samples : 0;
}

/* Who else has the hash of a source that goes. */
enum heir {
	HEIR_NONE,
	HEIR_OTHER, /* a source of another sub-agent */
	HEIR_SAME,  /* the source itself, which is back in another slot */
};

/* The hash is no longer the slot's. Those that it belongs to now make it anew, without what was of this one. */
static enum heir leave(struct visit *v, const struct publish_source *p)
{
	struct base_probe probe = owners_of(v);
	enum heir heir = HEIR_NONE;
	uint32_t slot;

	while ((slot = next_other(v, &probe)) != BASE_INDEX_NONE) {
		const struct metric_source *src = metric_slot_source(v->s->store, slot);

		v->s->list[slot].again = true;
		if (src && metric_source_sub_agent(src) == p->sub_agent)
			heir = HEIR_SAME;
		else if (heir == HEIR_NONE)
			heir = HEIR_OTHER;
	}
	publish_owners_set(&v->s->owners, v->change->slot, 0);
	return heir;
}

static void write_gone(struct visit *v, const struct publish_source *p)
{
	struct publish_batch *b = &v->w->batch;
	uint64_t first = b->commands;
	enum heir heir = leave(v, p);

	name_place(v, p);
	if (heir == HEIR_NONE)
		write_delete(v);
	v->change->gone = heir != HEIR_SAME;
	if (heir == HEIR_SAME)
		return;
	open_document(v, p, v->s->now_ms);
	publish_json_name(&v->json, "gone");
	publish_json_bool(&v->json, true);
	write_document(v);
	v->change->watch = publish_batch_watch(b, first, PUBLISH_ASKS_NOTHING, 0, 0);
	publish_batch_end(b);
}

/* What the source is called, where class and index do not say it. */
static char *name_of(const struct metric_source *src, struct sflow_source id)
{
	char numbers[SOURCE_TEXT], name[SOURCE_TEXT];
	struct base_text n = base_text(numbers, sizeof(numbers));
	struct base_text t = base_text(name, sizeof(name));
	char *copy;

	print_id(id, &n);
	metric_source_print(src, &t);
	if (strcmp(numbers, name) == 0)
		return NULL;
	copy = strdup(name);
	if (!copy)
		out_of_memory();
	return copy;
}

static struct publish_source identity(const struct metric_source *src, uint32_t version)
{
	struct sflow_source id = metric_source_id(src);

	return (struct publish_source){.version = version,
		.born = metric_source_born(src),
		.sub_agent = metric_source_sub_agent(src),
		.agent = *metric_agent_addr(metric_source_agent(src)),
		.id = id,
		.name = name_of(src, id)};
}

static struct publish_change *begin_change(struct publish_sources *s, uint32_t slot)
{
	struct publish_source *has = &s->list[slot];
	struct publish_change *c = &s->changes[s->change_count++];

	*c = (struct publish_change){.slot = slot,
		.next = *has,
		.watch = PUBLISH_NO_WATCH,
		.anew = has->again,
		.key = s->owners.keys[slot]};
	has->again = false;
	if (c->anew)
		c->next.written = 0;
	return c;
}

/* The version is read before what it tells of: what comes in between is seen the next time. */
static void look_at(struct publish_sources *s, struct publish_writer *w, uint32_t slot)
{
	uint32_t version = metric_slot_version(s->store, slot);
	struct publish_source *has = &s->list[slot];
	const struct metric_source *src;
	struct visit v = {.s = s, .w = w};
	bool left;

	if (has->wait && s->tries == 0) {
		has->wait--;
		return;
	}
	s->tries -= has->wait > 0;
	if (version == has->version && !has->again)
		return;
	v.change = begin_change(s, slot);
	v.change->next.version = version;
	src = metric_slot_source(s->store, slot);
	left = has->born && (!src || metric_source_born(src) != has->born);
	if (left)
		write_gone(&v, has);
	if (src && (!has->born || left))
		v.change->next = identity(src, version);
	else if (!src)
		v.change->next = (struct publish_source){.version = version};
	if (src)
		write_source(&v, src);
}

uint32_t publish_sources_write(struct publish_sources *s, struct publish_writer *w, uint32_t slots)
{
	uint32_t end, looked = 0;

	if (!s->store || s->left == 0)
		return 0;
	metric_read_lock();
	end = metric_slot_count(s->store);
	if (end > s->count)
		end = s->count;
	while (looked < slots && looked < s->left && s->change_count < PUBLISH_CHANGES &&
		w->batch.bytes.len < SOURCES_BYTES) {
		if (s->at >= end)
			s->at = 0;
		look_at(s, w, s->at++);
		looked++;
	}
	metric_read_unlock();
	s->left -= looked;
	return looked;
}

/* ---- answers ---- */

static void take_answer(
	struct publish_sources *s, struct publish_change *c, const struct publish_batch *b)
{
	struct publish_source *has = &s->list[c->slot];
	const struct publish_watch *watch =
		c->watch == PUBLISH_NO_WATCH ? NULL : &b->watches[c->watch];

	bool failed = watch && watch->failed;

	c->next.again = has->again || (failed && c->anew); /* asked for since, or still */
	s->taken |= has->refused && !failed;
	c->next.refused = failed ? has->refused + (has->refused < REFUSED_MOST) : 0;
	c->next.wait = failed ? (uint8_t)((1u << c->next.refused) / 2 - 1) : 0;
	if (failed || (watch && watch->missing)) {
		c->next.written = 0; /* another round writes all of it */
		c->next.version = 0;
	}
	if (has->name != c->next.name)
		free(has->name);
	*has = c->next;
	s->gone += c->gone;
	s->updates += c->samples > 0;
	s->superseded += c->samples > 1 ? c->samples - 1 : 0;
}

void publish_sources_answered(struct publish_sources *s, const struct publish_batch *b)
{
	for (uint32_t i = 0; i < s->change_count; i++)
		take_answer(s, &s->changes[i], b);
	s->change_count = 0;
}
