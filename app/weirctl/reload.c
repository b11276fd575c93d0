/* SPDX-License-Identifier: BSD-3-Clause */
#include "client.h"
#include "commands.h"

int command_reload(const struct options *o)
{
	struct client_question q = {.method = "PUT", .path = "/config/json"};
	json_t *body = json_object();
	struct client c;
	int err = client_open(&c, o);

	q.body = body;
	if (err == 0) {
		err = client_ask(&c, &q, NULL);
		client_close(&c);
	}
	json_decref(body);
	return client_exit(err);
}
