/* SPDX-License-Identifier: BSD-3-Clause */
#include <dirent.h>
#include <errno.h>
#include <limits.h>
#include <rte_eal.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "eal.h"
#include "eal_pvt.h"

/* What DPDK meets and leaves on the host: hugepages, and a runtime directory for each process. */

#define PREFIX "weir-"

uint64_t eal_hugepages_free(void)
{
	static const char root[] = "/sys/kernel/mm/hugepages";
	char path[PATH_MAX];
	const struct dirent *entry;
	DIR *dir = opendir(root);
	uint64_t sum = 0;

	while (dir && (entry = readdir(dir)) != NULL) {
		unsigned long long kb, pages;
		FILE *f;

		if (sscanf(entry->d_name, "hugepages-%llukB", &kb) != 1)
			continue;
		snprintf(path, sizeof(path), "%s/%s/free_hugepages", root, entry->d_name);
		f = fopen(path, "r");
		if (f && fscanf(f, "%llu", &pages) == 1)
			sum += kb * 1024 * pages;
		if (f)
			fclose(f);
	}
	if (dir)
		closedir(dir);
	return sum;
}

const char *eal_prefix(void)
{
	static char prefix[32];

	if (!*prefix)
		snprintf(prefix, sizeof(prefix), PREFIX "%ld", (long)getpid());
	return prefix;
}

/* Where DPDK puts runtime directories (its own rule: root or not). */
static void runtime_root(char *path, size_t size)
{
	const char *dir = getuid() == 0 ? "/var/run" : getenv("XDG_RUNTIME_DIR");

	snprintf(path, size, "%s/dpdk", dir ? dir : "/tmp");
}

/* Does a process answer on the telemetry socket? Its id may be one of another PID namespace. */
static bool is_alive(const char *dir)
{
	struct sockaddr_un sun = {.sun_family = AF_UNIX};
	int fd = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0);
	int len = snprintf(sun.sun_path, sizeof(sun.sun_path), "%s/dpdk_telemetry.v2", dir);
	bool alive = true;

	if (fd < 0 || len < 0 || (size_t)len >= sizeof(sun.sun_path))
		goto out;
	alive = connect(fd, (struct sockaddr *)&sun, sizeof(sun)) == 0;
out:
	if (fd >= 0)
		close(fd);
	return alive;
}

/* A directory with plain files and sockets only, as DPDK makes it. */
static void remove_dir(const char *path)
{
	char file[PATH_MAX];
	const struct dirent *entry;
	DIR *dir = opendir(path);

	while (dir && (entry = readdir(dir)) != NULL) {
		int len = snprintf(file, sizeof(file), "%s/%s", path, entry->d_name);

		if (len > 0 && (size_t)len < sizeof(file) && entry->d_name[0] != '.')
			unlink(file);
	}
	if (dir)
		closedir(dir);
	rmdir(path);
}

void eal_runtime_clean(void)
{
	char root[128], path[PATH_MAX];
	const struct dirent *entry;
	DIR *dir;

	runtime_root(root, sizeof(root));
	dir = opendir(root);
	while (dir && (entry = readdir(dir)) != NULL) {
		char *end;
		long pid;

		if (strncmp(entry->d_name, PREFIX, strlen(PREFIX)) != 0)
			continue;
		pid = strtol(entry->d_name + strlen(PREFIX), &end, 10);
		if (*end || pid <= 0)
			continue;
		snprintf(path, sizeof(path), "%s/%s", root, entry->d_name);
		/* In another container a process may have the number of this one. */
		if ((pid != getpid() && (kill((pid_t)pid, 0) == 0 || errno != ESRCH)) ||
			is_alive(path))
			continue;
		remove_dir(path);
	}
	if (dir)
		closedir(dir);
}

void eal_runtime_remove(void)
{
	char root[128], path[PATH_MAX];

	runtime_root(root, sizeof(root));
	snprintf(path, sizeof(path), "%s/%s", root, eal_prefix());
	remove_dir(path);
}
