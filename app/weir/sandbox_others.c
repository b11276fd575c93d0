/* SPDX-License-Identifier: BSD-3-Clause */
#include <dirent.h>
#include <errno.h>
#include <rte_lcore.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include "privileges.h"
#include "sandbox_pvt.h"
#include "weir_config.h"

/*
 * Capabilities and filters belong to the thread that sets them, and DPDK's threads run no code of
 * ours. So each of them is sent a signal, whose handler confines it. One at a time: main waits until it
 * is done, or gives up.
 */

enum { WAIT_MS = 5000, MOST = 4096 };

static int done;   /* threads that are; atomic */
static int failed; /* -errno of one of them; atomic */

static void on_signal(int number)
{
	int saved = errno;
	int err = rte_lcore_id() == LCORE_ID_ANY ? sandbox_enter(SANDBOX_EAL)
						 : privileges_limit(0, 0);

	(void)number;
	if (err < 0)
		__atomic_store_n(&failed, err, __ATOMIC_RELAXED);
	__atomic_fetch_add(&done, 1, __ATOMIC_RELEASE);
	errno = saved;
}

static int confine(pid_t tid, int number)
{
	const struct timespec nap = {.tv_nsec = 1000000};
	int before = __atomic_load_n(&done, __ATOMIC_ACQUIRE);

	if (syscall(SYS_tgkill, getpid(), tid, number) < 0)
		return errno == ESRCH ? 0 : -errno;
	for (unsigned ms = 0; ms < WAIT_MS; ms++) {
		if (__atomic_load_n(&done, __ATOMIC_ACQUIRE) != before)
			return __atomic_load_n(&failed, __ATOMIC_RELAXED);
		nanosleep(&nap, NULL);
	}
	/* ThreadSanitizer has a thread of its own, which takes no signals. */
	return WEIR_SANITIZED ? 0 : -ETIMEDOUT;
}

static bool known(const pid_t *list, unsigned count, pid_t tid)
{
	for (unsigned i = 0; i < count; i++)
		if (list[i] == tid)
			return true;
	return false;
}

/* @return threads that were not in the list, and are now; or -errno */
static int pass(pid_t *list, unsigned *count, int number)
{
	DIR *dir = opendir("/proc/self/task");
	const struct dirent *entry;
	int fresh = 0, err = dir ? 0 : -errno;

	while (err == 0 && (entry = readdir(dir)) != NULL) {
		pid_t tid = atoi(entry->d_name);

		if (tid <= 0 || tid == gettid() || known(list, *count, tid))
			continue;
		err = *count < MOST ? confine(tid, number) : -E2BIG;
		list[(*count)++ % MOST] = tid;
		fresh++;
	}
	if (dir)
		closedir(dir);
	return err < 0 ? err : fresh;
}

int sandbox_others(void)
{
	pid_t *list = calloc(MOST, sizeof(*list));
	int number = SIGRTMAX - 2;
	struct sigaction old, act = {.sa_handler = on_signal, .sa_flags = SA_RESTART};
	unsigned count = 0;
	int fresh;

	if (!list)
		return -ENOMEM;
	sigaction(number, &act, &old);
	/* One that was made meanwhile was made by one that was not confined yet. */
	do {
		fresh = pass(list, &count, number);
	} while (fresh > 0);
	sigaction(number, &old, NULL);
	free(list);
	return fresh;
}
