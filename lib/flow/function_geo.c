/* SPDX-License-Identifier: BSD-3-Clause */
#include <errno.h>

#include "base/near.h"
#include "flow/data.h"
#include "flow/function_pvt.h"

/* Functions that look into databases of addresses. */

/* Words for what a function can give, by enum geo_form. */
static const char *const country_words[] = {"code", "name", "both", NULL};
static const char *const asn_words[] = {"number", "descr", "both", NULL};
static const char *const oui_words[] = {"number", "name", "both", NULL};

static const char *word_at(const void *words, size_t i)
{
	return ((const char *const *)words)[i];
}

static int find_form(
	struct flow_compiler *c, struct flow_operand *o, const char *at, const char *const *words)
{
	const char *near;
	char shown[FLOW_SHOWN];

	for (unsigned i = 0; i < GEO_FORMS; i++) {
		if (strcmp(o->text, words[i]) == 0) {
			o->number = i;
			return 0;
		}
	}
	near = base_near(o->text, word_at, words);
	return flow_fail(c, at, "\"%s\" does not fit here; write %s, %s or %s%s%s%s",
		flow_shown((struct flow_span){o->text, o->text + o->len}, shown), words[0],
		words[1], words[2], near ? " (did you mean \"" : "", near ? near : "",
		near ? "\"?)" : "");
}

/* Without an attribute it is the first of the words. */
static int prepare(struct flow_compiler *c, struct flow_call *call, const struct flow_span *at,
	enum geo_kind kind, const char *const *words)
{
	struct flow_operand *o = &call->operand[1];
	struct geo *geo = flow_data_geo(c->plan->data);
	char error[200] = "there is none";

	if (call->count == 1)
		*o = (struct flow_operand){.text = words[0], .len = (uint8_t)strlen(words[0])};
	if (find_form(c, o, call->count == 1 ? at[0].p : at[1].p, words) < 0)
		return -EINVAL;
	call->count = 2;
	o->data = geo ? geo_get(geo, kind, error, sizeof(error)) : NULL;
	if (!o->data)
		return flow_fail(
			c, at[0].p, "%s needs a database: %s", call->function->name, error);
	call->type.form = BASE_FORM_NAME;
	return 0;
}

static int prepare_address(struct flow_compiler *c, struct flow_call *call,
	const struct flow_span *at, enum geo_kind kind, const char *const *words)
{
	if (call->operand[0].type.form != BASE_FORM_ADDR)
		return flow_fail(c, at[0].p, "%s takes an IP address; this key is none",
			call->function->name);
	return prepare(c, call, at, kind, words);
}

FLOW_PREPARE(country)
{
	return prepare_address(c, call, at, GEO_COUNTRY, country_words);
}

FLOW_PREPARE(asn)
{
	if (prepare_address(c, call, at, GEO_ASN, asn_words) < 0)
		return -EINVAL;
	if (call->operand[1].number == GEO_NUMBER)
		call->type = (struct flow_type){.form = BASE_FORM_UINT, .width = 4};
	return 0;
}

FLOW_PREPARE(oui)
{
	if (call->operand[0].type.form != BASE_FORM_MAC)
		return flow_fail(c, at[0].p, "oui takes a MAC address; this key is none");
	return prepare(c, call, at, GEO_OUI, oui_words);
}

static bool give(
	const struct geo_record *record, const struct flow_operand *o, struct packet_value *v)
{
	const struct geo_text *text = record ? &record->texts[o->number] : NULL;

	return text && text->text && flow_give_text(v, text->text, text->len);
}

static const struct geo_record *find(
	const struct flow_call *call, const struct packet_value *fields)
{
	const struct packet_value *address = &fields[call->operand[0].field];

	return geo_find(call->operand[1].data, address->p, address->len);
}

FLOW_GET(geo)
{
	return give(find(call, fields), &call->operand[1], v);
}

FLOW_GET(asn)
{
	const struct geo_record *record = find(call, fields);

	if (call->operand[1].number == GEO_NUMBER)
		return record && flow_give_u32(v, record->number);
	return give(record, &call->operand[1], v);
}

FLOW_GET(oui)
{
	const struct packet_value *mac = &fields[call->operand[0].field];

	return mac->len == 6 &&
	       give(geo_find_mac(call->operand[1].data, mac->p), &call->operand[1], v);
}
