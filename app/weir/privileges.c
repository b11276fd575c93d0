/* SPDX-License-Identifier: BSD-3-Clause */
#include "privileges.h"

#include <errno.h>
#include <grp.h>
#include <linux/capability.h>
#include <pwd.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "base/log.h"

BASE_LOG_TYPE(log_type, "privileges");

#define CAP(name) (UINT64_C(1) << CAP_##name)
#define RUNTIME "/run/weir"

/* To read an interface, and to have it again after it went away. */
static const uint64_t of_interfaces = CAP(NET_RAW) | CAP(NET_ADMIN);
/* By AF_XDP, besides. */
static const uint64_t of_xdp = CAP(BPF) | CAP(PERFMON);
/* To open: locked memory, a program that a killed instance left behind. */
static const uint64_t of_opening = CAP(IPC_LOCK) | CAP(SYS_ADMIN) | CAP(SYS_RESOURCE);
/* To open a NIC that DPDK owns: its device files, physical addresses, I/O ports. */
static const uint64_t of_nics = CAP(DAC_OVERRIDE) | CAP(SYS_RAWIO);

enum { RESERVED = 1024 }; /* the first port that anybody may bind */

/* Of the main thread, which alone looks at it. */
static uint64_t kept;
static bool dropped;

struct user {
	uid_t uid;
	gid_t gid;
};

static int set_caps(uint64_t permitted, uint64_t effective)
{
	struct __user_cap_header_struct head = {.version = _LINUX_CAPABILITY_VERSION_3};
	struct __user_cap_data_struct data[2] = {
		{.permitted = (uint32_t)permitted, .effective = (uint32_t)effective},
		{.permitted = (uint32_t)(permitted >> 32),
			.effective = (uint32_t)(effective >> 32)}};

	return syscall(SYS_capset, &head, data) < 0 ? -errno : 0;
}

static uint64_t get_permitted(void)
{
	struct __user_cap_header_struct head = {.version = _LINUX_CAPABILITY_VERSION_3};
	struct __user_cap_data_struct data[2] = {{0}};

	if (syscall(SYS_capget, &head, data) < 0)
		return 0;
	return data[0].permitted | (uint64_t)data[1].permitted << 32;
}

static bool any_interface(const struct conf *c)
{
	for (unsigned i = 0; i < c->port_count; i++)
		if (c->ports[i].iface)
			return true;
	return false;
}

static bool any_tap(const struct conf *c)
{
	for (unsigned i = 0; i < c->port_count; i++)
		if (c->ports[i].tap)
			return true;
	return false;
}

static bool any_nic(const struct conf *c)
{
	for (unsigned i = 0; i < c->port_count; i++)
		if (c->ports[i].pci)
			return true;
	return false;
}

/* Whether an interface may be opened by AF_XDP. */
static bool may_be_xdp(const struct conf *c)
{
	for (unsigned i = 0; i < c->port_count; i++)
		if (c->ports[i].iface && c->ports[i].driver != CONF_DRIVER_AF_PACKET)
			return true;
	return false;
}

static uint64_t needed_later(const struct conf *c, bool xdp)
{
	uint64_t caps = any_interface(c) ? of_interfaces : 0;

	if (xdp)
		caps |= of_xdp;
	if (any_interface(c) && c->udp_port < RESERVED)
		caps |= CAP(NET_BIND_SERVICE); /* guard.h */
	return caps;
}

uint64_t privileges_api(const struct conf *c)
{
	const char *colon = strrchr(c->api.listen, ':');
	unsigned long port = colon ? strtoul(colon + 1, NULL, 10) : 0;

	return port > 0 && port < RESERVED ? CAP(NET_BIND_SERVICE) & get_permitted() : 0;
}

int privileges_limit(uint64_t permitted, uint64_t effective)
{
	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0)
		return -errno;
	return set_caps(permitted, effective);
}

/* ---- the user ---- */

static int find_group(const struct conf *c, gid_t *gid, struct conf_error *e)
{
	const struct group *g;

	if (c->group[0] == '\0')
		return 0;
	g = getgrnam(c->group);
	if (!g) {
		conf_error_of(e, c, "group", "there is no group \"%s\": groupadd --system %s",
			c->group, c->group);
		return -EINVAL;
	}
	*gid = g->gr_gid;
	return 0;
}

