/* SPDX-License-Identifier: BSD-3-Clause */
#include "confined.h"

#include <rte_launch.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/rcu.h"
#include "privileges.h"

static int fail(struct conf_error *e, int err, const char *what)
{
	snprintf(e->text, sizeof(e->text), "%s: %s", what, strerror(-err));
	return err;
}

int confined_open(const struct conf *c, const struct ports *p, struct conf_error *e)
{
	int err = privileges_drop(c, p);

	return err < 0 ? fail(e, err, "capabilities cannot be dropped") : sandbox_open(c, e);
}

struct launch {
	int (*start)(struct daemon *d, struct conf_error *e);
	struct daemon *d;
	struct conf_error *e;
};

static int call_start(void *arg)
{
	const struct launch *l = arg;

	return l->start(l->d, l->e);
}

int confined_start(struct daemon *d, enum sandbox_role role,
	int (*start)(struct daemon *d, struct conf_error *e), struct conf_error *e)
{
	struct launch l = {start, d, e};
	int err;

	e->text[0] = '\0';
	err = sandbox_run(role, call_start, &l);
	return err < 0 && !e->text[0] ? fail(e, err, "a thread cannot be started") : err;
}

int confined_main(struct conf_error *e)
{
	int err = sandbox_enter(SANDBOX_MAIN);

	return err < 0 ? fail(e, err, "the main thread cannot be confined") : 0;
}

/* A thread that cannot be confined is not fit to run: exit takes the rest along. */
static void enter(enum sandbox_role role)
{
	int err = sandbox_enter(role);

	if (err == 0)
		return;
	fprintf(stderr, "weir: a core cannot be confined: %s\n", strerror(-err));
	_exit(1);
}

static int core(enum sandbox_role role, int (*run)(void *arg), void *arg)
{
	int rc;

	enter(role);
	rc = run(arg);
	BASE_RCU_NOTE_RELEASE(arg);
	return rc;
}

int confined_rx(void *arg)
{
	return core(SANDBOX_RX, rx_run, arg);
}

int confined_aggregate(void *arg)
{
	return core(SANDBOX_AGGREGATE, aggregate_run, arg);
}

int confined_help(void *arg)
{
	return core(SANDBOX_AGGREGATE, aggregate_help, arg);
}

void confined_wait(unsigned lcore, void *arg)
{
	rte_eal_wait_lcore(lcore);
	BASE_RCU_NOTE_ACQUIRE(arg); /* ThreadSanitizer does not see it in DPDK */
}

void confined_close(void)
{
	sandbox_close();
}
