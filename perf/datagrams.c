/* SPDX-License-Identifier: BSD-3-Clause */
#include "datagrams.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "capture.h"
#include "decode/decode.h"

static int load(struct datagrams *d, uint32_t room, const char *file)
{
	static const volatile bool stop;
	struct decode_datagram g;
	struct capture c;

	d->list = calloc(room, sizeof(*d->list));
	if (!d->list || capture_open_file(&c, file))
		return -ENOMEM;
	while (d->count < room && capture_next(&c, &g, &stop) == 1) {
		struct datagram *to = &d->list[d->count];

		to->len = g.len;
		to->bytes = malloc(g.len);
		if (!to->bytes)
			break;
		memcpy(to->bytes, g.payload, g.len);
		d->count++;
	}
	capture_close(&c);
	return d->count == room ? 0 : -EIO;
}

int datagrams_make(struct datagrams *d, const struct traffic *t)
{
	char file[64];
	int err;

	*d = (struct datagrams){.list = NULL};
	snprintf(file, sizeof(file), "/dev/shm/weir-bench-%ld.pcap", (long)getpid());
	err = traffic_write(t, file);
	if (!err)
		err = load(d, t->datagrams, file);
	unlink(file);
	if (err)
		fprintf(stderr, "%s: %s\n", t->name, strerror(-err));
	return err;
}

void datagrams_free(struct datagrams *d)
{
	for (uint32_t i = 0; i < d->count; i++)
		free(d->list[i].bytes);
	free(d->list);
	*d = (struct datagrams){.list = NULL};
}
