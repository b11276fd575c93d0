/* SPDX-License-Identifier: BSD-3-Clause */
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h>

#include "sandbox.h"
#include "weir_config.h"

/* Each case runs in a process of its own, since there is no way out of a filter. */

enum { TEXT = 4096, FINE = 42 };

struct end {
	int status;      /* of waitpid() */
	char text[TEXT]; /* of stderr */
};

static enum conf_seccomp mode = CONF_SECCOMP_ON;

/* Confine a child and have it do something; it ends by itself with what `act` returns, or is ended. */
static struct end confined(enum sandbox_role role, int (*act)(void))
{
	struct end e = {0};
	size_t len = 0;
	ssize_t n;
	int fds[2];
	pid_t pid;

	assert_int_equal(pipe(fds), 0);
	pid = fork();
	assert_true(pid >= 0);
	if (pid == 0) {
		dup2(fds[1], STDERR_FILENO);
		close(fds[0]);
		if (sandbox_compile(mode) < 0 || sandbox_enter(role) < 0)
			_exit(99);
		_exit(act());
	}
	close(fds[1]);
	while (len < TEXT - 1 && (n = read(fds[0], e.text + len, TEXT - 1 - len)) > 0)
		len += (size_t)n;
	close(fds[0]);
	assert_int_equal(waitpid(pid, &e.status, 0), pid);
	return e;
}

/* Where the call is made at all, 0; where it fails as a filter has it, FINE. */
static int refused(long result)
{
	return result < 0 && errno == EPERM ? FINE : 0;
}

/* ---- calls that end the process ---- */

static int execute(void)
{
	char *const none[] = {NULL};

	execve("/bin/true", none, none);
	return 0;
}

static int execute_at(void)
{
	char *const none[] = {NULL};

	syscall(SYS_execveat, AT_FDCWD, "/bin/true", none, none, 0);
	return 0;
}

static int become_root(void)
{
	syscall(SYS_setresuid, 0, 0, 0);
	return 0;
}

static int unshare_all(void)
{
	syscall(SYS_unshare, 0x00020000);
	return 0;
}

#if !WEIR_SANITIZED /* the leak check is a process that traces this one */
static int trace(void)
{
	ptrace(PTRACE_TRACEME, 0, NULL, NULL);
	return 0;
}

static int duplicate(void)
{
	syscall(SYS_clone, SIGCHLD, 0, 0, 0, 0);
	return 0;
}
#endif

static void test_deadly(void **state)
{
	static const struct {
		const char *name;
		int (*act)(void);
	} calls[] = {
		{"execve", execute},
		{"execveat", execute_at},
		{"setresuid", become_root},
		{"unshare", unshare_all},
#if !WEIR_SANITIZED
		{"ptrace", trace},
		{"clone", duplicate},
#endif
	};

	(void)state;
	for (unsigned role = 0; role < SANDBOX_ROLES; role++) {
		for (unsigned i = 0; i < sizeof(calls) / sizeof(calls[0]); i++) {
			struct end e = confined((enum sandbox_role)role, calls[i].act);

			if (!WIFEXITED(e.status) || WEXITSTATUS(e.status) != 1 ||
				!strstr(e.text, "sandbox error: thread ") ||
				!strstr(e.text, calls[i].name))
				fail_msg("role %u, %s: status %#x: %s", role, calls[i].name,
					(unsigned)e.status, e.text);
		}
	}
}

/* ---- calls that fail ---- */

static const char *made; /* a file that must not come to be */

static int create_file(void)
{
	return refused(open(made, O_WRONLY | O_CREAT, 0600));
}

static int write_file(void)
{
	return refused(open("/dev/null", O_WRONLY));
}

static int read_file(void)
{
	return refused(open("/dev/null", O_RDONLY));
}

static int packet_socket(void)
{
	return refused(socket(AF_PACKET, SOCK_RAW, 0));
}

static int netlink_socket(void)
{
	return refused(socket(AF_NETLINK, SOCK_RAW, 16 /* generic */));
}

static int inet_socket(void)
{
	return refused(socket(AF_INET, SOCK_STREAM, 0));
}

static int listen_socket(void)
{
	return refused(listen(0, 1));
}

