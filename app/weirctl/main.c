/* SPDX-License-Identifier: BSD-3-Clause */
#include <signal.h>
#include <stdio.h>
#include <string.h>

#include "base/near.h"
#include "commands.h"
#include "weir_config.h"

static const struct command {
	const char *name, *words, *help;
	int (*run)(const struct options *o);
	enum { WORD_NONE, WORD_OPTIONAL, WORD_NEEDED, WORD_ANY } word;
} commands[] = {
	{"agents", "agents", "devices that send samples, the newest first", command_agents,
		WORD_NONE},
	{"top", "top NAME", "largest flows of the definition NAME", command_top, WORD_NEEDED},
	{"stats", "stats [ID]", "counters of collectors, and whether they add up", command_stats,
		WORD_OPTIONAL},
	{"decode", "decode [FILE|-]", "what is in an sFlow stream: a capture, an interface, a port",
		command_decode, WORD_OPTIONAL},
	{"capacity", "capacity [PARAMETER=VALUE...]",
		"busiest links, how they grow, and when they are full", command_capacity, WORD_ANY},
	{"flow", "flow list|show|put|rm", "flow definitions of a running collector",
		command_resource, WORD_ANY},
	{"events", "events [THRESHOLD]", "what crossed its thresholds, the newest last",
		command_events, WORD_OPTIONAL},
	{"records", "records [NAME]", "records of its flow definitions that have log",
		command_events, WORD_OPTIONAL},
	{"threshold", "threshold list|show|put|rm", "its thresholds", command_resource, WORD_ANY},
	{"metric", "metric list|AGENTS [...]", "what interfaces, hosts and applications say",
		command_metric, WORD_NEEDED},
	{"group", "group list|show|put|rm", "its groups of addresses", command_resource, WORD_ANY},
	{"reload", "reload", "have it read its configuration file again", command_reload,
		WORD_NONE},
	{"map", "map list|show|put|rm", "its maps of values", command_resource, WORD_ANY},
};
enum { COMMANDS = sizeof(commands) / sizeof(commands[0]) };

static const char *command_name(const void *ctx, size_t i)
{
	(void)ctx;
	return i < COMMANDS ? commands[i].name : NULL;
}

static const struct command *command_find(const char *name)
{
	for (size_t i = 0; i < COMMANDS; i++) {
		if (strcmp(name, commands[i].name) == 0)
			return &commands[i];
	}
	return NULL;
}

static int print_help(void)
{
	printf("usage: weirctl COMMAND [OPTIONS]\n\nShows what the weir sFlow collector has "
	       "published to Redis, and what is in\nan sFlow stream; changes what it counts over "
	       "its HTTP API.\n\ncommands:\n");
	for (size_t i = 0; i < COMMANDS; i++)
		printf("  %-26s %s\n", commands[i].words, commands[i].help);
	printf("\noptions:\n");
	options_print();
	return 0;
}

static int unknown_command(const char *name)
{
	const char *near = base_near(name, command_name, NULL);

	fprintf(stderr, "weirctl: there is no command \"%s\"", name);
	if (near)
		fprintf(stderr, "; did you mean \"%s\"?\n", near);
	else
		fprintf(stderr, "; see weirctl --help\n");
	return 2;
}

static int check_word(const struct command *c, const struct options *o)
{
	if (c->word == WORD_NEEDED && !o->name) {
		fprintf(stderr, "weirctl: %s needs a name: weirctl %s\n", c->name, c->words);
		return 2;
	}
	if (c->word == WORD_NONE && o->name) {
		fprintf(stderr, "weirctl: %s takes no further word, and \"%s\" is one\n", c->name,
			o->name);
		return 2;
	}
	return 0;
}

static int run(const struct options *o)
{
	const struct command *c;

	if (!o->command) {
		fprintf(stderr,
			"weirctl: which command? agents, top NAME, stats, decode, flow, ...; see "
			"weirctl --help\n");
		return 2;
	}
	c = command_find(o->command);
	if (!c)
		return unknown_command(o->command);
	return check_word(c, o) ? 2 : c->run(o);
}

int main(int argc, char **argv)
{
	struct options o;
	int rc;

	/* A Redis or a reader of stdout that is gone shows as an error where it is written to. */
	signal(SIGPIPE, SIG_IGN);
	if (options_parse(argc, argv, &o))
		rc = 2;
	else if (o.help)
		rc = print_help();
	else if (o.version)
		rc = printf("weirctl %s\n", WEIR_VERSION) < 0;
	else
		rc = run(&o);
	options_free(&o);
	return fflush(stdout) || ferror(stdout) ? 1 : rc;
}
