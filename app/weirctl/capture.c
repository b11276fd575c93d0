/* SPDX-License-Identifier: BSD-3-Clause */
#include "capture.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/sock_diag.h>
#include <netinet/in.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/clock.h"
#include "frame.h"
#include "xdp.h"

enum {
	SNAPLEN = 65535 + 256,
	DATAGRAM = 65536,
	RECEIVE_BUFFER = 8 << 20,
	RING = 32 << 20,
	BLOCK_MS = 20,
	WAIT_MS = 200,
};

static int say(const struct capture *c, const char *what, int err)
{
	fprintf(stderr, "weirctl: %s: %s\n", c->name, what);
	return err;
}

/* A signal may come just before the wait, which is short for that. @return false: to stop */
static bool wait_readable(const struct capture *c, int fd)
{
	struct pollfd wait = {.fd = fd, .events = POLLIN};

	while (!*c->stop && poll(&wait, 1, WAIT_MS) <= 0)
		;
	return !*c->stop;
}

static ssize_t read_stream(void *cookie, char *buffer, size_t size)
{
	const struct capture *c = cookie;
	ssize_t n;

	do {
		if (!wait_readable(c, c->fd)) {
			errno = EINTR;
			return -1;
		}
		n = read(c->fd, buffer, size);
	} while (n < 0 && (errno == EINTR || errno == EAGAIN));
	return n;
}

/* A regular file as it is; of anything else the wait for more can be stopped. */
static FILE *open_input(struct capture *c, const char *path)
{
	const cookie_io_functions_t stream = {.read = read_stream};
	struct stat st;
	FILE *f;

	c->fd = path ? open(path, O_RDONLY | O_CLOEXEC) : STDIN_FILENO;
	if (c->fd < 0 || fstat(c->fd, &st) < 0)
		return NULL;
	c->goes_on = !S_ISREG(st.st_mode);
	if (c->goes_on)
		return fopencookie(c, "rb", stream);
	f = fdopen(c->fd, "rb");
	if (f)
		c->fd = -1;
	return f;
}

/* What went wrong, unless it is that it was stopped. */
static int not_opened(struct capture *c, const char *what, const char *why)
{
	int err = *c->stop ? -EINTR : -EINVAL;

	if (err == -EINVAL)
		fprintf(stderr, "weirctl: %s%s: %s\n", c->name, what, why);
	capture_close(c);
	return err;
}

int capture_open_until(struct capture *c, const char *path, const volatile bool *stop)
{
	bool standard = strcmp(path, "-") == 0;
	char error[PCAP_ERRBUF_SIZE];
	FILE *f;

	*c = (struct capture){.name = standard ? "stdin" : path, .fd = -1, .stop = stop};
	f = open_input(c, standard ? NULL : path);
	if (!f)
		return not_opened(c, "", strerror(errno));
	c->pcap = pcap_fopen_offline_with_tstamp_precision(f, PCAP_TSTAMP_PRECISION_NANO, error);
	if (!c->pcap) {
		fclose(f);
		return not_opened(c, " is no capture file (pcap or pcapng)", error);
	}
	c->link = pcap_datalink(c->pcap);
	if (!frame_link_known(c->link)) {
		fprintf(stderr, "weirctl: %s: frames of link type %d are not read\n", c->name,
			c->link);
		capture_close(c);
		return -EINVAL;
	}
	return 0;
}

int capture_open_file(struct capture *c, const char *path)
{
	static const volatile bool never;

	return capture_open_until(c, path, &never);
}

/*
 * UDP of the port: directly, behind one tag or two; and what may be that (RFC 8200, section 4: extension
 * headers; tags in a cooked frame, where there is no `vlan`), which is_wanted() tells.
 */
static void filter_text(char *text, size_t size, int link, uint16_t port)
{
	char here[128];

	snprintf(here, sizeof(here),
		"(udp port %u or ip6 proto (0 or 43 or 44 or 51 or 60 or 135 or 139 or 140))",
		port);
	if (link == DLT_EN10MB)
		snprintf(text, size, "%s or (vlan and (%s or (vlan and %s)))", here, here, here);
	else if (link == DLT_LINUX_SLL || link == DLT_LINUX_SLL2)
		snprintf(text, size, "%s or ether proto 0x8100 or ether proto 0x88a8", here);
	else
		snprintf(text, size, "%s", here);
}

