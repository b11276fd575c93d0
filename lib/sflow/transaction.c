/* SPDX-License-Identifier: BSD-3-Clause */
#include "sflow/structure_pvt.h"

/* Transactions and the sockets that they ran over: flow structures 0:2000 to 0:2003 (as announced
 * on the sFlow mailing list) and sFlow Host Structures, 0:2100 to 0:2103. */

/* clang-format off */

WORDS(directions, {1, "client"}, {2, "server"});
WORDS(outcomes, {0, "succeeded"}, {1, "generic_failure"}, {2, "outofmemory"}, {3, "timeout"},
	{4, "notpermitted"});

STRUCTURE(transaction, "transaction", 0, 2000, 32,
	FIELDS(
		PLAIN("direction", U32, .words = &directions),
		PLAIN("wait", U32, .unit = "microseconds"),
		PLAIN("duration", U32, .unit = "microseconds"),
		PLAIN("status", U32, .words = &outcomes),
		PLAIN("bytes_received", U64, .unit = "bytes"),
		PLAIN("bytes_sent", U64, .unit = "bytes")),
	SKIPPED);

STRUCTURE(extended_nfs_storage_transaction, "extended_nfs_storage_transaction", 0, 2001, 12,
	FIELDS(TEXT("path", 0, 0), PLAIN("operation", U32), PLAIN("status", U32)), SKIPPED);

STRUCTURE(extended_scsi_storage_transaction, "extended_scsi_storage_transaction", 0, 2002, 12,
	FIELDS(PLAIN("lun", U32), PLAIN("operation", U32), PLAIN("status", U32)), SKIPPED);

STRUCTURE(extended_http_transaction, "extended_http_transaction", 0, 2003, 24,
	FIELDS(
		TEXT("url", 0, 0), TEXT("host", 0, 0), TEXT("referer", 0, 0),
		TEXT("useragent", 0, 0), TEXT("user", 0, 0), PLAIN("status", U32)),
	SKIPPED);

#define SOCKET_FIELDS(type, text)                                                                  \
	FIELDS(PLAIN("protocol", U32, .line = text "ip_protocol"), PLAIN("local_ip", type),        \
		PLAIN("remote_ip", type), PLAIN("local_port", U32), PLAIN("remote_port", U32))

STRUCTURE(extended_socket_ipv4, "extended_socket_ipv4", 0, 2100, 20, SOCKET_FIELDS(IPV4, "socket4_"),
	.head = "extendedType socket4", .prefix = "socket4_");
STRUCTURE(extended_socket_ipv6, "extended_socket_ipv6", 0, 2101, 44, SOCKET_FIELDS(IPV6, "socket6_"),
	.head = "extendedType socket6", .prefix = "socket6_");
STRUCTURE(extended_proxy_socket_ipv4, "extended_proxy_socket_ipv4", 0, 2102, 20,
	SOCKET_FIELDS(IPV4, "proxy_socket4_"), .head = "extendedType proxy_socket4",
	.prefix = "proxy_socket4_");
STRUCTURE(extended_proxy_socket_ipv6, "extended_proxy_socket_ipv6", 0, 2103, 44,
	SOCKET_FIELDS(IPV6, "proxy_socket6_"), .head = "extendedType proxy_socket6",
	.prefix = "proxy_socket6_");
