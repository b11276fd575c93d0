/* SPDX-License-Identifier: BSD-3-Clause */
#include <string.h>

#include "api/handlers_pvt.h"
#include "api/server_pvt.h"
#include "weir_config.h"

void api_get_version(const struct api_request *r, struct api_reply *reply)
{
	reply->text = strdup(WEIR_VERSION "\n");
}

void api_get_document(const struct api_request *r, struct api_reply *reply)
{
	reply->text = strdup(r->api->document);
	reply->type = "application/json";
}
