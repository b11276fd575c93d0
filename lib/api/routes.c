/* SPDX-License-Identifier: BSD-3-Clause */
#include "api/handlers_pvt.h"

/*
 * All that the API answers. The first row that fits a path counts. Those with {kind} stand for each kind of
 * resource (api/schema.c).
 */

/* clang-format off */
const struct api_route api_routes[] = {
	{"GET", "/version", api_get_version,
	 .summary = "Version of this server"},
	{"GET", "/api-docs", api_get_document,
	 .summary = "This document", .schema = "Document"},

	{"GET", "/{kind}/json", api_list_resource, .kinds = API_ANY_KIND},
	{"PUT", "/{kind}/json", api_put_resource, .kinds = API_SINGLE_KIND},
	{"GET", "/{kind}/{name}/json", api_get_resource, .kinds = API_NAMED_KIND},
	{"PUT", "/{kind}/{name}/json", api_put_resource, .kinds = API_NAMED_KIND},
	{"DELETE", "/{kind}/{name}/json", api_remove_resource, .kinds = API_NAMED_KIND},
};
/* clang-format on */

const unsigned api_route_count = sizeof(api_routes) / sizeof(api_routes[0]);
