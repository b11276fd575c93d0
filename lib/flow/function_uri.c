/* SPDX-License-Identifier: BSD-3-Clause */
#include <ctype.h>

#include "base/near.h"
#include "flow/function_pvt.h"

/* The parts of a URI (RFC 3986, 3), as they are written: %XX stays what it is. */

enum part {
	PART_AUTHORITY,
	PART_EXTENSION,
	PART_FILE,
	PART_FRAGMENT,
	PART_HOST,
	PART_ABSOLUTE,
	PART_OPAQUE,
	PART_NORMALIZED,
	PART_PATH,
	PART_PORT,
	PART_QUERY,
	PART_SCHEME,
	PART_USER,
	PARTS,
};

static const char *const part_names[PARTS] = {
	[PART_AUTHORITY] = "authority",
	[PART_EXTENSION] = "extension",
	[PART_FILE] = "file",
	[PART_FRAGMENT] = "fragment",
	[PART_HOST] = "host",
	[PART_ABSOLUTE] = "isabsolute",
	[PART_OPAQUE] = "isopaque",
	[PART_NORMALIZED] = "normalized",
	[PART_PATH] = "path",
	[PART_PORT] = "port",
	[PART_QUERY] = "query",
	[PART_SCHEME] = "scheme",
	[PART_USER] = "user",
};

static const char *part_name(const void *unused, size_t i)
{
	return i < PARTS ? part_names[i] : NULL;
}

static int fail_part(struct flow_compiler *c, const char *at, const char *word)
{
	const char *near = base_near(word, part_name, NULL);

	if (near)
		return flow_fail(c, at, "a URI has no \"%.32s\"; did you mean \"%s\"?", word, near);
	return flow_fail(c, at, "a URI has no \"%.32s\"; docs/keys.rst lists its parts", word);
}

static struct flow_type type_of(enum part part, const struct flow_type *key)
{
	if (part == PART_PORT)
		return (struct flow_type){.form = BASE_FORM_UINT, .width = 4};
	if (part == PART_ABSOLUTE || part == PART_OPAQUE)
		return (struct flow_type){.form = BASE_FORM_BOOL, .width = 1};
	return *key;
}

FLOW_PREPARE(uri)
{
	struct flow_operand *part = &call->operand[1];

	if (!flow_is_text(&call->operand[0].type))
		return flow_fail(c, at[0].p, "uri takes a text; this key is none");
	while (part->number < PARTS && strcmp(part_names[part->number], part->text) != 0)
		part->number++;
	if (part->number == PARTS)
		return fail_part(c, at[1].p, part->text);
	call->type = type_of((enum part)part->number, &call->operand[0].type);
	return 0;
}

/* ---- taking it apart: a part that is not there has p NULL ---- */

struct uri {
	struct flow_span scheme, authority, path, query, fragment;
	bool opaque; /* behind the scheme there is something else than a path: mailto:a@b */
};

/* RFC 3986, 3.1 */
static struct flow_span scheme_of(struct flow_span s)
{
	const char *p = s.p;

	while (p < s.end && (isalnum((unsigned char)*p) || (*p && strchr("+-.", *p))))
		p++;
	if (p == s.p || p == s.end || *p != ':' || !isalpha((unsigned char)*s.p))
		return (struct flow_span){NULL, NULL};
	return (struct flow_span){s.p, p};
}

/* Take what stands before the first of `stops`. */
static struct flow_span take(struct flow_span *rest, const char *stops)
{
	struct flow_span piece = *rest;

	while (rest->p < rest->end && (*rest->p == '\0' || !strchr(stops, *rest->p)))
		rest->p++;
	piece.end = rest->p;
	return piece;
}

/* The same behind a mark, which is there or not. */
static struct flow_span take_behind(struct flow_span *rest, char mark, const char *stops)
{
	if (rest->p == rest->end || *rest->p != mark)
		return (struct flow_span){NULL, NULL};
	rest->p++;
	return take(rest, stops);
}

static struct uri uri_of(struct flow_span s)
{
	struct uri u = {.scheme = scheme_of(s)};

	if (u.scheme.p)
		s.p = u.scheme.end + 1;
	u.opaque = u.scheme.p && (s.p == s.end || *s.p != '/');
	if (u.opaque) {
		take(&s, "#");
		u.fragment = take_behind(&s, '#', "");
		return u;
	}
	if (flow_span_len(s) >= 2 && s.p[0] == '/' && s.p[1] == '/') {
		s.p += 2;
		u.authority = take(&s, "/?#");
	}
	u.path = take(&s, "?#");
	u.query = take_behind(&s, '?', "#");
	u.fragment = take_behind(&s, '#', "");
	return u;
}

/* Where the last `c` is, or NULL. */
static const char *last_of(struct flow_span s, char c)
{
	return s.p ? memrchr(s.p, c, flow_span_len(s)) : NULL;
}

