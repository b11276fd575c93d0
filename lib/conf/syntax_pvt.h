/* SPDX-License-Identifier: BSD-3-Clause */
#pragma once

#include <stdbool.h>
#include <stddef.h>

/* Whether texts look like what they are meant to be; conf_value_text() has judged their length. */

bool conf_is_name(const char *text);    /* [A-Za-z0-9_.-]* */
bool conf_is_prefix(const char *text);  /* [A-Za-z0-9_.:-]* */
bool conf_is_word(const char *text);    /* [A-Za-z0-9_]*, no digit first */
bool conf_is_iface(const char *text);   /* what the kernel takes as the name of an interface */
bool conf_is_pci(const char *text);     /* 0000:03:00.0 */
bool conf_is_address(const char *text); /* IPv4 or IPv6 */
bool conf_is_network(const char *text); /* the same, perhaps with / and bits behind it */
bool conf_is_servers(const char *text); /* addresses, perhaps with ports; or "system", or empty */
bool conf_is_vdev(const char *text);    /* a device name, then perhaps a comma and anything */
bool conf_is_url(const char
		*text); /* redis://, rediss://, unix://, unix:, or empty; publish reads the rest */
bool conf_is_listen(
	const char *text);            /* something, a colon, a port; or empty; api reads the rest */
bool conf_is_token(const char *text); /* printable ASCII without blanks */
bool conf_is_window(const char *text); /* a duration that divides a minute */

/** Whether the bytes are well-formed UTF-8 (RFC 3629, section 4). */
bool conf_is_utf8(const char *text, size_t len);
