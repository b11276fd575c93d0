/* SPDX-License-Identifier: BSD-3-Clause */
#pragma once

#include <stdbool.h>

#include "metric/read.h"

struct exposition;

/*
 * The labels of a data source for Prometheus: agent, datasource, host (the name of the agent's host); of an
 * interface ifname; of a container or VM what orchestrators call it (k8s_name and k8s_namespace, or
 * swarm_name), else vir_host. An agent with several sub-agents has them as subagent, too, since one number
 * may be of a data source of each. Within a section of reading; any thread.
 */
struct labels {
	const struct metric_name *host, *ifname, *guest, *pod, *namespace, *service;
};

/** Look names up: good within the section of reading. */
void labels_init(struct labels *l, const struct metric_store *m);

/** Whether a data source is left out: the empty containers that hold the network of a pod. */
bool labels_is_left_out(const struct labels *l, const struct metric_source *src);

/** Write all labels of a data source. */
void labels_write(const struct labels *l, const struct metric_source *src, struct exposition *e);

/* What the name of a container says of it: pieces of the text. */
struct labels_guest {
	const char *pod, *namespace, *service; /* NULL: not there */
	size_t pod_len, namespace_len, service_len;
	bool pause; /* holds the network of a pod */
};

/**
 * Take a name apart: "k8s_CONTAINER_POD_NAMESPACE_UID_ATTEMPT" as Kubernetes makes it, "SERVICE.SLOT.ID" as
 * Docker Swarm does. Pure.
 */
void labels_guest_parse(const char *name, size_t len, struct labels_guest *g);
