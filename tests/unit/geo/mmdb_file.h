/* SPDX-License-Identifier: BSD-3-Clause */
#pragma once

#include <assert.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/addr.h"

/*
 * Files in MaxMind's format, made by tests: a tree with records of 32 bits, data, metadata. Include
 * after cmocka.h.
 */

enum { MMDB_FILE_NODES = 4096, MMDB_FILE_DATA = 65536, MMDB_FILE_LEAF = 1 << 30 };

struct mmdb_file {
	unsigned ip_version;
	const char *type;
	uint32_t nodes[MMDB_FILE_NODES]
		      [2]; /* 0: nothing; a node; MMDB_FILE_LEAF + offset of data */
	uint32_t node_count;
	uint8_t data[MMDB_FILE_DATA];
	uint32_t len;
};

static inline void mmdb_open(struct mmdb_file *m, unsigned ip_version, const char *type)
{
	memset(m, 0, sizeof(*m));
	m->ip_version = ip_version;
	m->type = type;
	m->node_count = 1;
}

static inline void mmdb_byte(struct mmdb_file *m, unsigned byte)
{
	assert(m->len < MMDB_FILE_DATA);
	m->data[m->len++] = (uint8_t)byte;
}

static inline void mmdb_text(struct mmdb_file *m, const char *text)
{
	size_t len = strlen(text);

	mmdb_byte(m, 2 << 5 | (unsigned)(len < 29 ? len : 29));
	if (len >= 29)
		mmdb_byte(m, (unsigned)len - 29);
	for (size_t i = 0; i < len; i++)
		mmdb_byte(m, (uint8_t)text[i]);
}

static inline void mmdb_map(struct mmdb_file *m, unsigned pairs)
{
	mmdb_byte(m, 7 << 5 | pairs);
}

/* A number: 5 is uint16, 6 uint32. */
static inline void mmdb_number(struct mmdb_file *m, unsigned type, uint32_t number)
{
	mmdb_byte(m, type << 5 | 4);
	if (type == 5)
		m->data[m->len - 1] = 5 << 5 | 2;
	for (int shift = type == 5 ? 8 : 24; shift >= 0; shift -= 8)
		mmdb_byte(m, number >> shift & 0xFF);
}

/* Both return where the record is, for mmdb_add(). NULL: it says nothing. */
static inline uint32_t mmdb_country(
	struct mmdb_file *m, const char *section, const char *code, const char *name)
{
	uint32_t at = m->len;

	mmdb_map(m, 1);
	mmdb_text(m, section);
	mmdb_map(m, !!code + !!name);
	if (name) {
		mmdb_text(m, "names");
		mmdb_map(m, 2);
		mmdb_text(m, "de");
		mmdb_text(m, "anders");
		mmdb_text(m, "en");
		mmdb_text(m, name);
	}
	if (code) {
		mmdb_text(m, "iso_code");
		mmdb_text(m, code);
	}
	return at;
}

static inline uint32_t mmdb_as(struct mmdb_file *m, uint32_t number, const char *name)
{
	uint32_t at = m->len;

	mmdb_map(m, 1 + !!name);
	mmdb_text(m, "autonomous_system_number");
	mmdb_number(m, 6, number);
	if (name) {
		mmdb_text(m, "autonomous_system_organization");
		mmdb_text(m, name);
	}
	return at;
}

/* Let a network lead to `leaf`: a record, or (for aliases) a node. */
static inline void mmdb_link(struct mmdb_file *m, const char *network, unsigned bits, uint32_t leaf)
{
	struct base_addr addr;
	uint32_t node = 0;

	if (base_addr_parse(network, &addr) < 0)
		abort();
	if (addr.family == 4 && m->ip_version == 6) {
		memmove(addr.bytes + 12, addr.bytes, 4);
		memset(addr.bytes, 0, 12);
		bits += 96;
	}
	for (unsigned i = 0; i < bits; i++) {
		uint32_t *to = &m->nodes[node][addr.bytes[i / 8] >> (7 - i % 8) & 1];

		if (i + 1 == bits) {
			*to = leaf;
			return;
		}
		if (*to == 0)
			*to = m->node_count++;
		assert(*to < MMDB_FILE_NODES);
		node = *to;
	}
}

static inline void mmdb_add(
	struct mmdb_file *m, const char *network, unsigned bits, uint32_t record)
{
	mmdb_link(m, network, bits, MMDB_FILE_LEAF + record);
}

/* The node behind a path of zeroes. */
static inline uint32_t mmdb_node(const struct mmdb_file *m, unsigned zeroes)
{
	uint32_t node = 0;

	for (unsigned i = 0; i < zeroes; i++)
		node = m->nodes[node][0];
	return node;
}

static inline void mmdb_write_tree(const struct mmdb_file *m, FILE *f)
{
	for (uint32_t i = 0; i < 2 * m->node_count; i++) {
		uint32_t to = m->nodes[i / 2][i % 2], n = to;

		if (to == 0)
			n = m->node_count;
		else if (to >= MMDB_FILE_LEAF)
			n = to - MMDB_FILE_LEAF + m->node_count + 16;
		for (int shift = 24; shift >= 0; shift -= 8)
			fputc((int)(n >> shift & 0xFF), f);
	}
}

static inline void mmdb_write(struct mmdb_file *m, const char *path)
{
	static const char marker[] = "\xAB\xCD\xEFMaxMind.com";
	FILE *f = fopen(path, "w");
	uint32_t data = m->len;

	if (!f)
		abort();
	mmdb_map(m, 9);
	mmdb_text(m, "node_count");
	mmdb_number(m, 6, m->node_count);
	mmdb_text(m, "record_size");
	mmdb_number(m, 5, 32);
	mmdb_text(m, "ip_version");
	mmdb_number(m, 5, m->ip_version);
	mmdb_text(m, "database_type");
	mmdb_text(m, m->type);
	mmdb_text(m, "binary_format_major_version");
	mmdb_number(m, 5, 2);
	mmdb_text(m, "binary_format_minor_version");
	mmdb_number(m, 5, 0);
	mmdb_text(m, "build_epoch");
	mmdb_byte(m, 1); /* one byte of an extended type: uint64 */
	mmdb_byte(m, 9 - 7);
	mmdb_byte(m, 1);
	mmdb_text(m, "languages");
	mmdb_byte(m, 0); /* an empty array */
	mmdb_byte(m, 11 - 7);
	mmdb_text(m, "description");
	mmdb_map(m, 0);
	mmdb_write_tree(m, f);
	for (unsigned i = 0; i < 16; i++)
		fputc(0, f);
	fwrite(m->data, 1, data, f);
	fwrite(marker, 1, sizeof(marker) - 1, f);
	fwrite(m->data + data, 1, m->len - data, f);
	fclose(f);
}
