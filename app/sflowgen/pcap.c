/* SPDX-License-Identifier: BSD-3-Clause */
#include <errno.h>
#include <pcap/pcap.h>
#include <stdio.h>
#include <stdlib.h>

#include "sink.h"

enum { SNAPLEN = 262144, BUFFER = 1 << 20 };

struct pcap_sink {
	struct gen_sink sink; /* first */
	struct gen_frame_settings frame;
	uint64_t start_s;
	pcap_t *pcap;
	pcap_dumper_t *dumper;
	uint8_t bytes[GEN_FRAME_MAX];
};

static int pcap_sink_send(struct gen_sink *sink, const struct gen_datagram *dg)
{
	struct pcap_sink *s = (struct pcap_sink *)sink;
	uint32_t n = gen_frame_count(&s->frame, dg->len);
	struct pcap_pkthdr header = {
		.ts.tv_sec = (time_t)(s->start_s + dg->time_ns / 1000000000),
		.ts.tv_usec = (suseconds_t)(dg->time_ns % 1000000000 / 1000),
	};

	for (uint32_t i = 0; i < n; i++) {
		header.len = header.caplen = gen_frame_write(&s->frame, dg, i, s->bytes);
		pcap_dump((u_char *)s->dumper, &header, s->bytes);
		sink->frames++;
		sink->bytes += header.len;
	}
	return ferror(pcap_dump_file(s->dumper)) ? -EIO : 0;
}

static int pcap_sink_flush(struct gen_sink *sink)
{
	struct pcap_sink *s = (struct pcap_sink *)sink;

	errno = EIO;
	return pcap_dump_flush(s->dumper) < 0 ? -errno : 0;
}

static int pcap_sink_close(struct gen_sink *sink)
{
	struct pcap_sink *s = (struct pcap_sink *)sink;
	int rc = s->dumper ? pcap_sink_flush(sink) : 0;

	if (s->dumper)
		pcap_dump_close(s->dumper);
	if (s->pcap)
		pcap_close(s->pcap);
	free(s);
	return rc;
}

struct gen_sink *gen_pcap_open(const char *file, const struct gen_frame_settings *frame,
	uint64_t start_s, struct base_text *error)
{
	struct pcap_sink *s = calloc(1, sizeof(*s));

	if (!s) {
		base_text_printf(error, "out of memory");
		return NULL;
	}
	s->sink.send = pcap_sink_send;
	s->sink.flush = pcap_sink_flush;
	s->sink.close = pcap_sink_close;
	s->frame = *frame;
	s->start_s = start_s;
	s->pcap = pcap_open_dead(DLT_EN10MB, SNAPLEN);
	if (s->pcap)
		s->dumper = pcap_dump_open(s->pcap, file);
	if (!s->dumper) {
		base_text_printf(error, "%s", s->pcap ? pcap_geterr(s->pcap) : "out of memory");
		pcap_sink_close(&s->sink);
		return NULL;
	}
	setvbuf(pcap_dump_file(s->dumper), NULL, _IOFBF, BUFFER);
	return &s->sink;
}
