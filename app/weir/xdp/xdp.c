/* SPDX-License-Identifier: BSD-3-Clause */
#include "xdp/xdp.h"

#include <arpa/inet.h>
#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <errno.h>
#include <linux/if_link.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "weir_xdp.h"
#include "xdp/config.h"

/* Write all of it. */
static int write_all(int fd, const unsigned char *p, size_t len)
{
	while (len > 0) {
		ssize_t n = write(fd, p, len);

		if (n < 0)
			return -errno;
		p += n;
		len -= (size_t)n;
	}
	return 0;
}

/* Set the port in the object's read-only data. The build has checked that the magic is there once. */
static int set_port(unsigned char *object, size_t len, uint16_t udp_port)
{
	struct weir_xdp_config config = {.magic = WEIR_XDP_MAGIC, .udp_port = htons(udp_port)};
	unsigned char *at =
		(unsigned char *)memmem(object, len, config.magic, sizeof(config.magic));

	if (!at || len - (size_t)(at - object) < sizeof(config))
		return -EINVAL;
	memcpy(at, &config, sizeof(config));
	return 0;
}

int xdp_program(uint16_t udp_port, char *path, size_t size)
{
	unsigned char *object = malloc(sizeof(weir_xdp_object));
	int fd = memfd_create(WEIR_XDP_NAME, MFD_CLOEXEC);
	int rc;

	rc = fd < 0 ? -errno : object ? 0 : -ENOMEM;
	if (rc)
		goto out;
	memcpy(object, weir_xdp_object, sizeof(weir_xdp_object));
	rc = set_port(object, sizeof(weir_xdp_object), udp_port);
	if (!rc)
		rc = write_all(fd, object, sizeof(weir_xdp_object));
	snprintf(path, size, "/proc/self/fd/%d", fd);
out:
	free(object);
	if (rc && fd >= 0)
		close(fd);
	return rc ? rc : fd;
}

int xdp_claim(unsigned ifindex)
{
	struct sockaddr_un sun = {.sun_family = AF_UNIX};
	int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	int len;

	if (fd < 0)
		return -errno;
	/* An abstract name: it belongs to the network namespace, and goes with the process. */
	len = snprintf(sun.sun_path + 1, sizeof(sun.sun_path) - 1, "weir-xdp-%u", ifindex);
	if (bind(fd, (struct sockaddr *)&sun,
		    (socklen_t)(sizeof(sun.sun_family) + 1 + (size_t)len)) < 0) {
		int rc = -errno;

		close(fd);
		return rc;
	}
	return fd;
}

/* Is the program with this descriptor one that weir loaded? */
static int is_ours(int fd)
{
	struct bpf_prog_info info = {0};
	__u32 len = sizeof(info);

	return bpf_obj_get_info_by_fd(fd, &info, &len) == 0 &&
	       strcmp(info.name, WEIR_XDP_NAME) == 0;
}

int xdp_clear(unsigned ifindex)
{
	LIBBPF_OPTS(bpf_xdp_query_opts, query);
	LIBBPF_OPTS(bpf_xdp_attach_opts, detach);
	int rc = bpf_xdp_query((int)ifindex, 0, &query);
	int fd;

	if (rc)
		return rc;
	if (!query.prog_id)
		return 0;
	fd = bpf_prog_get_fd_by_id(query.prog_id);
	if (fd < 0)
		return errno == ENOENT ? 0 : -errno;
	rc = -EBUSY;
	if (is_ours(fd)) {
		/* Only if it is still this one that is attached. */
		detach.old_prog_fd = fd;
		rc = bpf_xdp_detach((int)ifindex, XDP_FLAGS_REPLACE, &detach);
	}
	close(fd);
	return rc;
}
