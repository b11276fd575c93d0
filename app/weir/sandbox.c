/* SPDX-License-Identifier: BSD-3-Clause */
#include "sandbox.h"

#include <errno.h>
#include <linux/seccomp.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "privileges.h"
#include "sandbox_pvt.h"
#include "weir_config.h"

/* Of the threads, for ps -L and for what is told. */
static const char *const names[SANDBOX_ROLES] = {
	[SANDBOX_NIC] = "weir-nic",
	[SANDBOX_RECLAIM] = "weir-reclaim",
	[SANDBOX_CONTROL] = "weir-control",
	[SANDBOX_REDIS] = "weir-redis",
	[SANDBOX_DNS] = "weir-dns",
	[SANDBOX_SNMP] = "weir-snmp",
	[SANDBOX_API] = "weir-api",
};

/* Written by main before other threads enter. */
static struct {
	bool open;
	uint64_t api; /* capabilities */
	struct sock_fprog program[SANDBOX_ROLES];
} sandbox;

int sandbox_compile(enum conf_seccomp mode)
{
	int err = 0;

	for (unsigned role = 0; mode != CONF_SECCOMP_OFF && role < SANDBOX_ROLES; role++) {
		err = sandbox_rules((enum sandbox_role)role, mode, &sandbox.program[role]);
		if (err < 0)
			return err;
	}
	err = sandbox_tell();
	sandbox.open = err == 0;
	return err;
}

int sandbox_open(const struct conf *c, struct conf_error *e)
{
	int err;

	sandbox.api = privileges_api(c);
	/* The leak check of sanitizers is another process, which traces this one at its end. */
	err = sandbox_compile(WEIR_SANITIZED ? CONF_SECCOMP_OFF : c->seccomp);
	if (err == 0)
		err = sandbox_others();
	if (err < 0)
		snprintf(e->text, sizeof(e->text),
			"threads cannot be confined: %s (seccomp: off does without filters)",
			strerror(-err));
	return err;
}

int sandbox_enter(enum sandbox_role role)
{
	const struct sock_fprog *p = &sandbox.program[role];
	uint64_t caps = role == SANDBOX_API ? sandbox.api : 0;
	int err;

	if (!sandbox.open)
		return 0;
	err = role == SANDBOX_MAIN ? 0 : privileges_limit(caps, caps);
	if (err == 0 && p->filter && syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, 0, p) < 0)
		err = -errno;
	return err;
}

/* A thread that confines itself and then starts others. */
struct starter {
	enum sandbox_role role;
	int (*fn)(void *arg);
	void *arg;
	int result;
};

static void *start(void *arg)
{
	struct starter *s = arg;

	if (names[s->role])
		prctl(PR_SET_NAME, names[s->role]);
	s->result = sandbox_enter(s->role);
	if (s->result == 0)
		s->result = s->fn(s->arg);
	return NULL;
}

int sandbox_run(enum sandbox_role role, int (*fn)(void *arg), void *arg)
{
	struct starter s = {.role = role, .fn = fn, .arg = arg};
	pthread_t thread;
	int rc = pthread_create(&thread, NULL, start, &s);

	if (rc)
		return -rc;
	pthread_join(thread, NULL);
	return s.result;
}

void sandbox_close(void)
{
	for (unsigned role = 0; role < SANDBOX_ROLES; role++)
		free(sandbox.program[role].filter);
	memset(&sandbox, 0, sizeof(sandbox));
}
