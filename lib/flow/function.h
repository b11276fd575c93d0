/* SPDX-License-Identifier: BSD-3-Clause */
#pragma once

#include "base/text.h"
#include "flow/key.h"

/*
 * The functions of keys, one row each: compiler, errors and docs/keys.rst read it. A new function is
 * its row, and the two functions that the row names.
 */

enum flow_argument_kind {
	FLOW_ARGUMENT_KEY,       /* a key, or another function */
	FLOW_ARGUMENT_TEXT,      /* any text, perhaps empty */
	FLOW_ARGUMENT_DELIMITER, /* a text that is not empty */
	FLOW_ARGUMENT_NUMBER,    /* 0 to 2^64 - 1 */
	FLOW_ARGUMENT_COUNT,     /* 1 to 255 */
};

struct flow_argument {
	enum flow_argument_kind kind;
	const char *name;
};

struct flow_compiler;
struct flow_names;
struct flow_span;

/* One argument of a call. */
struct flow_operand {
	uint8_t field;         /* KEY: number in the plan */
	struct flow_type type; /* KEY: what it is */
	uint8_t len;
	const char *text; /* others: without escapes, `len` bytes and a NUL; in the plan's region */
	uint64_t number;  /* NUMBER, COUNT; else what the function makes of the text */
	const void *data; /* what a function that looks up has found for the text */
};

struct flow_function {
	const char *name;
	uint8_t least, most; /* arguments */
	uint8_t argument_count;
	const struct flow_argument *arguments; /* the last one stands for all that follow */
	bool nulls; /* has a say where a key is absent; all other functions are absent then, too */
	/* Check and finish a call whose arguments are read; `at` has where each stands. 0 or -EINVAL */
	int (*prepare)(struct flow_compiler *c, struct flow_call *call, const struct flow_span *at);
	/* RX core. @return false where the result is absent */
	bool (*get)(const struct flow_call *call, const struct packet_value *fields,
		struct packet_value *v);
	/*
	 * In place of `get`: what is applied when windows are merged. An address's name, or its own
	 * text, which stands in for it. @return whether it is the name
	 */
	bool (*name_of)(const struct flow_call *call, const struct packet_value *key,
		const struct flow_names *names, struct packet_value *v);
	/* The same for what has no stand-in. @return false where it is not known */
	bool (*of_host)(const struct flow_call *call, const struct packet_value *key,
		const struct flow_names *names, struct packet_value *v);
	bool custom;   /* a field of a custom flow, read from it in place of `get` */
	bool of_names; /* takes a piece of a name: an address that stands in for one stays whole */
	const char *result;
	const char *help;
};

/* A function with its arguments. */
struct flow_call {
	const struct flow_function *function;
	uint8_t count;
	struct flow_type type; /* of the result */
	struct flow_operand operand[];
};

extern const struct flow_function flow_functions[];
extern const unsigned flow_functions_count;

/** Whether it is applied when windows are merged. */
static inline bool flow_function_is_late(const struct flow_function *f)
{
	return f->name_of || f->of_host;
}

/** The row of a name, or NULL. */
const struct flow_function *flow_function_find(const char *name, size_t len);

/** The i-th name, NULL past the last; for errors. */
const char *flow_function_name(const void *unused, size_t i);

/** Append how it is written: "prefix:KEY:DELIMITER:N". */
void flow_function_print(const struct flow_function *f, struct base_text *t);

/** Evaluate a call over the fields before it in the plan. RX core. */
static inline bool flow_call_get(
	const struct flow_call *call, const struct packet_value *fields, struct packet_value *v)
{
	const struct flow_function *f = call->function;

	for (unsigned i = 0; !f->nulls && i < call->count; i++) {
		if (call->operand[i].text == NULL && !fields[call->operand[i].field].p)
			return false;
	}
	return f->get(call, fields, v);
}
