/* SPDX-License-Identifier: BSD-3-Clause */
#include <assert.h>
#include <string.h>

#include "conf/schema_pvt.h"

/* Members are read and written by memcpy(): their types differ, their sizes are in the rows. */

static const char *at(const void *base, size_t offset)
{
	return (const char *)base + offset;
}

uint64_t conf_member_uint(const struct conf_row *row, const void *base)
{
	uint16_t u16;
	uint32_t u32;
	uint64_t u64;
	double seconds;

	if (row->type == CONF_SECONDS) {
		memcpy(&seconds, at(base, row->offset), sizeof(seconds));
		return (uint64_t)(seconds * 1000 + 0.5);
	}
	switch (row->size) {
	case sizeof(u16):
		memcpy(&u16, at(base, row->offset), sizeof(u16));
		return u16;
	case sizeof(u32):
		memcpy(&u32, at(base, row->offset), sizeof(u32));
		return u32;
	default:
		assert(row->size == sizeof(u64));
		memcpy(&u64, at(base, row->offset), sizeof(u64));
		return u64;
	}
}

void conf_member_set_uint(const struct conf_row *row, void *base, uint64_t v)
{
	char *p = (char *)base + row->offset;
	uint16_t u16 = (uint16_t)v;
	uint32_t u32 = (uint32_t)v;
	double seconds = (double)v / 1000;

	if (row->type == CONF_SECONDS)
		memcpy(p, &seconds, sizeof(seconds));
	else if (row->size == sizeof(u16))
		memcpy(p, &u16, sizeof(u16));
	else if (row->size == sizeof(u32))
		memcpy(p, &u32, sizeof(u32));
	else
		memcpy(p, &v, sizeof(v));
}

double conf_member_double(const struct conf_row *row, const void *base)
{
	double v;

	memcpy(&v, at(base, row->offset), sizeof(v));
	return v;
}

void conf_member_set_double(const struct conf_row *row, void *base, double v)
{
	memcpy((char *)base + row->offset, &v, sizeof(v));
}

const void *conf_member_pointer(const struct conf_row *row, const void *base)
{
	const void *p;

	memcpy(&p, at(base, row->offset), sizeof(p));
	return p;
}

void conf_member_set_pointer(const struct conf_row *row, void *base, const void *p)
{
	memcpy((char *)base + row->offset, &p, sizeof(p));
}

unsigned conf_member_count(const struct conf_row *row, const void *base)
{
	unsigned count;

	memcpy(&count, at(base, row->count), sizeof(count));
	return count;
}

void conf_member_set_list(const struct conf_row *row, void *base, const void *p, unsigned count)
{
	conf_member_set_pointer(row, base, p);
	memcpy((char *)base + row->count, &count, sizeof(count));
}

void conf_row_presets(const struct conf_row *parent, void *base, struct base_region *region)
{
	const struct conf_row *row;
	char why[CONF_WHY];

	for (size_t i = 0; (row = conf_row_child(parent, i)); i++) {
		if (row->type == CONF_MAP)
			conf_row_presets(row, base, region);
		if (row->preset) {
			int err = conf_value_set(
				row, base, region, row->preset, strlen(row->preset), why);

			assert(err == 0);
			(void)err;
		}
	}
}
