/* SPDX-License-Identifier: BSD-3-Clause */
#pragma once

#include "conf/conf.h"
#include "flow/plan.h"
#include "ports.h"

/* What the command line asks for. */
enum options_task {
	OPTIONS_RUN,
	OPTIONS_CHECK,
	OPTIONS_CLEAN,
	OPTIONS_PRINT_API,
	OPTIONS_PRINT_CONFIG,
	OPTIONS_PRINT_REFERENCE,
	OPTIONS_PRINT_KEYS,
	OPTIONS_PRINT_METRICS,
	OPTIONS_DONE, /* --help, --version: said already */
};

struct options {
	enum options_task task;
	enum ports_replay replay;
	bool live;        /* not a replay of captures */
	bool summary;     /* print the summary at the end, live too */
	bool replay_said; /* --once or --loop was given */
	double duration;  /* seconds until it ends by itself, 0 never */
	struct conf conf; /* file and flags */
	int argc;         /* the command line, to be read again; the caller's */
	char **argv;
	struct flow_data *data; /* groups, maps and databases of these; NULL: not read yet */
};

/**
 * Others see the command line in the list of processes: take it out of their sight.
 * @return a copy for options_read(), to be freed with free(); from `argv` secrets are gone
 */
char **options_take_arguments(int argc, char **argv);

/**
 * Read the command line, which outlives `o`, and the configuration file. One thread at a time, since getopt() is used.
 * @return 0; -EINVAL with `e`. options_free() in either case.
 */
int options_read(struct options *o, int argc, char **argv, struct conf_error *e);

/**
 * Check all that the settings say and that can be told without running; o->data is read.
 * @return the plan of its definitions; NULL with `e`
 */
struct flow_plan *options_check(struct options *o, struct conf_error *e);

/**
 * Check what settings ask of this machine, so far as that can be told before anything is opened: CPUs, secrets,
 * certificates and keys, which the user of weir must be able to read: as who we are now. Not in a weir that runs,
 * whose threads are bound to CPUs and confined.
 * @return 0, or -EINVAL with `e`
 */
int options_check_start(const struct options *o, struct conf_error *e);

void options_free(struct options *o);

/**
 * Compile the definitions of the settings.
 * @param data  groups, maps and databases, where they were read before; NULL: read them
 * @return NULL with `e`, at the place in the file
 */
struct flow_plan *options_plan(const struct conf *c, struct flow_data *data, struct conf_error *e);

/** A definition of the settings as flow_compile() takes it; texts stay those of `f`. */
struct flow_spec options_spec(const struct conf_flow *f);

/** Write the page of all keys (reStructuredText). */
void options_print_keys(FILE *out);

/** Write the page of all metrics. @return 0 or -ENOMEM */
int options_print_metrics(FILE *out);