/* RFC 3986, 3.2.1 */
static struct flow_span user_of(const struct uri *u)
{
	const char *at = last_of(u->authority, '@');

	return at ? (struct flow_span){u->authority.p, at} : (struct flow_span){NULL, NULL};
}

/* RFC 3986, 3.2.2 and 3.2.3; an IPv6 address has colons within brackets. */
static struct flow_span host_of(const struct uri *u, struct flow_span *port)
{
	const char *at = last_of(u->authority, '@'), *colon;
	struct flow_span host = u->authority, tail;

	*port = (struct flow_span){NULL, NULL};
	if (at)
		host.p = at + 1;
	tail = host;
	if (last_of(host, ']'))
		tail.p = last_of(host, ']');
	colon = last_of(tail, ':');
	if (!colon)
		return host;
	*port = (struct flow_span){colon + 1, host.end};
	host.end = colon;
	return host;
}

static struct flow_span file_of(const struct uri *u)
{
	const char *slash = last_of(u->path, '/');

	return slash ? (struct flow_span){slash + 1, u->path.end} : u->path;
}

static struct flow_span extension_of(const struct uri *u)
{
	struct flow_span file = file_of(u);
	const char *dot = last_of(file, '.');

	return dot && dot > file.p ? (struct flow_span){dot + 1, file.end}
				   : (struct flow_span){NULL, NULL};
}

static struct flow_span part_of(const struct uri *u, enum part part)
{
	struct flow_span port;

	switch (part) {
	case PART_SCHEME:
		return u->scheme;
	case PART_USER:
		return user_of(u);
	case PART_AUTHORITY:
		return u->authority;
	case PART_HOST:
		return host_of(u, &port);
	case PART_PATH:
		return u->path;
	case PART_FILE:
		return file_of(u);
	case PART_EXTENSION:
		return extension_of(u);
	case PART_QUERY:
		return u->query;
	default:
		return u->fragment;
	}
}

/* ---- normalized: without . and .. segments, and without doubled slashes ---- */

static void drop_segment(struct base_text *t, size_t floor)
{
	t->len--; /* the slash behind it */
	while (t->len > floor && t->buf[t->len - 1] != '/')
		t->len--;
}

static bool is_dots(struct flow_span s, size_t dots)
{
	return flow_span_len(s) == dots && memcmp(s.p, "..", dots) == 0;
}

/* RFC 3986, 5.2.4; a relative path keeps the .. that lead out of it. */
static void normalize_path(struct base_text *t, struct flow_span path)
{
	bool absolute = flow_span_len(path) > 0 && *path.p == '/';
	size_t floor = t->len + absolute;

	base_text_add(t, "/", absolute);
	while (path.p < path.end) {
		struct flow_span segment = take(&path, "/");
		bool last = path.p == path.end;

		path.p += !last;
		if (flow_span_len(segment) == 0 || is_dots(segment, 1))
			continue;
		if (is_dots(segment, 2) && t->len > floor) {
			drop_segment(t, floor);
			continue;
		}
		if (is_dots(segment, 2) && absolute)
			continue;
		base_text_add(t, segment.p, flow_span_len(segment));
		base_text_add(t, "/", !last);
		if (is_dots(segment, 2))
			floor = t->len;
	}
}

static bool give_normalized(const struct uri *u, struct flow_span whole, struct packet_value *v)
{
	struct base_text t = flow_text_start(v);

	if (u->opaque)
		return flow_give_text(v, whole.p, flow_span_len(whole));
	base_text_add(&t, whole.p, (size_t)(u->path.p - whole.p));
	normalize_path(&t, u->path);
	base_text_add(&t, u->path.end, (size_t)(whole.end - u->path.end));
	return flow_text_end(v, &t);
}

FLOW_GET(uri)
{
	const struct packet_value *key = &fields[call->operand[0].field];
	enum part part = (enum part)call->operand[1].number;
	struct flow_span s = {(const char *)key->p, (const char *)key->p + key->len}, piece;
	struct uri u = uri_of(s);
	uint64_t port;

	switch (part) {
	case PART_ABSOLUTE:
		return flow_give_bool(v, u.scheme.p != NULL);
	case PART_OPAQUE:
		return flow_give_bool(v, u.opaque);
	case PART_NORMALIZED:
		return give_normalized(&u, s, v);
	case PART_PORT:
		host_of(&u, &piece);
		return piece.p && flow_parse_number(piece.p, flow_span_len(piece), &port) &&
		       port <= UINT32_MAX && flow_give_u32(v, (uint32_t)port);
	default:
		piece = part_of(&u, part);
		return piece.p && piece.p < piece.end &&
		       flow_give_text(v, piece.p, flow_span_len(piece));
	}
}
