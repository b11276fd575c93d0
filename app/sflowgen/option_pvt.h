/* SPDX-License-Identifier: BSD-3-Clause */
#pragma once

#include <stddef.h>

#include "base/text.h"
#include "options.h"

enum option_kind {
	OPTION_FLAG,    /* bool */
	OPTION_NUMBER,  /* uint64_t, min to max */
	OPTION_DECIMAL, /* double, min to max */
	OPTION_SHARE,   /* double, 0 to 1, or with % */
	OPTION_TEXT,    /* const char * */
	OPTION_RATES,   /* the sampling rates */
	OPTION_RECORDS, /* the records of a flow sample */
	OPTION_MAC,     /* uint8_t[6] */
	OPTION_IP,      /* struct base_addr */
	OPTION_DEFINE,  /* one more definition */
	OPTION_SERVICE, /* one more service */
	OPTION_WEB,     /* one more web service */
	OPTION_KINDS,   /* kinds of hostile datagrams */
};

/* One row per option: parser, help and errors are made from it. */
struct option_row {
	const char *name;
	enum option_kind kind;
	size_t at; /* offset in struct gen_options */
	double min, max;
	const char *argument;
	const char *help;
	const char *section; /* of the help, above the first row of each */
};

extern const struct option_row gen_option_rows[];
extern const unsigned gen_option_row_count;

/** The defaults. */
void gen_options_init(struct gen_options *o);

/** Read the value of one option. @return 0, or -EINVAL with a sentence in `error` */
int gen_option_read(struct gen_options *o, const struct option_row *row, const char *text,
	struct base_text *error);
