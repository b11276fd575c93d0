/* SPDX-License-Identifier: BSD-3-Clause */
#include <errno.h>
#include <fcntl.h>
#include <linux/netlink.h>
#include <sched.h>
#include <seccomp.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include "sandbox_pvt.h"
#include "weir_config.h"

#ifndef CLONE_NEWTIME
#define CLONE_NEWTIME 0x80
#endif

/* What a thread may be allowed, in pieces that make sense together. */
enum piece {
	BASICS,     /* time, locks, signals, memory without code, the end */
	READING,    /* files, read only */
	WAITING,    /* for descriptors */
	RUNNING,    /* memory that holds code: the JIT of regular expressions, libraries */
	THREADS,    /* make some */
	TALKING,    /* on sockets that are there */
	CALLING,    /* make sockets, and connect them */
	SERVING,    /* accept connections, listen */
	DEVICES,    /* what drivers count, and a few of their calls while they receive */
	GROWING,    /* DPDK's memory on hugepages, and its mapping for NICs */
	CLOSING,    /* of ports: XDP programs, interfaces, runtime files */
	SANITIZERS, /* what these builds take beyond all others */
	COVERAGE,
	PIECES,
};

#define P(piece) (1u << (piece))

static const unsigned roles[SANDBOX_ROLES] = {
	[SANDBOX_RX] = P(BASICS) | P(WAITING) | P(DEVICES),
	[SANDBOX_AGGREGATE] = P(BASICS) | P(WAITING) | P(DEVICES) | P(READING),
	[SANDBOX_NIC] = P(BASICS) | P(WAITING) | P(THREADS) | P(DEVICES),
	[SANDBOX_RECLAIM] = P(BASICS) | P(WAITING) | P(READING) | P(THREADS),
	[SANDBOX_CONTROL] =
		P(BASICS) | P(WAITING) | P(READING) | P(RUNNING) | P(THREADS) | P(GROWING),
	[SANDBOX_REDIS] = P(BASICS) | P(WAITING) | P(READING) | P(RUNNING) | P(THREADS) |
			  P(TALKING) | P(CALLING),
	[SANDBOX_DNS] = P(BASICS) | P(WAITING) | P(READING) | P(THREADS) | P(TALKING) | P(CALLING),
	[SANDBOX_SNMP] = P(BASICS) | P(WAITING) | P(READING) | P(RUNNING) | P(THREADS) |
			 P(TALKING) | P(CALLING),
	[SANDBOX_API] = P(BASICS) | P(WAITING) | P(READING) | P(RUNNING) | P(THREADS) | P(TALKING) |
			P(CALLING) | P(SERVING),
	[SANDBOX_EAL] = P(BASICS) | P(WAITING) | P(READING) | P(THREADS) | P(TALKING) | P(SERVING) |
			P(GROWING) | P(DEVICES),
	[SANDBOX_MAIN] = P(BASICS) | P(WAITING) | P(READING) | P(RUNNING) | P(THREADS) |
			 P(TALKING) | P(CALLING) | P(SERVING) | P(DEVICES) | P(GROWING) |
			 P(CLOSING),
};

/* Calls that are allowed whatever their arguments. */
static const char *const calls[PIECES][48] = {
	/* sendmsg: the journal of systemd is a socket. */
	[BASICS] = {"sendmsg", "read", "write", "readv", "writev", "close", "futex", "sched_yield",
		"getcpu", "clock_gettime", "clock_nanosleep", "nanosleep", "gettimeofday", "time",
		"restart_syscall", "rt_sigreturn", "rt_sigprocmask", "sigaltstack", "getpid",
		"gettid", "munmap", "mremap", "madvise", "brk", "membarrier", "getrandom", "exit",
		"exit_group", "rseq", "set_robust_list", "sched_getaffinity", "lseek", "fstat",
		"newfstatat"},
	[READING] = {"access", "faccessat", "faccessat2", "stat", "lstat", "statx", "readlink",
		"readlinkat", "getdents64", "pread64", "fadvise64", "getcwd", "uname", "sysinfo",
		"dup", "getuid", "geteuid", "getgid", "getegid", "getrusage", "prlimit64", "times",
		"clock_getres"},
	[WAITING] = {"poll", "ppoll", "select", "pselect6", "epoll_wait", "epoll_pwait",
		"epoll_ctl", "epoll_create", "epoll_create1", "eventfd2", "pipe2", "timerfd_create",
		"timerfd_settime"},
	[THREADS] = {"set_tid_address", "sched_setaffinity", "sched_getparam", "sched_getscheduler",
		"sched_get_priority_max", "sched_get_priority_min"},
	[TALKING] = {"sendto", "sendmmsg", "recvfrom", "recvmsg", "recvmmsg", "shutdown",
		"getsockopt", "setsockopt", "getsockname", "getpeername", "sendfile"},
	[CALLING] = {"connect", "bind"},
	[SERVING] = {"accept", "accept4", "bind", "listen"},
	/* AF_XDP wakes its queue by poll or recvfrom, and counts, like AF_PACKET, in an option. */
	[DEVICES] = {"recvfrom", "recvmsg", "sendto", "getsockopt", "pread64"},
	[GROWING] = {"memfd_create", "ftruncate", "fallocate", "mbind", "get_mempolicy",
		"set_mempolicy", "move_pages", "flock", "mlock", "munlock"},
	[CLOSING] = {"bpf", "unlink", "unlinkat", "rmdir", "kill", "capset", "capget", "fsync",
		"rt_sigtimedwait", "rt_sigaction"},
#if WEIR_SANITIZED
	[SANITIZERS] = {"mprotect", "prctl", "ptrace", "clone", "wait4", "waitid", "tgkill", "kill",
		"rt_sigaction", "readlink", "stat", "getdents64", "getppid", "prlimit64",
		"getrlimit", "setrlimit", "uname", "geteuid", "pipe2", "dup", "dup2", "fcntl",
		"ioctl", "sched_setaffinity", "getrusage", "clock_getres", "mlock", "pread64",
		"setitimer", "timer_create", "process_vm_readv"},
#endif
#if WEIR_COVERED
	[COVERAGE] = {"openat", "open", "mkdir", "fcntl", "ftruncate"}, /* counts, at the end */
#endif
};

