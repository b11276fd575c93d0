/* SPDX-License-Identifier: BSD-3-Clause */
#include "redis_server.h"

#include <ctype.h>
#include <hiredis/hiredis.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

static bool answers(const struct redis_server *s)
{
	redisContext *c = redisConnectUnix(s->socket);
	bool there = c && !c->err;

	if (c)
		redisFree(c);
	return there;
}

void redis_server_start(struct redis_server *s)
{
	strcpy(s->dir, "/tmp/weir-bench-XXXXXX");
	if (!mkdtemp(s->dir))
		abort();
	snprintf(s->socket, sizeof(s->socket), "%s/redis.sock", s->dir);
	snprintf(s->url, sizeof(s->url), "unix:%s", s->socket);
	s->pid = fork();
	if (s->pid == 0) {
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		execlp("redis-server", "redis-server", "--port", "0", "--unixsocket", s->socket,
			"--dir", s->dir, "--save", "", "--appendonly", "no", "--logfile",
			"/dev/null", (char *)NULL);
		_exit(127);
	}
	for (unsigned i = 0; i < 500; i++) {
		usleep(10000);
		if (answers(s))
			return;
	}
	fprintf(stderr, "redis-server does not start\n");
	exit(77);
}

void redis_server_stop(struct redis_server *s)
{
	kill(s->pid, SIGKILL);
	waitpid(s->pid, NULL, 0);
	unlink(s->socket);
	rmdir(s->dir);
}

double redis_server_cpu(const struct redis_server *s)
{
	redisContext *c = redisConnectUnix(s->socket);
	redisReply *r = c && !c->err ? redisCommand(c, "INFO cpu") : NULL;
	double sum = 0;

	if (!r)
		abort();
	sum += strtod(strstr(r->str, "used_cpu_sys:") + 13, NULL);
	sum += strtod(strstr(r->str, "used_cpu_user:") + 14, NULL);
	freeReplyObject(r);
	redisFree(c);
	return sum;
}

static double children_cpu(void)
{
	struct rusage u;

	getrusage(RUSAGE_CHILDREN, &u);
	return (double)(u.ru_utime.tv_sec + u.ru_stime.tv_sec) +
	       (double)(u.ru_utime.tv_usec + u.ru_stime.tv_usec) / 1e6;
}

/* "SET: 1234.50 requests per second", among other lines that end in a carriage return alone. */
static double rate_in(const char *line, const char *test)
{
	char label[32];
	double rate = 0;
	size_t i;

	for (i = 0; test[i] && i < sizeof(label) - 3; i++)
		label[i] = (char)toupper((unsigned char)test[i]);
	strcpy(label + i, ": ");
	for (const char *p = line; (p = strstr(p, label)); p++)
		rate = strtod(p + strlen(label), NULL);
	return rate;
}

double redis_server_benchmark(const struct redis_server *s, const char *test, double *cpu)
{
	double before = children_cpu(), rate = 0, found;
	char command[256], line[4096];
	FILE *out;

	snprintf(command, sizeof(command), "redis-benchmark -s %s -P 64 -n %d -q -t %s 2>/dev/null",
		s->socket, REDIS_SERVER_COMMANDS, test);
	out = popen(command, "r");
	while (out && fgets(line, sizeof(line), out)) {
		found = rate_in(line, test);
		rate = found > 0 ? found : rate;
	}
	if (out)
		pclose(out);
	if (cpu)
		*cpu = (children_cpu() - before) / REDIS_SERVER_COMMANDS;
	return rate;
}
