/* SPDX-License-Identifier: BSD-3-Clause */
#include <dirent.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "wire.h"

/* Real captures: as many samples as the reference decoder prints lines for. */

static const char *corpus;

static char *slurp(const char *path, size_t *len)
{
	FILE *f = fopen(path, "rb");
	char *bytes;
	long end;

	assert_non_null(f);
	assert_int_equal(fseek(f, 0, SEEK_END), 0);
	end = ftell(f);
	assert_true(end >= 0);
	rewind(f);
	*len = (size_t)end;
	bytes = calloc(1, *len + 1);
	assert_non_null(bytes);
	assert_int_equal(fread(bytes, 1, *len, f), *len);
	fclose(f);
	return bytes;
}

static uint32_t little(const uint8_t *p)
{
	return (uint32_t)p[3] << 24 | (uint32_t)p[2] << 16 | (uint32_t)p[1] << 8 | p[0];
}

static void walk(const uint8_t *payload, uint32_t len, uint64_t *stats)
{
	struct sflow_datagram dg;
	struct sflow_sample s;
	struct sflow_flow f;

	if (sflow_datagram_open(&dg, payload, len, stats))
		return;
	while (sflow_sample_next(&dg, &s, stats))
		if (s.kind != SFLOW_KIND_COUNTER)
			sflow_flow_read(&s, &f, stats);
}

/* Ethernet, IPv4 or IPv6, UDP: all captures are like that. */
static void frame(const uint8_t *p, uint32_t len, uint64_t *stats)
{
	bool v6 = base_get_u16(p + 12) == 0x86DD;
	uint32_t head = v6 ? 54 : 14 + 4 * (p[14] & 15u), udp;

	assert_true(v6 || base_get_u16(p + 12) == 0x0800);
	assert_true(len >= head + 8 && p[v6 ? 20 : 23] == 17);
	udp = base_get_u16(p + head + 4);
	assert_true(udp >= 8);
	if (udp > len - head)
		udp = len - head;
	walk(p + head + 8, udp - 8, stats);
}

static void read_pcap(const char *path, uint64_t *stats)
{
	size_t len, at = 24;
	char *bytes = slurp(path, &len);
	const uint8_t *p = (const uint8_t *)bytes;

	assert_true(len >= at && little(p) == 0xA1B2C3D4 && little(p + 20) == 1);
	while (at < len) {
		uint32_t caplen = little(p + at + 8);

		frame(p + at + 16, caplen, stats);
		at += 16 + caplen;
	}
	free(bytes);
}

static uint64_t count_lines(const char *path, const char *start)
{
	size_t len;
	char *text = slurp(path, &len), *save, *line;
	uint64_t count = 0;

	for (line = strtok_r(text, "\n", &save); line; line = strtok_r(NULL, "\n", &save))
		count += strncmp(line, start, strlen(start)) == 0;
	free(text);
	return count;
}

static void check_capture(const char *name)
{
	uint64_t stats[SFLOW_STATS] = {0}, flows, counters;
	char path[512];

	snprintf(path, sizeof(path), "%s/%s.pcap", corpus, name);
	read_pcap(path, stats);
	snprintf(path, sizeof(path), "%s/%s.line.txt", corpus, name);
	flows = count_lines(path, "FLOW,");
	counters = count_lines(path, "CNTR,");
	assert_int_equal(stats[SFLOW_FLOW_SAMPLES], flows);
	assert_int_equal(stats[SFLOW_COUNTER_SAMPLES], counters);
	assert_conserved(stats);
}

static void test_captures(void **state)
{
	DIR *dir = opendir(corpus);
	struct dirent *d;
	unsigned captures = 0;

	assert_non_null(dir);
	while ((d = readdir(dir))) {
		char *dot = strrchr(d->d_name, '.');

		if (!dot || strcmp(dot, ".pcap") != 0)
			continue;
		*dot = '\0';
		check_capture(d->d_name);
		captures++;
	}
	closedir(dir);
	assert_true(captures > 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(test_captures)};
	DIR *dir;

	corpus = getenv("WEIR_CORPUS");
	if (!corpus)
		corpus = "../shared/corpus";
	dir = opendir(corpus);
	if (!dir)
		return 77;
	closedir(dir);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
