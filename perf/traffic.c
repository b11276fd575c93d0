/* SPDX-License-Identifier: BSD-3-Clause */
#include "traffic.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "sink.h"
#include "stream.h"

enum { TRAFFIC_AGENTS = 256, TRAFFIC_TCP = 6, TRAFFIC_START = 1700000000 };

static struct gen_model *make_model(const struct traffic *t)
{
	struct gen_settings s = gen_settings();
	struct gen_model *m;

	s.agents = t->agents ? t->agents : TRAFFIC_AGENTS;
	if (t->interfaces)
		s.interfaces = t->interfaces;
	s.flows = t->flows;
	s.zipf = t->zipf;
	s.ipv6 = 0;
	s.vxlan = 0;
	s.counters = 0;
	s.delay = 0;
	s.samples_per_datagram = t->samples;
	s.max_payload = 65507;
	if (t->header)
		s.header_bytes = t->header;
	m = gen_model_create(&s);
	for (uint32_t i = 0; m && i < m->flow_count; i++)
		m->flows[i].protocol = TRAFFIC_TCP;
	return m;
}

static int write_all(const struct traffic *t, struct gen_stream *stream, struct gen_sink *sink)
{
	struct gen_datagram dg;
	int err = 0;

	for (uint32_t i = 0;
		err == 0 && i < t->datagrams && gen_stream_next(stream, UINT64_MAX, &dg); i++)
		err = sink->send(sink, &dg);
	return err;
}

int traffic_write(const struct traffic *t, const char *file)
{
	struct gen_frame_settings frame = {
		.dst_mac = {0x02, 0, 0, 0, 0, 1}, .src_mac = {0x02, 0, 0, 0, 0, 2}, .port = 6343};
	char sentence[256] = "";
	struct base_text error = base_text(sentence, sizeof(sentence));
	struct gen_model *model = make_model(t);
	struct gen_stream *stream = model ? gen_stream_create(model) : NULL;
	struct gen_sink *sink;
	int err = -ENOMEM;

	base_addr_parse("198.51.100.1", &frame.dst_ip);
	base_addr_parse("10.0.0.1", &frame.src_ip);
	sink = stream ? gen_pcap_open(file, &frame, TRAFFIC_START, &error) : NULL;
	if (sink) {
		err = write_all(t, stream, sink);
		if (sink->close(sink) < 0)
			err = -EIO;
	}
	if (err < 0)
		fprintf(stderr, "%s: %s\n", file, sentence[0] ? sentence : strerror(-err));
	gen_stream_destroy(stream);
	gen_model_destroy(model);
	return err;
}