/* One call with a condition. */
static int allow(scmp_filter_ctx f, const char *name, unsigned count, const struct scmp_arg_cmp *on)
{
	int number = seccomp_syscall_resolve_name(name);
	int rc;

	if (number < 0)
		return 0; /* this architecture does without it */
	rc = seccomp_rule_add_array(f, SCMP_ACT_ALLOW, number, count, on);
	return rc == -EEXIST ? 0 : rc;
}

#define WHERE(f, name, ...)                                                                        \
	allow(f, name, sizeof((struct scmp_arg_cmp[]){__VA_ARGS__}) / sizeof(struct scmp_arg_cmp), \
		(struct scmp_arg_cmp[]){__VA_ARGS__})

/* Pages hold data, or code that nobody can write. */
static int pages(scmp_filter_ctx f)
{
	static const char *const names[] = {"mmap", "mprotect", "pkey_mprotect"};
	int rc = 0;

	for (unsigned i = 0; i < sizeof(names) / sizeof(names[0]) && rc == 0; i++)
		rc = WHERE(f, names[i], SCMP_A2(SCMP_CMP_MASKED_EQ, PROT_EXEC, 0));
	return rc;
}

/* The line is cut by the one who calls abort(). */
static int basics(scmp_filter_ctx f)
{
	int rc = pages(f);

	rc = rc ? rc : WHERE(f, "tgkill", SCMP_A2(SCMP_CMP_EQ, SIGABRT));
	rc = rc ? rc : WHERE(f, "prctl", SCMP_A0(SCMP_CMP_EQ, PR_SET_NAME));
	rc = rc ? rc : WHERE(f, "prctl", SCMP_A0(SCMP_CMP_EQ, PR_GET_NAME));
	rc = rc ? rc : WHERE(f, "prctl", SCMP_A0(SCMP_CMP_EQ, PR_SET_TIMERSLACK));
	rc = rc ? rc : WHERE(f, "fcntl", SCMP_A1(SCMP_CMP_EQ, F_GETFL));
	rc = rc ? rc : WHERE(f, "fcntl", SCMP_A1(SCMP_CMP_EQ, F_SETFL));
	rc = rc ? rc : WHERE(f, "fcntl", SCMP_A1(SCMP_CMP_EQ, F_GETFD));
	rc = rc ? rc : WHERE(f, "fcntl", SCMP_A1(SCMP_CMP_EQ, F_SETFD));
	rc = rc ? rc : WHERE(f, "ioctl", SCMP_A1(SCMP_CMP_EQ, TCGETS));
	return rc;
}

static int reading(scmp_filter_ctx f)
{
	const unsigned writes = O_ACCMODE | O_CREAT | O_TRUNC | O_APPEND;
	int rc = WHERE(f, "openat", SCMP_A2(SCMP_CMP_MASKED_EQ, writes, O_RDONLY));

	return rc ? rc : WHERE(f, "open", SCMP_A1(SCMP_CMP_MASKED_EQ, writes, O_RDONLY));
}

/* The JIT of PCRE2 writes code where it is executed. */
static int running(scmp_filter_ctx f)
{
	int rc = allow(f, "mmap", 0, NULL);

	return rc ? rc : allow(f, "mprotect", 0, NULL);
}

/* A thread in this process and in these namespaces. clone3() hides its flags; the C library knows. */
static int threads(scmp_filter_ctx f)
{
	const unsigned spaces = CLONE_NEWNS | CLONE_NEWCGROUP | CLONE_NEWUTS | CLONE_NEWIPC |
				CLONE_NEWUSER | CLONE_NEWPID | CLONE_NEWNET | CLONE_NEWTIME;

	return WHERE(f, "clone",
		SCMP_A0(SCMP_CMP_MASKED_EQ, CLONE_THREAD | CLONE_VM | CLONE_SIGHAND | spaces,
			CLONE_THREAD | CLONE_VM | CLONE_SIGHAND));
}

