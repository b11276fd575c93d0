/* SPDX-License-Identifier: BSD-3-Clause */
#include "decode_sink.h"

/*
 * Any bytes as a payload, printed as text, as text with context, and as comma-separated values. What
 * must hold: lines of plain UTF-8; the context is in front of the very same lines; as many values
 * as samples; the counters of the collector.
 */

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { DATAGRAM_MAX = 65507, CONTEXT_WORDS = 7, FLOW_COLUMNS = 20, COUNTER_COLUMNS = 21 };

enum { AMPLIFICATION = 64, FRAME = 4096 };

/* Bytes of the character at `p`, 0 where there is none: RFC 3629, by the code point. */
static unsigned character(const uint8_t *p, size_t left, uint32_t *code)
{
	static const uint32_t least[] = {0, 0, 0x80, 0x800, 0x10000};
	unsigned n = *p < 0x80 ? 1 : *p >> 5 == 6 ? 2 : *p >> 4 == 14 ? 3 : *p >> 3 == 30 ? 4 : 0;

	if (n == 0 || n > left)
		return 0;
	*code = n == 1 ? *p : *p & (0xFFu >> (n + 1));
	for (unsigned i = 1; i < n; i++) {
		if (p[i] >> 6 != 2)
			return 0;
		*code = *code << 6 | (p[i] & 63u);
	}
	if (*code < least[n] || *code > 0x10FFFF || (*code >= 0xD800 && *code < 0xE000))
		return 0;
	return n;
}

/* Lines that a terminal only shows. */
static void check_lines(const struct decode_sink_memory *m)
{
	size_t i = 0;

	check(m->len == 0 || m->bytes[m->len - 1] == '\n');
	while (i < m->len) {
		const uint8_t *p = (const uint8_t *)m->bytes + i;
		uint32_t code;
		unsigned n = character(p, m->len - i, &code);

		check(n > 0);
		check(code == '\n' || (code >= 0x20 && (code < 0x7F || code > 0x9F)));
		i += n;
	}
	check(m->len <= FRAME + AMPLIFICATION * (size_t)m->size * (m->size ? 1 : 0) ||
		m->size == 0);
}

/* Behind so many words, each of which ends with a space. */
static const char *behind(const char *p, const char *end, unsigned words)
{
	for (; p < end && words; p++)
		words -= *p == ' ';
	check(words == 0);
	return p;
}

static const char *line_end(const char *p, const char *end)
{
	const char *newline = memchr(p, '\n', (size_t)(end - p));

	check(newline != NULL);
	return newline;
}

static void check_context(
	const struct decode_sink_memory *text, const struct decode_sink_memory *grep)
{
	const char *t = text->bytes, *t_end = t + text->len;
	const char *g = grep->bytes, *g_end = g + grep->len;

	while (t < t_end) {
		const char *next = line_end(t, t_end), *grep_next = line_end(g, g_end);

		g = behind(g, grep_next, CONTEXT_WORDS);
		check(next - t == grep_next - g && memcmp(t, g, (size_t)(next - t)) == 0);
		t = next + 1;
		g = grep_next + 1;
	}
	check(g == g_end);
}

static bool starts(const char *p, const char *end, const char *with)
{
	size_t len = strlen(with);

	return (size_t)(end - p) >= len && memcmp(p, with, len) == 0;
}

static void check_frame(const struct decode_sink_memory *m)
{
	const char *p = m->bytes, *end = p + m->len;
	uint64_t opened = 0, closed = 0;

	check(starts(p, end, "startDatagram ====="));
	for (; p < end; p = line_end(p, end) + 1) {
		opened += starts(p, end, "startSample ---");
		closed += starts(p, end, "endSample   ---");
		check(closed <= opened && opened <= closed + 1 + m->size);
		if (starts(p, end, "endDatagram"))
			check(line_end(p, end) + 1 == end);
	}
	check(closed == m->fresh[SFLOW_FLOW_SAMPLES] + m->fresh[SFLOW_COUNTER_SAMPLES] +
				m->fresh[SFLOW_DISCARD_SAMPLES] + m->fresh[SFLOW_RTMETRIC_SAMPLES] +
				m->fresh[SFLOW_RTFLOW_SAMPLES] + m->fresh[SFLOW_SAMPLE_UNKNOWN]);
}

static void check_values(const struct decode_sink_memory *m)
{
	const char *p = m->bytes, *end = p + m->len, *next;
	uint64_t flows = 0, counters = 0;

	for (; p < end; p = next + 1) {
		bool flow = starts(p, end, "FLOW,");
		unsigned columns = 1;

		next = line_end(p, end);
		flows += flow;
		counters += starts(p, end, "CNTR,");
		for (const char *c = p; c < next; c++)
			columns += *c == ',';
		check(columns == (flow ? FLOW_COLUMNS : COUNTER_COLUMNS));
	}
	check(flows == m->fresh[SFLOW_FLOW_SAMPLES] && counters == m->fresh[SFLOW_COUNTER_SAMPLES]);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct decode_sink_memory text, grep, line;
	uint32_t len = (uint32_t)size;

	if (size > DATAGRAM_MAX)
		return 0;
	sink_print(&text, DECODE_TEXT, data, len, size % 2);
	check_lines(&text);
	check_frame(&text);
	sink_print(&grep, DECODE_GREP, data, len, size % 2);
	check_context(&text, &grep);
	sink_print(&line, DECODE_LINE, data, len, false);
	check_lines(&line);
	check_values(&line);
	return 0;
}