static int set_filter(struct capture *c)
{
	struct bpf_program program;
	char text[448];
	int err;

	filter_text(text, sizeof(text), c->link, c->port);
	if (pcap_compile(c->pcap, &program, text, 1, PCAP_NETMASK_UNKNOWN) < 0)
		return say(c, pcap_geterr(c->pcap), -EIO);
	err = pcap_setfilter(c->pcap, &program);
	pcap_freecode(&program);
	return err ? say(c, pcap_geterr(c->pcap), -EIO) : 0;
}

static int activate(struct capture *c)
{
	char error[PCAP_ERRBUF_SIZE];
	int err;

	pcap_set_snaplen(c->pcap, SNAPLEN);
	/* Not at once: then each frame would take SNAPLEN bytes of the ring. */
	pcap_set_timeout(c->pcap, BLOCK_MS);
	pcap_set_buffer_size(c->pcap, RING);
	pcap_set_tstamp_precision(c->pcap, PCAP_TSTAMP_PRECISION_NANO);
	err = pcap_activate(c->pcap);
	if (err == PCAP_ERROR_NO_SUCH_DEVICE)
		return say(c, "there is no such interface", -EINVAL);
	if (err < 0)
		return say(c, *pcap_geterr(c->pcap) ? pcap_geterr(c->pcap) : pcap_statustostr(err),
			-EIO);
	c->link = pcap_datalink(c->pcap);
	if (!frame_link_known(c->link))
		return say(c, "its frames are of a kind that is not read", -EINVAL);
	/* libpcap's own wait would go on after a signal. */
	if (pcap_setnonblock(c->pcap, 1, error) < 0)
		return say(c, error, -EIO);
	return set_filter(c);
}

/* A collector with AF_XDP, for one, takes frames before the kernel shows them to anybody. */
static void warn_xdp(const struct capture *c)
{
	if (xdp_attached(c->name))
		say(c, "what its XDP program takes (a collector with AF_XDP?) is not seen here", 0);
}

int capture_open_iface(struct capture *c, const char *iface, uint16_t port)
{
	char error[PCAP_ERRBUF_SIZE];
	int err;

	*c = (struct capture){.name = iface, .fd = -1, .goes_on = true, .port = port};
	c->pcap = pcap_create(iface, error);
	if (!c->pcap)
		return say(c, error, -EIO);
	err = activate(c);
	if (err)
		capture_close(c);
	else
		warn_xdp(c);
	return err;
}