static int run_memory(void)
{
	void *p = mmap(
		NULL, 4096, PROT_READ | PROT_WRITE | PROT_EXEC, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	return p == MAP_FAILED && errno == EPERM ? FINE : 0;
}

static int load_bpf(void)
{
	return refused(syscall(SYS_bpf, 0, NULL, 0));
}

static int send_signal(void)
{
	return refused(kill(getppid(), 0));
}

#define R(role) (1u << SANDBOX_##role)

static const unsigned everyone = (1u << SANDBOX_ROLES) - 1;

static void test_refused(void **state)
{
	const unsigned clients = R(REDIS) | R(DNS) | R(SNMP) | R(API) | R(MAIN);
	const struct {
		const char *name;
		int (*act)(void);
		unsigned roles;
	} calls[] = {
#if !WEIR_COVERED
		{"create", create_file, everyone},
		{"write", write_file, everyone & ~R(MAIN)},
#endif
		{"packet", packet_socket, everyone & ~R(MAIN)},
		{"netlink", netlink_socket, everyone & ~R(MAIN)},
		{"bpf", load_bpf, everyone & ~R(MAIN)},
		{"inet", inet_socket, everyone & ~clients},
		{"listen", listen_socket, everyone & ~(R(API) | R(EAL) | R(MAIN))},
#if !WEIR_SANITIZED && !WEIR_COVERED
		{"read", read_file, R(RX) | R(NIC)},
		{"run", run_memory, R(RX) | R(NIC) | R(AGGREGATE) | R(RECLAIM) | R(DNS) | R(EAL)},
		{"kill", send_signal, everyone & ~R(MAIN)},
#endif
	};
	char folder[] = "/tmp/weir-sandbox-XXXXXX", path[64];

	(void)state;
	assert_non_null(mkdtemp(folder));
	snprintf(path, sizeof(path), "%s/file", folder);
	made = path;
	(void)create_file;
	(void)write_file;
	(void)read_file;
	(void)run_memory;
	(void)send_signal;
	for (unsigned role = 0; role < SANDBOX_ROLES; role++) {
		for (unsigned i = 0; i < sizeof(calls) / sizeof(calls[0]); i++) {
			struct end e;

			if (!(calls[i].roles & 1u << role))
				continue;
			e = confined((enum sandbox_role)role, calls[i].act);
			if (!WIFEXITED(e.status) || WEXITSTATUS(e.status) != FINE ||
				!strstr(e.text, "is not allowed and was not made\n"))
				fail_msg("role %u, %s: status %#x: %s", role, calls[i].name,
					(unsigned)e.status, e.text);
		}
	}
	assert_int_equal(access(made, F_OK), -1);
	rmdir(folder);
}

/* A thread that tries for ever says it once. */
static int try_again(void)
{
	int a = inet_socket(), b = inet_socket();

	return a == FINE && b == FINE ? FINE : 0;
}

static void test_once(void **state)
{
	struct end e = confined(SANDBOX_RX, try_again);
	const char *first = strstr(e.text, "sandbox error");

	(void)state;
	assert_int_equal(WEXITSTATUS(e.status), FINE);
	assert_non_null(first);
	assert_null(strstr(first + 1, "sandbox error"));
}

/* Where the signal cannot be told of, the kernel ends the process. */
static int blocked(void)
{
	sigset_t set;

	sigfillset(&set);
	pthread_sigmask(SIG_BLOCK, &set, NULL);
	return inet_socket();
}

static void test_blocked(void **state)
{
	struct end e = confined(SANDBOX_RX, blocked);

	(void)state;
	assert_true(WIFSIGNALED(e.status));
	assert_int_equal(WTERMSIG(e.status), SIGSYS);
}

/* ---- what goes on as ever ---- */

static void *nothing(void *arg)
{
	return arg;
}

static int work(void)
{
	const struct timespec nap = {.tv_nsec = 1000};
	void *p = mmap(NULL, 8192, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	void *q = p == MAP_FAILED ? p : mremap(p, 8192, 65536, MREMAP_MAYMOVE);
	char *heap = malloc(1 << 20);

	if (q == MAP_FAILED || !heap)
		return 1;
	memset(heap, 1, 1 << 20);
	madvise(q, 65536, MADV_DONTNEED);
	munmap(q, 65536);
	free(heap);
	return clock_nanosleep(CLOCK_MONOTONIC, 0, &nap, NULL) == 0 && sched_yield() == 0 ? FINE
											  : 2;
}

static int start_thread(void)
{
	pthread_t t;

	return pthread_create(&t, NULL, nothing, NULL) == 0 && pthread_join(t, NULL) == 0 ? FINE
											  : 1;
}

static int call_out(void)
{
	int pair = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0),
	    in = socket(AF_INET, SOCK_DGRAM, 0);

	return pair >= 0 && in >= 0 && open("/etc/hosts", O_RDONLY) >= 0 ? FINE : 1;
}

static int has_nothing(void)
{
	char line[256];
	FILE *f = fopen("/proc/thread-self/status", "r");
	unsigned found = 0;

	while (f && fgets(line, sizeof(line), f))
		found += strcmp(line, "CapEff:\t0000000000000000\n") == 0 ||
			 strcmp(line, "CapPrm:\t0000000000000000\n") == 0 ||
			 strcmp(line, "NoNewPrivs:\t1\n") == 0 ||
			 strcmp(line, "Seccomp:\t2\n") == 0;
	return found == 4 ? FINE : (int)found;
}

static void expect_fine(enum sandbox_role role, int (*act)(void), const char *what)
{
	struct end e = confined(role, act);

	if (!WIFEXITED(e.status) || WEXITSTATUS(e.status) != FINE || e.text[0])
		fail_msg("role %u, %s: status %#x: %s", role, what, (unsigned)e.status, e.text);
}

static void test_allowed(void **state)
{
	const unsigned starters = everyone & ~(R(RX) | R(AGGREGATE));
	const unsigned clients = R(REDIS) | R(DNS) | R(SNMP) | R(API) | R(MAIN);
	const unsigned readers = everyone & ~(R(RX) | R(NIC) | R(MAIN));

	(void)state;
	for (unsigned role = 0; role < SANDBOX_ROLES; role++) {
		expect_fine((enum sandbox_role)role, work, "work");
		if (starters & 1u << role)
			expect_fine((enum sandbox_role)role, start_thread, "threads");
		if (clients & 1u << role)
			expect_fine((enum sandbox_role)role, call_out, "sockets");
		if (readers & 1u << role)
			expect_fine((enum sandbox_role)role, has_nothing, "capabilities");
	}
}

static int read_status(void *arg)
{
	*(int *)arg = has_nothing();
	return -EXDEV;
}

static int run_other(void)
{
	int other = 0;

	if (sandbox_run(SANDBOX_API, read_status, &other) != -EXDEV || other != FINE)
		return 1;
	return has_nothing() == FINE ? 2 : FINE; /* the caller is free as before */
}

/* sandbox_run(): the thread is confined, its result comes back, and who called is not. */
static void test_run(void **state)
{
	int status;
	pid_t pid = fork();

	(void)state;
	if (pid == 0)
		_exit(sandbox_compile(CONF_SECCOMP_ON) == 0 ? run_other() : 99);
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_int_equal(WEXITSTATUS(status), FINE);
}

static void test_log(void **state)
{
	struct end e;

	(void)state;
	mode = CONF_SECCOMP_LOG;
	e = confined(SANDBOX_RX, inet_socket);
	mode = CONF_SECCOMP_ON;
	assert_true(WIFEXITED(e.status));
	assert_int_equal(WEXITSTATUS(e.status), 0);
	assert_string_equal(e.text, "");
}

static int has_caps_only(void)
{
	return prctl(PR_GET_NO_NEW_PRIVS, 0, 0, 0, 0) == 1 && prctl(PR_GET_SECCOMP) == 0 ? FINE : 0;
}

static void test_off(void **state)
{
	(void)state;
	mode = CONF_SECCOMP_OFF;
	expect_fine(SANDBOX_RX, has_caps_only, "no filter");
	mode = CONF_SECCOMP_ON;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_deadly),
		cmocka_unit_test(test_refused),
		cmocka_unit_test(test_once),
		cmocka_unit_test(test_blocked),
		cmocka_unit_test(test_allowed),
		cmocka_unit_test(test_run),
		cmocka_unit_test(test_log),
		cmocka_unit_test(test_off),
	};

	/* The first thread of a process has the C library take signals, before any filter. */
	if (start_thread() != FINE)
		return 1;
	return cmocka_run_group_tests(tests, NULL, NULL);
}