/* Netlink: names of hosts are sorted by the addresses that this one has. */
static int calling(scmp_filter_ctx f)
{
	int rc = WHERE(f, "socket", SCMP_A0(SCMP_CMP_EQ, AF_INET));

	rc = rc ? rc : WHERE(f, "socket", SCMP_A0(SCMP_CMP_EQ, AF_INET6));
	rc = rc ? rc : WHERE(f, "socket", SCMP_A0(SCMP_CMP_EQ, AF_UNIX));
	rc = rc ? rc
		: WHERE(f, "socket", SCMP_A0(SCMP_CMP_EQ, AF_NETLINK),
			  SCMP_A2(SCMP_CMP_EQ, NETLINK_ROUTE));
	rc = rc ? rc : WHERE(f, "ioctl", SCMP_A1(SCMP_CMP_EQ, FIONREAD));
	return rc ? rc : WHERE(f, "ioctl", SCMP_A1(SCMP_CMP_EQ, FIONBIO));
}

/* What drivers ask: of vfio and of Ethernet devices; SIGBUS tells DPDK that hugepages ran out. */
static int growing(scmp_filter_ctx f)
{
	int rc = allow(f, "ioctl", 0, NULL);

	rc = rc ? rc : WHERE(f, "rt_sigaction", SCMP_A0(SCMP_CMP_EQ, SIGBUS));
	return rc ? rc : reading(f);
}

/* Interfaces are asked for and set by sockets and ioctl; ports may be opened again. */
static int closing(scmp_filter_ctx f)
{
	static const int families[] = {AF_NETLINK, AF_PACKET, AF_XDP};
	int rc = 0;

	for (unsigned i = 0; i < sizeof(families) / sizeof(families[0]) && rc == 0; i++)
		rc = WHERE(f, "socket", SCMP_A0(SCMP_CMP_EQ, (scmp_datum_t)families[i]));
	/* O_RDWR of /dev, /sys and descriptors of our own; nothing that was not there before. */
	rc = rc ? rc : WHERE(f, "openat", SCMP_A2(SCMP_CMP_MASKED_EQ, O_CREAT | O_TRUNC, 0));
	return rc ? rc : allow(f, "tgkill", 0, NULL);
}

static int (*const conditions[PIECES])(scmp_filter_ctx f) = {
	[BASICS] = basics,
	[READING] = reading,
	[RUNNING] = running,
	[THREADS] = threads,
	[CALLING] = calling,
	[GROWING] = growing,
	[CLOSING] = closing,
	[SANITIZERS] = reading,
};

static int add_piece(scmp_filter_ctx f, enum piece piece)
{
	int rc = 0;

	for (unsigned i = 0; rc == 0 && i < 48 && calls[piece][i]; i++)
		rc = allow(f, calls[piece][i], 0, NULL);
	return rc == 0 && conditions[piece] ? conditions[piece](f) : rc;
}

/* The kernel takes the program as it is: libseccomp would load it into the calling thread alone. */
static int export(scmp_filter_ctx f, struct sock_fprog *program)
{
	int fd = memfd_create("weir-sandbox", MFD_CLOEXEC);
	int rc = fd < 0 ? -errno : seccomp_export_bpf(f, fd);
	off_t size = rc == 0 ? lseek(fd, 0, SEEK_END) : 0;

	if (rc == 0) {
		program->len = (unsigned short)((size_t)size / sizeof(*program->filter));
		program->filter = malloc((size_t)size);
		if (!program->filter || pread(fd, program->filter, (size_t)size, 0) != size)
			rc = -ENOMEM;
	}
	if (fd >= 0)
		close(fd);
	return rc;
}

int sandbox_rules(enum sandbox_role role, enum conf_seccomp mode, struct sock_fprog *program)
{
	unsigned pieces = roles[role] | (WEIR_SANITIZED ? P(SANITIZERS) : 0) |
			  (WEIR_COVERED ? P(COVERAGE) : 0);
	scmp_filter_ctx f = seccomp_init(mode == CONF_SECCOMP_LOG ? SCMP_ACT_LOG : SCMP_ACT_TRAP);
	int rc = f ? 0 : -ENOMEM;

	for (unsigned piece = 0; piece < PIECES && rc == 0; piece++)
		if (pieces & P(piece))
			rc = add_piece(f, (enum piece)piece);
	if (rc == 0 && (pieces & P(THREADS)))
		rc = seccomp_rule_add(f, SCMP_ACT_ERRNO(ENOSYS), SCMP_SYS(clone3), 0);
	if (rc == 0)
		rc = export(f, program);
	if (f)
		seccomp_release(f);
	return rc;
}
