/* SPDX-License-Identifier: BSD-3-Clause */
#include <errno.h>
#include <seccomp.h>
#include <signal.h>
#include <stddef.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <ucontext.h>
#include <unistd.h>

#include "sandbox_pvt.h"

/*
 * In the thread that made the call, in place of it. Nothing here locks or allocates. Where the
 * signal cannot be handled the kernel ends the process by itself.
 */

enum { NUMBERS = 1024, LINE = 256, NAME = 16 };

/* Whoever makes one of these is not us. */
static const struct {
	int number;
	const char *name;
} deadly[] = {
	{SCMP_SYS(execve), "execve"},
	{SCMP_SYS(execveat), "execveat"},
	{SCMP_SYS(fork), "fork"},
	{SCMP_SYS(vfork), "vfork"},
	{SCMP_SYS(clone), "clone"},
	{SCMP_SYS(ptrace), "ptrace"},
	{SCMP_SYS(process_vm_readv), "process_vm_readv"},
	{SCMP_SYS(process_vm_writev), "process_vm_writev"},
	{SCMP_SYS(setuid), "setuid"},
	{SCMP_SYS(setreuid), "setreuid"},
	{SCMP_SYS(setresuid), "setresuid"},
	{SCMP_SYS(mount), "mount"},
	{SCMP_SYS(unshare), "unshare"},
	{SCMP_SYS(setns), "setns"},
	{SCMP_SYS(chroot), "chroot"},
	{SCMP_SYS(pivot_root), "pivot_root"},
	{SCMP_SYS(init_module), "init_module"},
	{SCMP_SYS(finit_module), "finit_module"},
	{SCMP_SYS(kexec_load), "kexec_load"},
	{SCMP_SYS(perf_event_open), "perf_event_open"},
	{SCMP_SYS(userfaultfd), "userfaultfd"},
};

static const char *is_deadly(int number)
{
	for (unsigned i = 0; i < sizeof(deadly) / sizeof(deadly[0]); i++)
		if (deadly[i].number == number)
			return deadly[i].name;
	return NULL;
}

/* Each number once: a thread that tries again and again does not fill the log. */
static bool is_first(int number)
{
	static bool said[NUMBERS];

	return number < 0 || number >= NUMBERS ||
	       !__atomic_exchange_n(&said[number], true, __ATOMIC_RELAXED);
}

/* printf is not for signal handlers. */
static void add(char *line, size_t *len, const char *text)
{
	while (*text && *len < LINE - 1)
		line[(*len)++] = *text++;
}

static void add_number(char *line, size_t *len, unsigned n)
{
	char digits[12], *p = &digits[sizeof(digits) - 1];

	*p = '\0';
	do {
		*--p = (char)('0' + n % 10);
	} while (n /= 10);
	add(line, len, p);
}

static void say(int number, const char *name)
{
	char line[LINE], thread[NAME] = "?";
	size_t len = 0;
	ssize_t n;

	prctl(PR_GET_NAME, thread);
	add(line, &len, "weir: sandbox error: thread ");
	add(line, &len, thread);
	add(line, &len, ": system call ");
	add_number(line, &len, (unsigned)number);
	if (name) {
		add(line, &len, " (");
		add(line, &len, name);
		add(line, &len, ")");
	}
	add(line, &len, " is not allowed and was not made");
	add(line, &len, name ? "; weir ends\n" : "\n");
	n = write(STDERR_FILENO, line, len);
	(void)n;
}

/* What the call returns. */
static void set_result(ucontext_t *uc, long value)
{
#if defined(__x86_64__)
	uc->uc_mcontext.gregs[REG_RAX] = value;
#elif defined(__aarch64__)
	uc->uc_mcontext.regs[0] = (unsigned long long)value;
#else
#error "where does a system call leave its result here?"
#endif
}

static void on_sigsys(int signal, siginfo_t *info, void *context)
{
	const char *name = is_deadly(info->si_syscall);
	int saved = errno;

	(void)signal;
	if (name || is_first(info->si_syscall))
		say(info->si_syscall, name);
	if (name)
		syscall(SYS_exit_group, 1);
	errno = saved;
	set_result(context, -EPERM);
}

int sandbox_tell(void)
{
	struct sigaction act = {.sa_sigaction = on_sigsys, .sa_flags = SA_SIGINFO};

	sigfillset(&act.sa_mask);
	return sigaction(SIGSYS, &act, NULL) < 0 ? -errno : 0;
}
