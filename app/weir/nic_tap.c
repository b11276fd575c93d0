/* SPDX-License-Identifier: BSD-3-Clause */
#include <errno.h>
#include <fcntl.h>
#include <linux/if_tun.h>
#include <net/if.h>
#include <net/if_arp.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include "nic_pvt.h"

/* The TAP goes when its descriptor is closed. */

static int fail(struct conf_error *e, const struct nic_port *p, const char *tap, const char *what)
{
	int rc = -errno;

	snprintf(e->text, sizeof(e->text),
		"%s: TAP %s: %s: %s; it takes /dev/net/tun and CAP_NET_ADMIN", p->name, tap, what,
		strerror(-rc));
	return rc;
}

/* The port's Ethernet address; up. */
static int set_up(const struct nic_port *p, const char *name)
{
	struct ifreq r = {.ifr_hwaddr = {.sa_family = ARPHRD_ETHER}};
	int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0), rc = -1;

	if (fd < 0)
		return -1;
	snprintf(r.ifr_name, sizeof(r.ifr_name), "%s", name);
	memcpy(r.ifr_hwaddr.sa_data, p->host.mac, sizeof(p->host.mac));
	if (ioctl(fd, SIOCSIFHWADDR, &r) == 0 && ioctl(fd, SIOCGIFFLAGS, &r) == 0) {
		r.ifr_flags |= IFF_UP;
		rc = ioctl(fd, SIOCSIFFLAGS, &r);
	}
	close(fd);
	return rc;
}

int nic_tap_open(const struct nic_port *p, const char *name, struct conf_error *e)
{
	struct ifreq r = {.ifr_flags = IFF_TAP | IFF_NO_PI | IFF_TUN_EXCL};
	int fd, rc;

	if (if_nametoindex(name)) {
		snprintf(e->text, sizeof(e->text),
			"%s: TAP %s: there is an interface of that name; give it a name that no "
			"other interface has",
			p->name, name);
		return -EEXIST;
	}
	fd = open("/dev/net/tun", O_RDWR | O_NONBLOCK | O_CLOEXEC);
	if (fd < 0)
		return fail(e, p, name, "/dev/net/tun");
	snprintf(r.ifr_name, sizeof(r.ifr_name), "%s", name);
	if (ioctl(fd, TUNSETIFF, &r) < 0)
		rc = fail(e, p, name, "cannot be made");
	else if (set_up(p, name) < 0)
		rc = fail(e, p, name, "cannot be set up");
	else
		return fd;
	close(fd);
	return rc;
}
