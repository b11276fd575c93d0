/* SPDX-License-Identifier: BSD-3-Clause */
#include <errno.h>
#include <string.h>

#include "api/handlers_pvt.h"
#include "api/server_pvt.h"
#include "base/near.h"

/* The paths of everything that is a struct api_resource. */

const struct api_resource *api_resource_find(const struct api *api, const char *kind)
{
	const struct api_kind *row = api_kind_find(kind);

	for (unsigned i = 0; row && i < api->resource_count; i++) {
		if (strcmp(api->resources[i].kind, row->kind) == 0)
			return &api->resources[i];
	}
	return NULL;
}

/* What the path calls it; those that are single have no name. */
static const char *name_of(const struct api_request *r)
{
	return r->names[1] ? r->names[1] : "";
}

/* The i-th name of a list, in the form that base_near() asks for. */
static const char *listed_name(const void *ctx, size_t i)
{
	void *iter = json_object_iter((json_t *)(uintptr_t)ctx);

	while (iter && i--)
		iter = json_object_iter_next((json_t *)(uintptr_t)ctx, iter);
	return iter ? json_object_iter_key(iter) : NULL;
}

void api_fail_unknown(const char *what, const struct api_resource *resource, const char *name,
	struct api_reply *reply)
{
	json_t *all = resource && resource->list ? resource->list(resource->ctx) : NULL;
	const char *near = all ? base_near(name, listed_name, all) : NULL;

	api_fail(reply, MHD_HTTP_NOT_FOUND, "there is no %s \"%.64s\"%s%s%s", what, name,
		near ? "; did you mean \"" : "", near ? near : "", near ? "\"?" : "");
	json_decref(all);
}

static void fail_unknown(const struct api_request *r, struct api_reply *reply)
{
	api_fail_unknown(api_kind_find(r->resource->kind)->title, r->resource, name_of(r), reply);
}

static void answer_json(struct api_reply *reply, json_t *json)
{
	if (json)
		reply->json = json;
	else
		api_fail(reply, MHD_HTTP_INTERNAL_SERVER_ERROR, "out of memory");
}

void api_list_resource(const struct api_request *r, struct api_reply *reply)
{
	if (api_kind_find(r->resource->kind)->single)
		api_get_resource(r, reply);
	else
		answer_json(reply, r->resource->list(r->resource->ctx));
}

void api_get_resource(const struct api_request *r, struct api_reply *reply)
{
	const struct api_resource *resource = r->resource;

	if (resource->cost && !api_afford(r, resource->cost(resource->ctx, name_of(r)), reply))
		return;
	reply->json = resource->get(resource->ctx, name_of(r));
	if (!reply->json)
		fail_unknown(r, reply);
}

void api_answer_change(
	const struct api_request *r, struct api_reply *reply, int err, const struct api_error *e)
{
	switch (err) {
	case 0:
		reply->status = MHD_HTTP_NO_CONTENT;
		return;
	case -ENOENT:
		fail_unknown(r, reply);
		return;
	case -EINVAL:
		api_fail_error(reply, MHD_HTTP_BAD_REQUEST, e);
		return;
	case -EROFS:
	case -EPERM:
		api_fail(reply, MHD_HTTP_FORBIDDEN, "%s",
			e->text[0] ? e->text : "this cannot be changed");
		return;
	case -ENOSPC:
		api_fail_error(reply, MHD_HTTP_INSUFFICIENT_STORAGE, e);
		return;
	case -ETIMEDOUT:
	case -ESHUTDOWN:
		api_fail(reply, MHD_HTTP_SERVICE_UNAVAILABLE, "%s", e->text);
		return;
	default:
		api_fail(reply, MHD_HTTP_INTERNAL_SERVER_ERROR, "%s",
			e->text[0] ? e->text : strerror(-err));
	}
}

static void fail_read_only(const struct api_request *r, struct api_reply *reply)
{
	api_fail(reply, MHD_HTTP_FORBIDDEN, "a %s can be read here, not changed",
		api_kind_find(r->resource->kind)->title);
}

void api_put_resource(const struct api_request *r, struct api_reply *reply)
{
	struct api_error e = {.text = ""};

	if (!r->resource->put)
		fail_read_only(r, reply);
	else
		api_answer_change(
			r, reply, r->resource->put(r->resource->ctx, name_of(r), r->body, &e), &e);
}

void api_remove_resource(const struct api_request *r, struct api_reply *reply)
{
	struct api_error e = {.text = ""};

	if (!r->resource->remove)
		fail_read_only(r, reply);
	else
		api_answer_change(
			r, reply, r->resource->remove(r->resource->ctx, name_of(r), &e), &e);
}
