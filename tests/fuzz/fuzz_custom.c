/* SPDX-License-Identifier: BSD-3-Clause */
#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "flow/custom.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check(bool good)
{
	if (!good)
		abort();
}

static struct flow_plan *plan_make(void)
{
	static const struct flow_spec spec = {.name = "custom",
		.keys = "null:rtdatasource,null:[rt:a],null:[rt:a:string],null:[rt:m:mac],"
			"null:[rt:i:ip],null:[rt:j:ip6],null:[rt:n:int32],null:[rt:n:int64],"
			"null:[rt:n:double],null:[concat:-:[rt:a]:[rt:b]],null:[mask:[rt:i:ip]:8]",
		.value = "avg:rt:n:double",
		.capacity = 100,
		.t = 1};
	struct flow_error e;

	return flow_compile(&spec, 1, NULL, &e);
}

static void check_key(const struct flow_plan *plan, const uint8_t *key, int len)
{
	char text[4096];
	struct base_text t = base_text(text, sizeof(text));

	check(len <= FLOW_KEY_BYTES);
	flow_key_print(plan, &plan->definitions[0], key, (unsigned)len, &t);
	check(!t.cut);
	for (size_t i = 0; i < t.len; i++)
		check(isprint((unsigned char)text[i]));
}

static void take(const struct flow_plan *plan, const struct sflow_datagram *dg,
	const struct sflow_sample *s, struct flow_customs *seen)
{
	static const struct sflow_flow none;
	static struct flow_fields fields;
	uint8_t key[FLOW_KEY_BYTES];
	uint64_t value;
	int len;

	flow_customs_note(seen, s);
	flow_extract_custom(plan, &dg->agent, s, &none, &fields);
	len = flow_key_build(&plan->definitions[0], plan, &fields, key);
	if (len >= 0)
		check_key(plan, key, len);
	flow_value_of(&plan->definitions[0].values[0], s, &none, &fields, &value);
}

static void check_names(const struct flow_customs *seen)
{
	check(seen->count <= FLOW_CUSTOMS);
	for (uint32_t i = 0; i < seen->count; i++) {
		char text[128];
		struct base_text t = base_text(text, sizeof(text));

		flow_custom_print(&seen->list[i], &t);
		check(!t.cut && strncmp(text, "rt:", 3) == 0);
	}
}

/* Any bytes as a datagram: its custom flows have keys that are lines, and names that keys can have. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct flow_plan *plan;
	struct flow_customs seen = {.skip = 0};
	uint64_t stats[SFLOW_STATS] = {0};
	uint8_t *bytes = malloc(size ? size : 1);
	struct sflow_datagram dg;
	struct sflow_sample s;

	if (!plan)
		plan = plan_make();
	check(plan && bytes);
	memcpy(bytes, data, size);
	if (sflow_datagram_open(&dg, bytes, (uint32_t)size, stats) == 0) {
		while (sflow_sample_next(&dg, &s, stats)) {
			if (s.kind == SFLOW_KIND_RTFLOW)
				take(plan, &dg, &s, &seen);
		}
		check_names(&seen);
	}
	free(bytes);
	return 0;
}
