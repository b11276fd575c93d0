/* SPDX-License-Identifier: BSD-3-Clause */
#include <errno.h>
#include <net/if.h>
#include <string.h>
#include <unistd.h>

#include "ports_pvt.h"
#include "xdp/xdp.h"

/* One interface: of a weir that runs, and of others' programs, nothing is touched. */
static int clean(const char *name)
{
	unsigned ifindex = if_nametoindex(name);
	int claim, rc;

	if (!ifindex)
		return 0;
	claim = xdp_claim(ifindex);
	if (claim < 0)
		return claim == -EADDRINUSE ? 0 : claim;
	rc = xdp_clear(ifindex);
	close(claim);
	return rc == -EBUSY ? 0 : rc;
}

int ports_clean(const struct conf *c, struct conf_error *e)
{
	int err = 0;

	for (unsigned i = 0; i < c->port_count; i++) {
		int rc = c->ports[i].iface ? clean(c->ports[i].iface) : 0;

		if (rc < 0)
			err = ports_fail(e, rc, "%s: cannot be cleaned: %s%s", c->ports[i].iface,
				strerror(-rc),
				rc == -EPERM ? ": it takes root, or CAP_NET_ADMIN and "
					       "CAP_SYS_ADMIN"
					     : "");
	}
	return err;
}
