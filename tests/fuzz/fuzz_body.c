/* SPDX-License-Identifier: BSD-3-Clause */
#include <stdlib.h>
#include <string.h>

#include "lookups.h"
#include "thresholds.h"

/*
 * Any bytes as the JSON that HTTP puts: the first byte says whether as a threshold, a group or a map. What
 * must hold: a threshold that is taken is written to what reads back to the same; what is refused has a
 * sentence.
 */

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check(bool ok)
{
	if (!ok)
		abort();
}

static void write_json(void *ctx, const struct threshold *t, enum threshold_kind on)
{
	json_t **json = ctx;

	check(*json == NULL);
	*json = thresholds_json(t, on);
}

/* @return the only threshold of a set, as JSON; NULL where it was refused */
static json_t *take_threshold(const json_t *body)
{
	struct thresholds *set = thresholds_create();
	struct api_error e = {.text = ""};
	json_t *json = NULL;
	int rc;

	check(set != NULL);
	rc = thresholds_put_json(set, "fuzz", body, &e);
	check(rc == 0 || e.text[0]);
	thresholds_each(set, NULL, write_json, &json);
	check((rc == 0) == (json != NULL));
	thresholds_destroy(set);
	return json;
}

static void take_threshold_twice(const json_t *body)
{
	json_t *once = take_threshold(body), *twice;

	if (!once)
		return;
	twice = take_threshold(once);
	check(twice && json_equal(once, twice));
	json_decref(once);
	json_decref(twice);
}

static void take_lookup(enum flow_lookup_kind kind, const json_t *body)
{
	char error[256] = "";
	struct flow_lookup *l = lookups_make(kind, "fuzz", body, error, sizeof(error));

	check(l || error[0]);
	flow_lookup_unref(l);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	json_t *body = size == 0 ? NULL
				 : json_loadb((const char *)data + 1, size - 1,
					   JSON_REJECT_DUPLICATES, NULL);

	if (!json_is_object(body)) {
		json_decref(body);
		return 0;
	}
	if (data[0] % 3 == 0)
		take_threshold_twice(body);
	else
		take_lookup(data[0] % 3 == 1 ? FLOW_GROUP : FLOW_MAP, body);
	json_decref(body);
	return 0;
}
