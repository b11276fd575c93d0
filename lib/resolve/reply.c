/* SPDX-License-Identifier: BSD-3-Clause */
#include "resolve/reply.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "base/cursor.h"

/* RFC 1035, sections 2.3.4, 3.2 and 4.1. */
enum {
	HEADER = 12,
	QUESTIONS = 4,
	ANSWERS = 6,
	QUESTION_FIXED = 4, /* type and class */
	RECORD_FIXED = 10,  /* type, class, TTL, length */
	LABEL_MAX = 63,
	POINTER = 0xC0,
	NAME_MAX_WIRE = 255,
	TYPE_CNAME = 5,
	TYPE_PTR = 12,
	CLASS_IN = 1,
	TTL_MAX = 0x7FFFFFFF, /* RFC 2181, section 8: what is above counts as 0 */
	QUESTIONS_MOST = 1,   /* RFC 9619 */
	/* What stands in the way of a name at most, so that an answer of 65,535 bytes costs little. */
	POINTERS = 128, /* of a name: it has at most 127 labels, and the root */
	RECORDS = 64,   /* that are looked at; what is behind them is not found */
	ALIASES = 8,    /* CNAME records */
};

struct message {
	const uint8_t *bytes;
	size_t len;
};

struct record {
	char owner[RESOLVE_NAME];
	uint16_t type, class;
	uint32_t ttl;
	size_t data; /* where it starts */
};

char *resolve_question(const struct base_addr *addr, char text[RESOLVE_QUESTION])
{
	const uint8_t *b = addr->bytes;
	size_t at = 0;

	if (addr->family == 4) {
		snprintf(
			text, RESOLVE_QUESTION, "%u.%u.%u.%u.in-addr.arpa", b[3], b[2], b[1], b[0]);
		return text;
	}
	for (unsigned i = 16; i-- > 0;)
		at += (size_t)snprintf(
			text + at, RESOLVE_QUESTION - at, "%x.%x.", b[i] & 15, b[i] >> 4);
	snprintf(text + at, RESOLVE_QUESTION - at, "ip6.arpa");
	return text;
}

/* ---- names ---- */

/* RFC 4343, section 2.1: what is not printable, or would be taken for something else. */
static bool is_plain(uint8_t c)
{
	return c > ' ' && c < 0x7F && c != '.' && c != '\\';
}

/* A label and its dot. @return false where there is no room */
static bool add_label(char *text, size_t *at, const uint8_t *label, unsigned len)
{
	for (unsigned i = 0; i < len; i++) {
		size_t need = is_plain(label[i]) ? 1 : 4;

		if (*at + need >= RESOLVE_NAME)
			return false;
		if (need == 1)
			text[*at] = (char)label[i];
		else
			snprintf(text + *at, need + 1, "\\%03u", label[i]);
		*at += need;
	}
	if (*at + 1 >= RESOLVE_NAME)
		return false;
	text[(*at)++] = '.';
	return true;
}

/*
 * The name at `at`, which is moved behind it. A pointer leads to before all that was read of the
 * name so far (section 4.1.4 says "a prior occurrence"), so that the walk ends; POINTERS says when.
 */
static int read_name(const struct message *m, size_t *at, char text[RESOLVE_NAME])
{
	size_t p = *at, start = *at, out = 0, wire = 1;
	unsigned pointers = 0;

	for (;;) {
		unsigned len;

		if (p >= m->len)
			return -EINVAL;
		len = m->bytes[p];
		if ((len & POINTER) == POINTER) {
			if (p + 1 >= m->len || pointers == POINTERS)
				return -EINVAL;
			if (pointers++ == 0)
				*at = p + 2;
			p = (size_t)(len & ~POINTER) << 8 | m->bytes[p + 1];
			if (p >= start)
				return -EINVAL;
			start = p;
			continue;
		}
		wire += 1 + len;
		if (len > LABEL_MAX || wire > NAME_MAX_WIRE || len >= m->len - p)
			return -EINVAL;
		if (len == 0)
			break;
		if (!add_label(text, &out, m->bytes + p + 1, len))
			return -EINVAL;
		p += 1 + len;
	}
	text[out] = '\0';
	if (pointers == 0)
		*at = p + 1;
	return 0;
}

/* ---- records ---- */

static int read_record(const struct message *m, size_t *at, struct record *r)
{
	const uint8_t *fixed;
	size_t len;

	if (read_name(m, at, r->owner) < 0 || m->len - *at < RECORD_FIXED)
		return -EINVAL;
	fixed = m->bytes + *at;
	r->type = base_get_u16(fixed);
	r->class = base_get_u16(fixed + 2);
	r->ttl = base_get_u32(fixed + 4);
	if (r->ttl > TTL_MAX)
		r->ttl = 0;
	len = base_get_u16(fixed + 8);
	*at += RECORD_FIXED;
	r->data = *at;
	if (m->len - *at < len)
		return -EINVAL;
	*at += len;
	return 0;
}

/* The first PTR or CNAME record of `owner`, which stands without or with its final dot. */
static int find_record(
	const struct message *m, size_t at, unsigned count, const char *owner, struct record *r)
{
	size_t len = strlen(owner);

	if (count > RECORDS)
		count = RECORDS;
	while (count-- > 0) {
		if (read_record(m, &at, r) < 0)
			return -EINVAL;
		if ((r->type == TYPE_PTR || r->type == TYPE_CNAME) && r->class == CLASS_IN &&
			strncasecmp(r->owner, owner, len) == 0 &&
			(strcmp(r->owner + len, ".") == 0 || r->owner[len] == '\0'))
			return 0;
	}
	return -ENOENT;
}

static int skip_questions(const struct message *m, size_t *at)
{
	char name[RESOLVE_NAME];
	unsigned count = base_get_u16(m->bytes + QUESTIONS);

	if (count > QUESTIONS_MOST)
		return -EINVAL;
	while (count-- > 0) {
		if (read_name(m, at, name) < 0 || m->len - *at < QUESTION_FIXED)
			return -EINVAL;
		*at += QUESTION_FIXED;
	}
	return 0;
}

int resolve_reply(
	const uint8_t *bytes, size_t len, const char *question, struct resolve_reply *reply)
{
	struct message m = {.bytes = bytes, .len = len};
	size_t at = HEADER;
	struct record r;

	if (len < HEADER || skip_questions(&m, &at) < 0)
		return -EINVAL;
	snprintf(reply->name, sizeof(reply->name), "%s", question);
	reply->ttl = TTL_MAX;
	for (unsigned i = 0; i <= ALIASES; i++) {
		int err = find_record(&m, at, base_get_u16(bytes + ANSWERS), reply->name, &r);

		if (err < 0)
			return err;
		if (read_name(&m, &r.data, reply->name) < 0)
			return -EINVAL;
		if (reply->name[0] == '\0')
			return -EINVAL;
		if (r.ttl < reply->ttl)
			reply->ttl = r.ttl;
		if (r.type == TYPE_PTR)
			return 0;
	}
	return -ENOENT;
}
