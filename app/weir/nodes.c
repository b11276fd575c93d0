/* SPDX-License-Identifier: BSD-3-Clause */
#include "nodes.h"

#include <dirent.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>

int nodes_of_cpu(const char *root, unsigned cpu)
{
	char path[PATH_MAX];
	const struct dirent *entry;
	DIR *dir;
	int node = -1;

	snprintf(path, sizeof(path), "%s/devices/system/cpu/cpu%u", root, cpu);
	dir = opendir(path);
	while (dir && node < 0 && (entry = readdir(dir)) != NULL) {
		if (sscanf(entry->d_name, "node%d", &node) != 1)
			node = -1;
	}
	if (dir)
		closedir(dir);
	return node;
}

static int read_node(const char *path)
{
	FILE *f = fopen(path, "r");
	int node = -1;

	if (f && (fscanf(f, "%d", &node) != 1 || node < 0))
		node = -1;
	if (f)
		fclose(f);
	return node;
}

int nodes_of_pci(const char *root, const char *name)
{
	char path[PATH_MAX];

	snprintf(path, sizeof(path), "%s/bus/pci/devices/%s/numa_node", root, name);
	return read_node(path);
}

int nodes_of_iface(const char *root, const char *name)
{
	char path[PATH_MAX];

	snprintf(path, sizeof(path), "%s/class/net/%s/device/numa_node", root, name);
	return read_node(path);
}

const char *nodes_cpus(const char *root, int node, char *list, size_t size)
{
	char path[PATH_MAX];
	FILE *f;

	snprintf(path, sizeof(path), "%s/devices/system/node/node%d/cpulist", root, node);
	f = fopen(path, "r");
	*list = 0;
	if (f && !fgets(list, (int)size, f))
		*list = 0;
	list[strcspn(list, "\n")] = 0;
	if (f)
		fclose(f);
	return list;
}
