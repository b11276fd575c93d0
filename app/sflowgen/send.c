/* SPDX-License-Identifier: BSD-3-Clause */
#include <arpa/inet.h>
#include <errno.h>
#include <net/if.h>
#include <netpacket/packet.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "batch.h"
#include "sink.h"

enum { PROTOCOL_NONE = 0 }; /* a socket that only sends */

struct packet_sink {
	struct gen_sink sink; /* first */
	struct gen_frame_settings frame;
	struct gen_batch batch;
};

static int packet_send(struct gen_sink *sink, const struct gen_datagram *dg)
{
	struct packet_sink *s = (struct packet_sink *)sink;
	uint32_t n = gen_frame_count(&s->frame, dg->len);
	int rc = 0;

	for (uint32_t i = 0; rc == 0 && i < n; i++) {
		uint32_t len = gen_frame_write(&s->frame, dg, i, gen_batch_slot(&s->batch));

		sink->frames++;
		sink->bytes += len;
		rc = gen_batch_add(&s->batch, len);
	}
	return rc;
}

static int packet_flush(struct gen_sink *sink)
{
	return gen_batch_flush(&((struct packet_sink *)sink)->batch);
}

static int packet_close(struct gen_sink *sink)
{
	struct packet_sink *s = (struct packet_sink *)sink;
	int rc = gen_batch_flush(&s->batch);

	if (s->batch.fd >= 0)
		close(s->batch.fd);
	gen_batch_fini(&s->batch);
	free(s);
	return rc;
}

static int use_interface_mac(int fd, const char *interface, uint8_t mac[6])
{
	static const uint8_t none[6];
	struct ifreq request = {0};

	if (memcmp(mac, none, sizeof(none)) != 0)
		return 0;
	strncpy(request.ifr_name, interface, sizeof(request.ifr_name) - 1);
	if (ioctl(fd, SIOCGIFHWADDR, &request) < 0)
		return -errno;
	memcpy(mac, request.ifr_hwaddr.sa_data, 6);
	return 0;
}

/* @return a bound socket, or -errno */
static int open_socket(const char *interface, struct gen_frame_settings *frame)
{
	struct sockaddr_ll address = {
		.sll_family = AF_PACKET, .sll_ifindex = (int)if_nametoindex(interface)};
	int fd, rc;

	if (address.sll_ifindex == 0)
		return -errno;
	fd = socket(AF_PACKET, SOCK_RAW | SOCK_CLOEXEC, PROTOCOL_NONE);
	if (fd < 0)
		return -errno;
	rc = bind(fd, (struct sockaddr *)&address, sizeof(address)) < 0 ? -errno : 0;
	if (rc == 0)
		rc = use_interface_mac(fd, interface, frame->src_mac);
	if (rc == 0)
		return fd;
	close(fd);
	return rc;
}

static void explain(const char *interface, int rc, struct base_text *error)
{
	if (rc == -EPERM)
		base_text_printf(error,
			"a raw socket on %s needs the capability CAP_NET_RAW: "
			"run as root, or use --udp",
			interface);
	else if (rc == -ENODEV)
		base_text_printf(
			error, "there is no interface '%s'; `ip link` lists them", interface);
	else
		base_text_printf(error, "%s: %s", interface, strerror(-rc));
}

struct gen_sink *gen_packet_open(
	const char *interface, const struct gen_frame_settings *frame, struct base_text *error)
{
	struct packet_sink *s = calloc(1, sizeof(*s));
	int fd;

	if (!s) {
		base_text_printf(error, "out of memory");
		return NULL;
	}
	s->sink.send = packet_send;
	s->sink.flush = packet_flush;
	s->sink.close = packet_close;
	s->frame = *frame;
	fd = open_socket(interface, &s->frame);
	if (fd >= 0 && gen_batch_init(&s->batch, fd, GEN_FRAME_MAX) == 0)
		return &s->sink;
	explain(interface, fd < 0 ? fd : -ENOMEM, error);
	if (fd >= 0)
		close(fd);
	free(s);
	return NULL;
}
