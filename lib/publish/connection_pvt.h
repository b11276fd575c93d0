/* SPDX-License-Identifier: BSD-3-Clause */
#pragma once

#include "publish/connection.h"

/** As publish_connect(), to the host and port, or path, of `url`: no Sentinel is asked. */
struct publish_link *publish_connect_to(const struct publish_url *url, char *error);

/** As publish_connect_watched(), to the master that the Sentinels of `url` name: sentinel.c */
struct publish_link *publish_connect_master(
	const struct publish_url *url, struct publish_link **watch, char *error);
