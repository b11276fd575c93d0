/* SPDX-License-Identifier: BSD-3-Clause */
#include <errno.h>
#include <fcntl.h>
#include <pcap/pcap.h>
#include <rte_dev.h>
#include <rte_ethdev.h>
#include <rte_mempool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "ports_pvt.h"

BASE_LOG_TYPE(log_type, "ports.pcap");

enum {
	LOOP_MOST = 4 * 1024 * 1024, /* frames of a file that is kept in memory */
	LONGEST = 64,         /* no frame takes as many buffers: one, and 65,535 bytes besides */
	READ_AHEAD = 1 << 20, /* bytes of a file at a time, of which that of stdio is 4,096 */
};

_Static_assert((LONGEST - 1) * PORTS_ROOM > PORTS_ROOM + UINT16_MAX, "the longest frame");

static int known_link(int dlt, enum ingress_link *link)
{
	switch (dlt) {
	case DLT_NULL:
	case DLT_EN10MB:
	case DLT_RAW:
	case DLT_LOOP:
	case DLT_LINUX_SLL:
	case DLT_LINUX_SLL2:
		*link = (enum ingress_link)dlt;
		return 0;
	case DLT_IPV4:
	case DLT_IPV6:
		*link = INGRESS_LINK_RAW;
		return 0;
	default:
		return -ENOTSUP;
	}
}

/* What libpcap reads here is what it reads for DPDK. @return 1, or what it says where there are no more. */
static int count(struct ports_port *p, pcap_t *pcap, uint64_t most)
{
	struct pcap_pkthdr *header;
	const u_char *bytes;
	int rc = 1;

	while (p->counted < most && (rc = pcap_next_ex(pcap, &header, &bytes)) == 1) {
		p->counted++;
		if (header->caplen > p->caplen)
			p->caplen = header->caplen;
	}
	return rc;
}

static void warn_broken(const struct ports_port *p, pcap_t *pcap)
{
	base_log(&log_type, BASE_LOG_WARNING, "%s: read up to frame %llu: %s", p->name,
		(unsigned long long)p->counted, pcap_geterr(pcap));
}

/* All of a file that goes to memory; else the first frame alone, since the RX core will read them. */
static int read_frames(struct ports_port *p, pcap_t *pcap, const char *path, struct conf_error *e)
{
	int rc = count(p, pcap, p->replay == PORTS_LOOP ? UINT64_MAX : 1);

	if (rc == PCAP_ERROR && p->counted == 0)
		return ports_fail(
			e, -EINVAL, "%s: no frame can be read: %s", path, pcap_geterr(pcap));
	if (rc == PCAP_ERROR)
		warn_broken(p, pcap);
	return 0;
}

static int check_loop(const struct ports_port *p, const char *path, struct conf_error *e)
{
	if (p->counted == 0)
		return ports_fail(e, -EINVAL, "%s: no frames that could be replayed", path);
	if (p->counted > LOOP_MOST)
		return ports_fail(e, -E2BIG,
			"%s: %llu frames are too many to replay from memory (at most %d); use "
			"--once",
			path, (unsigned long long)p->counted, LOOP_MOST);
	if (p->caplen > PORTS_FRAME_MOST)
		return ports_fail(e, -EMSGSIZE,
			"%s: a frame of %u bytes is too long to replay from memory (at most %d); "
			"use --once",
			path, p->caplen, PORTS_FRAME_MOST);
	return 0;
}

/* @param buffer  READ_AHEAD bytes, which outlive it */
static pcap_t *open_file(FILE *f, char *buffer, char *error)
{
	pcap_t *pcap;

	setvbuf(f, buffer, _IOFBF, READ_AHEAD);
	pcap = pcap_fopen_offline(f, error);
	if (!pcap)
		fclose(f);
	return pcap;
}

static int read_file(struct ports_port *p, const char *path, struct conf_error *e)
{
	char error[PCAP_ERRBUF_SIZE];
	FILE *f = fopen(path, "re");
	pcap_t *pcap;
	int rc = 0;

	if (!f)
		return ports_fail(e, -errno, "%s: cannot be read: %s", path, strerror(errno));
	pcap = open_file(f, p->buffer, error);
	if (!pcap)
		return ports_fail(
			e, -EINVAL, "%s: not a capture file (pcap or pcapng): %s", path, error);
	if (known_link(pcap_datalink(pcap), &p->link)) {
		const char *name = pcap_datalink_val_to_name(pcap_datalink(pcap));

		rc = ports_fail(e, -ENOTSUP,
			"%s: frames of link type %s (%d) are not understood; Ethernet, raw IP, "
			"loopback and "
			"Linux cooked are",
			path, name ? name : "unknown", pcap_datalink(pcap));
	} else {
		rc = read_frames(p, pcap, path, e);
	}
	pcap_close(pcap);
	return rc;
}