/* IPv6 and IPv4 in one socket; IPv4 alone where the host has nothing else. */
static int bind_any(struct capture *c, uint16_t port)
{
	struct sockaddr_in6 any6 = {.sin6_family = AF_INET6, .sin6_port = htons(port)};
	struct sockaddr_in any = {.sin_family = AF_INET, .sin_port = htons(port)};
	int off = 0, size = RECEIVE_BUFFER;

	c->fd = socket(AF_INET6, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	if (c->fd >= 0) {
		setsockopt(c->fd, IPPROTO_IPV6, IPV6_V6ONLY, &off, sizeof(off));
		if (bind(c->fd, (struct sockaddr *)&any6, sizeof(any6)) == 0)
			goto bound;
		if (errno == EADDRINUSE)
			return -errno;
		close(c->fd);
	}
	c->fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	if (c->fd < 0 || bind(c->fd, (struct sockaddr *)&any, sizeof(any)) < 0)
		return -errno;
bound:
	setsockopt(c->fd, SOL_SOCKET, SO_RCVBUF, &size, sizeof(size));
	return 0;
}

int capture_open_socket(struct capture *c, uint16_t port)
{
	int err;

	*c = (struct capture){.name = "UDP port", .fd = -1, .goes_on = true};
	c->buffer = malloc(DATAGRAM);
	err = c->buffer ? bind_any(c, port) : -ENOMEM;
	if (!err)
		return 0;
	fprintf(stderr, "weirctl: UDP port %u: %s\n", port, strerror(-err));
	capture_close(c);
	return -EIO;
}

void capture_close(struct capture *c)
{
	if (c->pcap)
		pcap_close(c->pcap);
	if (c->fd >= 0)
		close(c->fd);
	free(c->buffer);
	*c = (struct capture){.fd = -1};
}

uint64_t capture_lost(const struct capture *c)
{
	uint32_t memory[SK_MEMINFO_VARS] = {0};
	socklen_t size = sizeof(memory);
	struct pcap_stat stat = {0};

	if (c->pcap)
		return pcap_stats(c->pcap, &stat) < 0 ? 0 : (uint64_t)stat.ps_drop + stat.ps_ifdrop;
	if (getsockopt(c->fd, SOL_SOCKET, SO_MEMINFO, memory, &size) < 0)
		return 0;
	return memory[SK_MEMINFO_DROPS];
}

/* Of an interface: what the filter is for. */
static bool is_wanted(const struct capture *c, const struct frame_content *content,
	const struct decode_datagram *g)
{
	return content->datagram &&
	       (g->source_port == c->port || content->destination_port == c->port);
}

static int next_frame(struct capture *c, struct decode_datagram *g)
{
	struct frame_content content;
	struct pcap_pkthdr *head;
	const u_char *frame;
	int rc;

	while (!*c->stop) {
		rc = pcap_next_ex(c->pcap, &head, &frame);
		if (rc == PCAP_ERROR_BREAK || (rc < 0 && *c->stop))
			return 0;
		if (rc < 0)
			return say(c, pcap_geterr(c->pcap), -EIO);
		if (rc == 0) {
			wait_readable(c, pcap_get_selectable_fd(c->pcap));
			continue;
		}
		*g = (struct decode_datagram){
			.time_ns =
				(uint64_t)head->ts.tv_sec * 1000000000 + (uint64_t)head->ts.tv_usec,
		};
		content = frame_datagram(c->link, frame, head->caplen, g);
		if (c->port && !is_wanted(c, &content, g))
			continue;
		c->cut += head->caplen < head->len;
		c->fragments += content.fragment;
		if (content.datagram)
			return 1;
		c->left_out += !content.fragment;
	}
	return 0;
}

/* An IPv4 address that came through the IPv6 socket is one of IPv4. */
static void set_source(struct decode_datagram *g, const struct sockaddr_storage *from)
{
	const struct sockaddr_in6 *in6 = (const struct sockaddr_in6 *)from;
	const struct sockaddr_in *in = (const struct sockaddr_in *)from;

	if (from->ss_family == AF_INET) {
		g->source = base_addr_from((const uint8_t *)&in->sin_addr, 4);
		g->source_port = ntohs(in->sin_port);
		return;
	}
	g->source_port = ntohs(in6->sin6_port);
	if (IN6_IS_ADDR_V4MAPPED(&in6->sin6_addr))
		g->source = base_addr_from(in6->sin6_addr.s6_addr + 12, 4);
	else
		g->source = base_addr_from(in6->sin6_addr.s6_addr, 16);
}

static int next_received(struct capture *c, struct decode_datagram *g)
{
	struct sockaddr_storage from = {0};
	socklen_t from_len;
	ssize_t n;

	do {
		if (!wait_readable(c, c->fd))
			return 0;
		from_len = sizeof(from);
		n = recvfrom(c->fd, c->buffer, DATAGRAM, MSG_DONTWAIT, (struct sockaddr *)&from,
			&from_len);
	} while (n < 0 && (errno == EINTR || errno == EAGAIN));
	if (n < 0)
		return say(c, strerror(errno), -EIO);
	*g = (struct decode_datagram){
		.payload = c->buffer,
		.len = (uint32_t)n,
		.time_ns = base_clock_wall_ns(),
		.live = true,
	};
	set_source(g, &from);
	return 1;
}

int capture_next(struct capture *c, struct decode_datagram *g, const volatile bool *stop)
{
	c->stop = stop;
	return c->pcap ? next_frame(c, g) : next_received(c, g);
}