/* With no user in the settings: nothing. */
static int find_user(const struct conf *c, struct user *u, struct conf_error *e)
{
	const struct passwd *p;

	if (c->user[0] == '\0' && c->group[0] != '\0') {
		conf_error_of(e, c, "group", "it goes with a user; set user as well");
		return -EINVAL;
	}
	if (c->user[0] == '\0')
		return 0;
	p = getpwnam(c->user);
	if (!p) {
		conf_error_of(e, c, "user",
			"there is no user \"%s\": useradd --system --user-group %s", c->user,
			c->user);
		return -EINVAL;
	}
	*u = (struct user){p->pw_uid, p->pw_gid};
	return find_group(c, &u->gid, e);
}

/*
 * Where DPDK puts its runtime directory, which the user must be able to remove: systemd has made one
 * for us, or root does now.
 */
static int make_runtime(const struct user *u)
{
	const char *given = getenv("RUNTIME_DIRECTORY");
	const char *path = given && *given && !strchr(given, ':') ? given : RUNTIME;

	if (mkdir(path, 0755) < 0 && errno != EEXIST)
		return -errno;
	if (lchown(path, u->uid, u->gid) < 0 || setenv("XDG_RUNTIME_DIR", path, 1) < 0)
		return -errno;
	return 0;
}

/* The C library tells all threads. */
static int set_ids(const struct conf *c, const struct user *u)
{
	if (initgroups(c->user, u->gid) < 0 || setresgid(u->gid, u->gid, u->gid) < 0 ||
		setresuid(u->uid, u->uid, u->uid) < 0)
		return -errno;
	return 0;
}

static int fail(const struct conf *c, int err, struct conf_error *e)
{
	conf_error_of(e, c, "user", "cannot become %s: %s", c->user, strerror(-err));
	return err;
}

int privileges_assume(const struct conf *c, struct conf_error *e)
{
	struct user u;
	int err = find_user(c, &u, e);

	if (err < 0 || c->user[0] == '\0' || geteuid() != 0)
		return err;
	err = set_ids(c, &u);
	return err < 0 ? fail(c, err, e) : 0;
}

/* Capabilities stay for this thread. */
static int change(const struct conf *c, const struct user *u)
{
	uint64_t caps = get_permitted() &
			(needed_later(c, may_be_xdp(c)) | privileges_api(c) | of_opening |
				(any_nic(c) ? of_nics : 0) | (any_tap(c) ? CAP(NET_ADMIN) : 0));
	int err = make_runtime(u);

	if (err < 0)
		return err;
	if (prctl(PR_SET_KEEPCAPS, 1, 0, 0, 0) < 0)
		return -errno;
	err = set_ids(c, u);
	if (err < 0)
		return err;
	prctl(PR_SET_KEEPCAPS, 0, 0, 0, 0);
	return set_caps(caps, caps);
}

int privileges_become(const struct conf *c, struct conf_error *e)
{
	struct user u = {0};
	int err = find_user(c, &u, e);

	if (err < 0 || c->user[0] == '\0' || (geteuid() == u.uid && getegid() == u.gid))
		return err;
	if (geteuid() != 0) {
		conf_error_of(e, c, "user", "only root can become %s; start weir as root or as %s",
			c->user, c->user);
		return -EPERM;
	}
	err = change(c, &u);
	return err < 0 ? fail(c, err, e) : 0;
}

/* ---- what stays ---- */

/* Memory for DMA is locked when it is taken, which goes on while definitions change. */
static void unlimit_locked(void)
{
	const struct rlimit none = {RLIM_INFINITY, RLIM_INFINITY};
	struct rlimit most;

	if (setrlimit(RLIMIT_MEMLOCK, &none) == 0 || getrlimit(RLIMIT_MEMLOCK, &most) < 0)
		return;
	most.rlim_cur = most.rlim_max;
	setrlimit(RLIMIT_MEMLOCK, &most);
}

int privileges_drop(const struct conf *c, const struct ports *p)
{
	unlimit_locked();
	/* For the threads that are made from here on; each drops what is not its own. */
	kept = get_permitted() & (needed_later(c, ports_any(p, PORTS_AF_XDP)) | privileges_api(c));
	if (geteuid() == 0 && (any_interface(c) || any_nic(c)))
		base_log(&log_type, BASE_LOG_NOTICE,
			"running as root, without its capabilities; better as a user of its own "
			"(user: weir)");
	dropped = true;
	return privileges_limit(kept, 0);
}

void privileges_raise(void)
{
	if (dropped)
		set_caps(kept, kept);
}

void privileges_lower(void)
{
	if (dropped)
		set_caps(kept, 0);
}
