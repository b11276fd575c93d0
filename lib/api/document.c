/* SPDX-License-Identifier: BSD-3-Clause */

/*
 * The OpenAPI document (version 3.1, whose schemas are JSON Schema), from the rows: paths of api_routes,
 * once for each kind of api_kinds where a row stands for kinds, and the schemas of api_schemas.
 */
#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "api/server_pvt.h"
#include "base/text.h"
#include "weir_config.h"

enum { DOCUMENT_PATH = 256, DOCUMENT_NAMES = 64 };

/* Where it goes, and about which kind. */
struct writing {
	json_t *paths;
	const struct api_route *route;
	const struct api_kind *kind; /* NULL: none */
};

static const struct {
	const char *name, *help;
} path_names[] = {
	{"agent", "Addresses and host names of agents with , or ; between them, or one of ALL, "
		  "TOPOLOGY, EDGE and CORE"},
	{"agents", "Addresses and host names of agents with , or ; between them, or one of ALL, "
		   "TOPOLOGY, EDGE and CORE"},
	{"columns", "Metrics with , or ; between them; with sort: before one rows are sorted by "
		    "it, and behind it may be a number of rows, negative for the largest first "
		    "(sort:load_one:-10); with null: before one rows may lack it"},
	{"group", "What the group of agents is called"},
	{"metric", "A data source, a dot, and the name of a flow: 10.pairs, 2.1.pairs"},
	{"metrics", "Metrics with , or ; between them, perhaps of one data source (10.ifspeed), or "
		    "ALL"},
	{"statistics", "Metrics with , or ; between them, perhaps of one data source "
		       "(2.1.load_one), each with a statistic before it: max: (where there is "
		       "none), min:, sum:, avg:, var:, sdev:, med:, q1:, q2:, q3:, iqr: or any:"},
	{"name", "The name"},
};

static json_t *reference(const char *schema)
{
	return json_pack("{s:o}", "$ref", json_sprintf("#/components/schemas/%s", schema));
}

/* "/{kind}/{name}/json" of kind flow: "/flow/{name}/json". */
static void write_path(const struct writing *w, char *path)
{
	struct base_text t = base_text(path, DOCUMENT_PATH);
	const char *rest = w->route->path;

	if (w->kind) {
		base_text_printf(&t, "/%s", w->kind->kind);
		rest += strlen("/{kind}");
	}
	base_text_printf(&t, "%s", rest);
}

/* ---- parameters ---- */

static const char *path_help(const char *name)
{
	for (unsigned i = 0; i < sizeof(path_names) / sizeof(path_names[0]); i++) {
		if (strcmp(path_names[i].name, name) == 0)
			return path_names[i].help;
	}
	return "";
}

static void add_path_parameters(json_t *list, const char *path)
{
	for (const char *p = strchr(path, '{'); p; p = strchr(p + 1, '{')) {
		char name[DOCUMENT_NAMES] = "";

		strncat(name, p + 1, strcspn(p + 1, "}"));
		json_array_append_new(list, json_pack("{s:s, s:s, s:b, s:s, s:{s:s}}", "name", name,
						    "in", "path", "required", true, "description",
						    path_help(name), "schema", "type", "string"));
	}
}

static json_t *preset_of(const struct api_parameter *p)
{
	if (p->type == API_UINT)
		return json_integer(strtoll(p->preset, NULL, 10));
	if (p->type == API_NUMBER)
		return json_real(strtod(p->preset, NULL));
	return json_string(p->preset);
}

static json_t *parameter_schema(const struct api_parameter *p)
{
	static const char *const types[] = {[API_UINT] = "integer",
		[API_NUMBER] = "number",
		[API_TEXT] = "string",
		[API_CHOICE] = "string"};
	json_t *schema = json_pack("{s:s}", "type", types[p->type]);

	if (p->type == API_UINT) {
		json_object_set_new(schema, "minimum", json_integer((json_int_t)p->min));
		json_object_set_new(schema, "maximum", json_integer((json_int_t)p->max));
	}
	if (p->choices) {
		json_t *list = json_array();

		for (unsigned i = 0; p->choices[i]; i++)
			json_array_append_new(list, json_string(p->choices[i]));
		json_object_set_new(schema, "enum", list);
	}
	if (p->preset)
		json_object_set_new(schema, "default", preset_of(p));
	return schema;
}

static void add_query_parameters(json_t *list, const struct api_route *route)
{
	for (const struct api_parameter *p = route->parameters; p && p->name; p++)
		json_array_append_new(
			list, json_pack("{s:s, s:s, s:b, s:s, s:o}", "name", p->name, "in", "query",
				      "required", p->required, "description", p->help, "schema",
				      parameter_schema(p)));
}

/* Any name, with any patterns. */
static json_t *filter_parameter(void)
{
	return json_pack("{s:s, s:s, s:s, s:b, s:s, s:{s:s, s:{s:s, s:{s:s}}}}", "name", "filter",
		"in", "query", "style", "form", "explode", true, "description",
		"Attributes that data sources, or their hosts, have to have: NAME=PATTERN, where * "
		"is "
		"any characters and a backslash makes the next one stand for itself. One of the "
		"patterns of a name has to fit, and all names",
		"schema", "type", "object", "additionalProperties", "type", "array", "items",
		"type", "string");
}

/* ---- answers ---- */

static void add_error(json_t *answers, const char *status, const char *why)
{
	json_object_set_new(answers, status,
		json_pack("{s:s, s:{s:{s:o}}}", "description", why, "content", "application/json",
			"schema", reference("Error")));
}

