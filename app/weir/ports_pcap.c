/* SPDX-License-Identifier: BSD-3-Clause */
#include <errno.h>
#include <fcntl.h>
#include <pcap/pcap.h>
#include <rte_dev.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "ports_pvt.h"

BASE_LOG_TYPE(log_type, "ports.pcap");

enum {
	LOOP_MOST = 4 * 1024 * 1024, /* frames of a file that is kept in memory */
	READ_AHEAD = 1 << 20, /* bytes of a file at a time, of which that of stdio is 4,096 */
};

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

/*
 * DPDK's pcap device never says that a file is at its end, so the frames are counted first, by the
 * same libpcap: what it reads here is what it will read there, also of a file that is cut off.
 */
static int count(struct ports_port *p, pcap_t *pcap, const char *path, struct conf_error *e)
{
	struct pcap_pkthdr *header;
	const u_char *bytes;
	int rc;

	while ((rc = pcap_next_ex(pcap, &header, &bytes)) == 1) {
		p->expected++;
		if (header->caplen > p->caplen)
			p->caplen = header->caplen;
	}
	if (rc == PCAP_ERROR && p->expected == 0)
		return ports_fail(
			e, -EINVAL, "%s: no frame can be read: %s", path, pcap_geterr(pcap));
	if (rc == PCAP_ERROR)
		base_log(&log_type, BASE_LOG_WARNING, "%s: read up to frame %llu: %s", path,
			(unsigned long long)p->expected, pcap_geterr(pcap));
	return 0;
}

static int check_loop(const struct ports_port *p, const char *path, struct conf_error *e)
{
	if (p->expected == 0)
		return ports_fail(e, -EINVAL, "%s: no frames that could be replayed", path);
	if (p->expected > LOOP_MOST)
		return ports_fail(e, -E2BIG,
			"%s: %llu frames are too many to replay from memory (at most %d); use "
			"--once",
			path, (unsigned long long)p->expected, LOOP_MOST);
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

static int read_file(struct ports_port *p, const char *path, char *buffer, struct conf_error *e)
{
	char error[PCAP_ERRBUF_SIZE];
	FILE *f = fopen(path, "re");
	pcap_t *pcap;
	int rc = 0;

	if (!f)
		return ports_fail(e, -errno, "%s: cannot be read: %s", path, strerror(errno));
	pcap = open_file(f, buffer, error);
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
		rc = count(p, pcap, path, e);
	}
	pcap_close(pcap);
	return rc;
}

int ports_pcap_plan(struct ports_port *p, const char *path, struct conf_error *e)
{
	char *buffer;
	int rc;

	p->file = open(path, O_RDONLY | O_CLOEXEC);
	if (p->file < 0)
		return ports_fail(e, -errno, "%s: cannot be read: %s", path, strerror(errno));
	buffer = malloc(READ_AHEAD);
	if (!buffer)
		return ports_fail(e, -ENOMEM, "%s: %s", path, strerror(ENOMEM));
	rc = read_file(p, path, buffer, e);
	free(buffer);
	if (!rc && p->replay == PORTS_LOOP)
		rc = check_loop(p, path, e);
	if (p->replay == PORTS_LOOP) {
		/* Copied whole, from one buffer to one buffer. */
		p->frames += (uint32_t)p->expected;
		if (p->caplen > p->room)
			p->room = p->caplen;
	}
	return rc;
}

/*
 * To libpcap "-" is the standard input, which is a variable: so it reads the file by a buffer of ours. What is not
 * the standard input any more it closes when it has done with it.
 */
int ports_pcap_probe(struct ports_port *p, const char *devargs)
{
	FILE *own = stdin, *f;
	int rc;

	if (p->replay == PORTS_LOOP)
		return rte_dev_probe(devargs);
	p->buffer = malloc(READ_AHEAD);
	if (!p->buffer)
		return -ENOMEM;
	f = fdopen(p->file, "r");
	if (!f)
		return -errno;
	p->file = -1;
	setvbuf(f, p->buffer, _IOFBF, READ_AHEAD);
	stdin = f;
	rc = rte_dev_probe(devargs);
	stdin = own;
	if (rc)
		fclose(f);
	return rc;
}
