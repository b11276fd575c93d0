/* SPDX-License-Identifier: BSD-3-Clause */
#include "geo/geo.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

struct geo {
	unsigned references;  /* atomic */
	pthread_mutex_t lock; /* of `databases` */
	struct geo_database *databases[GEO_KINDS];
	const char *paths[GEO_KINDS];
	struct base_region region;
};

struct geo *geo_create(const char *const paths[GEO_KINDS])
{
	struct geo *g = calloc(1, sizeof(*g));

	if (!g)
		abort(); /* as a region does */
	g->references = 1;
	pthread_mutex_init(&g->lock, NULL);
	for (int i = 0; i < GEO_KINDS; i++)
		g->paths[i] = base_region_text(&g->region, paths[i] ? paths[i] : "");
	return g;
}

struct geo *geo_ref(struct geo *g)
{
	if (g)
		__atomic_add_fetch(&g->references, 1, __ATOMIC_RELAXED);
	return g;
}

void geo_unref(struct geo *g)
{
	if (!g || __atomic_sub_fetch(&g->references, 1, __ATOMIC_ACQ_REL) > 0)
		return;
	for (int i = 0; i < GEO_KINDS; i++)
		geo_database_close(g->databases[i]);
	pthread_mutex_destroy(&g->lock);
	base_region_free(&g->region);
	free(g);
}

const struct geo_database *geo_get(
	struct geo *g, enum geo_kind kind, char *error, size_t error_size)
{
	const struct geo_database *db;

	pthread_mutex_lock(&g->lock);
	if (!g->databases[kind])
		g->databases[kind] = geo_database_open(kind, g->paths[kind], error, error_size);
	db = g->databases[kind];
	pthread_mutex_unlock(&g->lock);
	return db;
}
