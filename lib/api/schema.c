/* SPDX-License-Identifier: BSD-3-Clause */
#include "api/schema.h"

#include <stddef.h>
#include <string.h>

/* clang-format off */
const struct api_schema api_schemas[] = {
	{"Document", "{'type':'object','required':['openapi','info','paths']}"},
	{"Error",
	 "{'type':'object','required':['error'],'properties':{"
	 "'error':{'type':'string','description':'one sentence'},"
	 "'in':{'type':'string','description':'the attribute that it is about'},"
	 "'offset':{'type':'integer','description':'bytes into the text of that attribute'}},"
	 "'additionalProperties':false}"},
	{"Flow",
	 "{'type':'object','required':['value'],'properties':{"
	 "'keys':{'description':'keys with commas between them, or a list',"
	  "'anyOf':[{'type':'string'},{'type':'array','items':{'type':'string'}}]},"
	 "'value':{'type':'string'},"
	 "'filter':{'type':'string'},"
	 "'fs':{'type':'string','maxLength':32},"
	 "'n':{'type':'integer','minimum':0},"
	 "'t':{'type':'number'},"
	 "'capacity':{'type':'integer'},"
	 "'dropped':{'type':'boolean'}}}"},
};

const struct api_kind api_kinds[] = {
	{"flow", "flow definition", "Flow", NULL, false},
};
/* clang-format on */

const unsigned api_schema_count = sizeof(api_schemas) / sizeof(api_schemas[0]);
const unsigned api_kind_count = sizeof(api_kinds) / sizeof(api_kinds[0]);

const struct api_kind *api_kind_find(const char *kind)
{
	for (unsigned i = 0; i < api_kind_count; i++) {
		if (strcmp(api_kinds[i].kind, kind) == 0 ||
			(api_kinds[i].old && strcmp(api_kinds[i].old, kind) == 0))
			return &api_kinds[i];
	}
	return NULL;
}
