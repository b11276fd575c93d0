/* SPDX-License-Identifier: BSD-3-Clause */
#include <errno.h>
#include <netdb.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "batch.h"
#include "sink.h"

enum { PAYLOAD_MAX = 65507, SEND_BUFFER = 4 << 20 };

struct udp_sink {
	struct gen_sink sink; /* first */
	struct gen_batch batch;
	struct sockaddr_storage target;
};

static int udp_send(struct gen_sink *sink, const struct gen_datagram *dg)
{
	struct udp_sink *s = (struct udp_sink *)sink;

	memcpy(gen_batch_slot(&s->batch), dg->payload, dg->len);
	sink->frames++;
	sink->bytes += dg->len;
	return gen_batch_add(&s->batch, dg->len);
}

static int udp_flush(struct gen_sink *sink)
{
	return gen_batch_flush(&((struct udp_sink *)sink)->batch);
}

static int udp_close(struct gen_sink *sink)
{
	struct udp_sink *s = (struct udp_sink *)sink;
	int rc = gen_batch_flush(&s->batch);

	close(s->batch.fd);
	gen_batch_fini(&s->batch);
	free(s);
	return rc;
}

static bool is_port(const char *text)
{
	unsigned long port = 0;

	if (strspn(text, "0123456789") != strlen(text) || strlen(text) > 5)
		return false;
	port = strtoul(text, NULL, 10);
	return port >= 1 && port <= 65535;
}

/* Split "HOST:PORT" at the last colon; brackets around an IPv6 address come off. */
static int split(const char *target, char host[256], const char **port)
{
	const char *colon = strrchr(target, ':');
	size_t len;

	if (!colon || !is_port(colon + 1))
		return -EINVAL;
	len = (size_t)(colon - target);
	if (len >= 2 && target[0] == '[' && target[len - 1] == ']') {
		target++;
		len -= 2;
	} else if (memchr(target, ':', len)) {
		return -EINVAL;
	}
	if (len == 0 || len >= 256)
		return -EINVAL;
	memcpy(host, target, len);
	host[len] = '\0';
	*port = colon + 1;
	return 0;
}

bool gen_udp_target(const char *target)
{
	const char *port;
	char host[256];

	return split(target, host, &port) == 0;
}

static struct addrinfo *resolve(const char *target, struct base_text *error)
{
	const struct addrinfo hints = {.ai_socktype = SOCK_DGRAM, .ai_flags = AI_NUMERICSERV};
	struct addrinfo *list;
	const char *port;
	char host[256];
	int rc;

	if (split(target, host, &port) < 0) {
		base_text_printf(error, "'%s' is not HOST:PORT (or [IPV6]:PORT)", target);
		return NULL;
	}
	rc = getaddrinfo(host, port, &hints, &list);
	if (rc == 0)
		return list;
	base_text_printf(error, "%s: %s", target, gai_strerror(rc));
	return NULL;
}

/* Unconnected, so that a port that is closed for a while is not an error. */
static int open_socket(struct udp_sink *s, const struct addrinfo *to)
{
	int fd = socket(to->ai_family, SOCK_DGRAM | SOCK_CLOEXEC, 0), size = SEND_BUFFER, rc;

	if (fd < 0)
		return -errno;
	setsockopt(fd, SOL_SOCKET, SO_SNDBUF, &size, sizeof(size));
	rc = gen_batch_init(&s->batch, fd, PAYLOAD_MAX);
	if (rc < 0) {
		close(fd);
		return rc;
	}
	memcpy(&s->target, to->ai_addr, to->ai_addrlen);
	for (unsigned i = 0; i < GEN_BATCH; i++) {
		s->batch.messages[i].msg_hdr.msg_name = &s->target;
		s->batch.messages[i].msg_hdr.msg_namelen = to->ai_addrlen;
	}
	return 0;
}

struct gen_sink *gen_udp_open(const char *target, struct base_text *error)
{
	struct addrinfo *to = resolve(target, error);
	struct udp_sink *s;
	int rc;

	if (!to)
		return NULL;
	s = calloc(1, sizeof(*s));
	rc = s ? open_socket(s, to) : -ENOMEM;
	freeaddrinfo(to);
	if (rc < 0) {
		base_text_printf(error, "%s: %s", target, strerror(-rc));
		free(s);
		return NULL;
	}
	s->sink.send = udp_send;
	s->sink.flush = udp_flush;
	s->sink.close = udp_close;
	return &s->sink;
}
