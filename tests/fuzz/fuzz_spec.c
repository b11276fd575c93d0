/* SPDX-License-Identifier: BSD-3-Clause */
#include <stdlib.h>
#include <string.h>

#include "flow/spec.h"

/*
 * Any bytes as the JSON of a definition, as HTTP and Redis bring it. What must hold: one that is
 * taken is written to what reads back to the same; one that is refused says why in one line; errors
 * of compiling have a place in the text.
 */

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check(bool ok)
{
	if (!ok)
		abort();
}

static void check_error(const char *text)
{
	check(text[0] != '\0' && strlen(text) < 256);
}

static void check_again(const struct flow_spec *spec)
{
	struct base_region region = {.head = NULL};
	json_t *json = flow_spec_json(spec), *json2;
	struct flow_spec *again;
	char error[256];

	again = flow_spec_read(spec->name, json, error, sizeof(error));
	check(again != NULL);
	json2 = flow_spec_json(again);
	check(json_equal(json, json2));
	check(strcmp(flow_spec_meaning(spec, &region), flow_spec_meaning(again, &region)) == 0);
	json_decref(json);
	json_decref(json2);
	flow_spec_free(again);
	base_region_free(&region);
}

static void compile(const struct flow_spec *spec)
{
	struct flow_error e;
	struct flow_plan *plan = flow_compile(spec, 1, NULL, &e);
	char text[512];

	if (!plan) {
		flow_error_print(&e, text, sizeof(text));
		check(strncmp(text, flow_error_attribute(&e), strlen(flow_error_attribute(&e))) ==
			0);
	}
	flow_plan_free(plan);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	json_t *body = json_loadb((const char *)data, size, JSON_ALLOW_NUL, NULL);
	struct flow_spec *spec;
	char error[256] = "";

	if (!body)
		return 0;
	spec = flow_spec_read("fuzz", body, error, sizeof(error));
	json_decref(body);
	if (spec) {
		check_again(spec);
		compile(spec);
	} else {
		check_error(error);
	}
	flow_spec_free(spec);
	return 0;
}