int ports_pcap_plan(struct ports_port *p, const char *path, struct conf_error *e)
{
	int rc;

	p->file = open(path, O_RDONLY | O_CLOEXEC);
	if (p->file < 0)
		return ports_fail(e, -errno, "%s: cannot be read: %s", path, strerror(errno));
	p->buffer = malloc(READ_AHEAD);
	if (!p->buffer)
		return ports_fail(e, -ENOMEM, "%s: %s", path, strerror(ENOMEM));
	rc = read_file(p, path, e);
	if (p->replay == PORTS_ONCE)
		return rc;
	free(p->buffer);
	p->buffer = NULL;
	/* Copied whole, from one buffer to one buffer. */
	p->frames += (uint32_t)p->counted;
	if (p->caplen > p->room)
		p->room = p->caplen;
	return rc ? rc : check_loop(p, path, e);
}

/*
 * To libpcap "-" is the standard input, which is a variable: so it reads the file by a buffer of ours. What is not
 * the standard input any more it closes when it has done with it.
 */
int ports_pcap_probe(struct ports_port *p, const char *devargs)
{
	FILE *own = stdin, *f;
	int rc, file;

	if (p->replay == PORTS_LOOP)
		return rte_dev_probe(devargs);
	file = fcntl(p->file, F_DUPFD_CLOEXEC, 0);
	f = file < 0 ? NULL : fdopen(file, "r");
	if (!f) {
		rc = -errno;
		if (file >= 0)
			close(file);
		return rc;
	}
	setvbuf(f, p->buffer, _IOFBF, READ_AHEAD);
	stdin = f;
	rc = rte_dev_probe(devargs);
	stdin = own;
	if (rc)
		fclose(f);
	return rc;
}

/*
 * The device gives less than it is asked for where libpcap reads no more: at the end of the file, or where
 * it is broken, which the device counts as an error. To go on behind that place would be to take anything
 * for frames. But it gives less, too, where it has no buffer for a frame: that is counted on its own, and for
 * the further buffers of a long frame as the same error. Then none is free but those that it had got.
 */
bool ports_finished(const struct ports_queue *q, struct ports_seen *seen)
{
	struct ports_seen before = *seen;
	struct rte_eth_stats s;
	bool failed;

	if (!q->finite || rte_eth_stats_get(q->port_id, &s))
		return false;
	failed = s.ierrors != before.errors;
	*seen = (struct ports_seen){.no_mbuf = s.rx_nombuf,
		.errors = s.ierrors,
		.packets = s.ipackets,
		.broken = failed || (before.broken && s.ipackets == before.packets)};
	if (seen->no_mbuf != before.no_mbuf)
		return false;
	return !failed || rte_mempool_avail_count(q->pool) >= LONGEST;
}

/*
 * The device keeps to itself why: so the file is read again, by a descriptor that shares its place with the
 * device's, which reads no more. @return false with `error`
 */
static bool tell(struct ports_port *p, char *buffer, char *error)
{
	FILE *f = lseek(p->file, 0, SEEK_SET) == 0 ? fdopen(p->file, "r") : NULL;
	pcap_t *pcap;

	if (!f) {
		snprintf(error, PCAP_ERRBUF_SIZE, "%s", strerror(errno));
		return false;
	}
	p->file = -1;
	pcap = open_file(f, buffer, error);
	if (!pcap)
		return false;
	p->counted = 0;
	if (count(p, pcap, UINT64_MAX) == PCAP_ERROR)
		warn_broken(p, pcap);
	pcap_close(pcap);
	return true;
}

void ports_tell_broken(
	struct ports *ports, const struct ports_queue *q, const struct ports_seen *seen)
{
	struct ports_port *p = &ports->list[q->port];
	char error[PCAP_ERRBUF_SIZE] = "not enough memory";
	char *buffer;

	if (!seen->broken || p->file < 0)
		return;
	buffer = malloc(READ_AHEAD);
	if (!buffer || !tell(p, buffer, error))
		base_log(&log_type, BASE_LOG_WARNING, "%s: broken, and not to be read again: %s",
			p->name, error);
	if (p->file >= 0)
		close(p->file);
	p->file = -1;
	free(buffer);
}
