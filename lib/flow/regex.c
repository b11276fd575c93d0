/* SPDX-License-Identifier: BSD-3-Clause */
#include "flow/regex_pvt.h"

#include <errno.h>
#include <stdlib.h>

#include "flow/compile_pvt.h"
#include "flow/filter.h"

/*
 * Regular expressions by PCRE2. They are matched by its JIT alone: machine code that takes no memory
 * but 32 kB of the thread's stack, so that an RX core allocates nothing. A match is given up after
 * REGEX_STEPS, and is then the last one of its sample: the pattern is the user's, but the text is
 * anybody's.
 */

enum {
	REGEX_PATTERN = 1024, /* longest pattern, bytes */
	REGEX_STEPS = 1000,   /* PCRE2's match limit */
	REGEX_NESTING = 50,   /* parentheses within each other */
	CACHE_LINE = 64,
};

/*
 * The whole text must match; texts are bytes. UTF would let a text that is none read out of bounds,
 * so a pattern cannot ask for it.
 */
static const uint32_t options = PCRE2_ANCHORED | PCRE2_ENDANCHORED | PCRE2_NEVER_UTF |
				PCRE2_NEVER_UCP | PCRE2_NEVER_BACKSLASH_C;

static pcre2_compile_context *limits(void)
{
	pcre2_compile_context *context = pcre2_compile_context_create(NULL);

	if (!context)
		abort(); /* control thread; nothing sensible is left to do */
	pcre2_set_max_pattern_length(context, REGEX_PATTERN);
	pcre2_set_parens_nest_limit(context, REGEX_NESTING);
	return context;
}

static int fail_pattern(struct flow_compiler *c, const char *at, int error)
{
	PCRE2_UCHAR text[128];

	pcre2_get_error_message(error, text, sizeof(text));
	return flow_fail(c, at, "this is no regular expression: %s", (const char *)text);
}

/* Whether the JIT has taken it; (*NO_JIT) in front of a pattern keeps it out. */
static bool is_fast(pcre2_code *code)
{
	size_t size = 0;

	return pcre2_jit_compile(code, PCRE2_JIT_COMPLETE) == 0 &&
	       pcre2_pattern_info(code, PCRE2_INFO_JITSIZE, &size) == 0 && size > 0;
}

const struct flow_regex *flow_regex_compile(
	struct flow_compiler *c, const char *at, const char *pattern, size_t len)
{
	pcre2_compile_context *context = limits();
	PCRE2_SIZE offset;
	int error;
	pcre2_code *code =
		pcre2_compile((PCRE2_SPTR)pattern, len, options, &error, &offset, context);
	struct flow_regex *regex;

	pcre2_compile_context_free(context);
	if (!code) {
		fail_pattern(c, at, error);
		return NULL;
	}
	if (!is_fast(code)) {
		pcre2_code_free(code);
		flow_fail(c, at, "PCRE2 cannot make machine code of this regular expression here");
		return NULL;
	}
	regex = base_region_alloc(&c->plan->region, sizeof(*regex));
	*regex = (struct flow_regex){.code = code, .next = c->plan->regexes};
	c->plan->regexes = regex;
	return regex;
}

void flow_regex_free(struct flow_regex *list)
{
	for (; list; list = list->next)
		pcre2_code_free(list->code);
}

/* Whole cache lines: match data are written at each match, and no two cores may share a line. */
static void *take_lines(size_t size, void *unused)
{
	size_t lines = (size + CACHE_LINE - 1) / CACHE_LINE;

	return aligned_alloc(CACHE_LINE, lines * CACHE_LINE);
}

static void free_lines(void *lines, void *unused)
{
	free(lines);
}

int flow_scratch_init(struct flow_scratch *s)
{
	pcre2_general_context *memory = pcre2_general_context_create(take_lines, free_lines, NULL);

	*s = (struct flow_scratch){0};
	if (!memory)
		return -ENOMEM;
	s->match = pcre2_match_data_create(1, memory);
	s->context = pcre2_match_context_create(memory);
	pcre2_general_context_free(memory); /* both have a copy of it */
	if (!s->match || !s->context) {
		flow_scratch_fini(s);
		return -ENOMEM;
	}
	pcre2_set_match_limit(s->context, REGEX_STEPS);
	return 0;
}

void flow_scratch_fini(struct flow_scratch *s)
{
	pcre2_match_data_free(s->match);
	pcre2_match_context_free(s->context);
	*s = (struct flow_scratch){0};
}
