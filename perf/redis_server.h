/* SPDX-License-Identifier: BSD-3-Clause */
#pragma once

#include <sys/types.h>

enum { REDIS_SERVER_COMMANDS = 1000000 }; /* of redis-benchmark in a test */

/* A private redis-server on a UNIX socket in a folder of its own; it dies with the benchmark. */
struct redis_server {
	pid_t pid;
	char dir[64], socket[96], url[112];
};

/** Start it; where there is none, the benchmark is skipped (exit 77). */
void redis_server_start(struct redis_server *s);

/** End it and remove its folder. */
void redis_server_stop(struct redis_server *s);

/** CPU seconds so far, as the server counts them. */
double redis_server_cpu(const struct redis_server *s);

/**
 * What redis-benchmark gets out of it with 64 commands in a pipeline.
 * @param test  "set", "hset"
 * @param cpu   out, unless NULL: CPU seconds of redis-benchmark for a command
 * @return commands a second; 0: it cannot be run
 */
double redis_server_benchmark(const struct redis_server *s, const char *test, double *cpu);