/* A list of a kind is an object whose values are what the kind is, or tell about it. */
static json_t *answer_schema(const struct writing *w)
{
	if (!w->kind)
		return w->route->schema ? reference(w->route->schema) : NULL;
	if (w->kind->single || strstr(w->route->path, "{name}"))
		return reference(w->kind->schema);
	return json_pack("{s:s, s:o}", "type", "object", "additionalProperties",
		reference(w->kind->listed ? w->kind->listed : w->kind->schema));
}

static json_t *good_answer(const struct writing *w)
{
	json_t *schema = answer_schema(w);

	if (w->route->stream)
		return json_pack("{s:s, s:{s:{s:{s:s}}}}", "description", "Server-Sent Events",
			"content", "text/event-stream", "schema", "type", "string");
	if (schema)
		return json_pack("{s:s, s:{s:{s:o}}}", "description", "done", "content",
			"application/json", "schema", schema);
	return json_pack("{s:s, s:{s:{s:{s:s}}}}", "description", "done", "content", "text/plain",
		"schema", "type", "string");
}

static json_t *answers(const struct writing *w)
{
	bool change = strcmp(w->route->method, "GET") != 0;
	json_t *list = json_object();

	if (change)
		json_object_set_new(list, "204", json_pack("{s:s}", "description", "done"));
	else
		json_object_set_new(list, "200", good_answer(w));
	if (w->route->parameters || w->route->filter || w->route->body || w->kind)
		add_error(list, "400", "a parameter or the body is wrong");
	add_error(list, "401", "a token is asked for");
	add_error(list, "403", "not with this token, or not at all");
	if (strchr(w->route->path, '{'))
		add_error(list, "404", "there is no such thing");
	if (change) {
		add_error(list, "413", "the body is too long");
		add_error(list, "503",
			"too many large bodies at the same time, or it is not in force yet");
		add_error(list, "507", "there is no room for it");
	}
	add_error(list, "429", "too many requests");
	if (w->route->snapshot || w->route->view)
		add_error(list, "503", "no window was closed in time, or too many long answers");
	return list;
}

/* ---- operations ---- */

static json_t *summary(const struct writing *w)
{
	const char *verb = strcmp(w->route->method, "PUT") == 0      ? "Make or replace a"
			   : strcmp(w->route->method, "DELETE") == 0 ? "Remove a"
			   : strstr(w->route->path, "{name}") || w->kind->single ? "One"
										 : "Every";

	return json_sprintf("%s %s", verb, w->kind->title);
}

static json_t *operation(const struct writing *w, const char *path)
{
	bool put = strcmp(w->route->method, "PUT") == 0;
	const char *body = w->kind && put ? w->kind->schema : w->route->body;
	json_t *o = json_object(), *list = json_array();

	json_object_set_new(o, "summary", w->kind ? summary(w) : json_string(w->route->summary));
	if (w->route->help)
		json_object_set_new(o, "description", json_string(w->route->help));
	add_path_parameters(list, path);
	add_query_parameters(list, w->route);
	if (w->route->filter)
		json_array_append_new(list, filter_parameter());
	if (json_array_size(list))
		json_object_set(o, "parameters", list);
	json_decref(list);
	if (body)
		json_object_set_new(o, "requestBody",
			json_pack("{s:b, s:{s:{s:o}}}", "required", true, "content",
				"application/json", "schema", reference(body)));
	json_object_set_new(o, "responses", answers(w));
	return o;
}

static void add_operation(const struct writing *w)
{
	char path[DOCUMENT_PATH], method[8] = "";
	json_t *item;

	write_path(w, path);
	for (unsigned i = 0; w->route->method[i]; i++)
		method[i] = (char)tolower((unsigned char)w->route->method[i]);
	item = json_object_get(w->paths, path);
	if (!item) {
		item = json_object();
		json_object_set_new(w->paths, path, item);
	}
	json_object_set_new(item, method, operation(w, path));
}

static void add_route(json_t *paths, const struct api_route *route)
{
	struct writing w = {.paths = paths, .route = route};

	if (route->kinds == API_NO_KIND) {
		add_operation(&w);
		return;
	}
	for (w.kind = api_kinds; w.kind < api_kinds + api_kind_count; w.kind++) {
		if (route->kinds == API_ANY_KIND ||
			(route->kinds == API_SINGLE_KIND) == w.kind->single)
			add_operation(&w);
	}
}

json_t *api_document(void)
{
	json_t *paths = json_object(), *schemas = json_object();

	for (unsigned i = 0; i < api_route_count; i++)
		add_route(paths, &api_routes[i]);
	for (unsigned i = 0; i < api_schema_count; i++)
		json_object_set_new(schemas, api_schemas[i].name, api_schema_json(&api_schemas[i]));
	return json_pack("{s:s, s:{s:s, s:s, s:s}, s:[{}, {s:[]}], s:o, s:{s:o, s:{s:{s:s, s:s}}}}",
		"openapi", "3.1.0", "info", "title", "weir", "version", WEIR_VERSION, "description",
		"sFlow v5 collector and flow analytics: see docs/api.rst", "security", "token",
		"paths", paths, "components", "schemas", schemas, "securitySchemes", "token",
		"type", "http", "scheme", "bearer");
}

void api_print_document(FILE *out)
{
	json_t *document = api_document();

	json_dumpf(document, out, JSON_INDENT(1));
	fputc('\n', out);
	json_decref(document);
}
