/* SPDX-License-Identifier: BSD-3-Clause */
#include "options.h"

#include <errno.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/near.h"
#include "base/secret.h"

enum {
	TOP_ROWS = 10,
	ROWS_MAX = 100000,
};

static const char optstring[] = ":ghi:ln:p:V";

/* Options without a short form. */
enum {
	OPT_REDIS = 256,
	OPT_PREFIX,
	OPT_JSON,
	OPT_INTERVAL,
	OPT_SECONDS,
	OPT_PLAIN,
	OPT_COUNT,
	OPT_STRUCTURES,
	OPT_SCHEMA,
	OPT_API,
	OPT_TOKEN_FILE,
	OPT_CA_FILE,
	OPT_CERT_FILE,
	OPT_KEY_FILE,
	OPT_SERVER_NAME,
	OPT_USER,
	OPT_PASSWORD_FILE,
	OPT_FOLLOW,
	OPT_CSV,
	OPT_EXPLAIN,
};

#define DECODE "decode"
#define NAMED "capacity flow threshold group map"
#define METRIC "metric"
#define STREAMS "events records"
#define OF_API NAMED " " STREAMS " " METRIC " reload"
#define OF_REDIS "!" DECODE " " OF_API

/* One row per option: the parser and --help read them. */
static const struct row {
	struct option option;
	const char *command; /* those that take it, or NULL: all; after a ! those that do not */
	const char *argument, *help;
} rows[] = {
	{{"redis", required_argument, NULL, OPT_REDIS}, OF_REDIS, "URL",
		"redis://[[user]:password@]host[:port][/db], rediss:// for TLS, unix:PATH "
		"(default redis://127.0.0.1:6379/0)"},
	{{"user", required_argument, NULL, OPT_USER}, OF_REDIS, "NAME", "user of Redis"},
	{{"password-file", required_argument, NULL, OPT_PASSWORD_FILE}, OF_REDIS, "FILE",
		"whose first line is the password of Redis"},
	{{"cert-file", required_argument, NULL, OPT_CERT_FILE}, OF_REDIS, "FILE",
		"certificate (PEM) to show to a Redis with TLS"},
	{{"key-file", required_argument, NULL, OPT_KEY_FILE}, OF_REDIS, "FILE", "its private key"},
	{{"server-name", required_argument, NULL, OPT_SERVER_NAME}, OF_REDIS, "NAME",
		"that the certificate of Redis must be for (default the host of the URL)"},
	{{"prefix", required_argument, NULL, OPT_PREFIX}, OF_REDIS, "TEXT",
		"what all keys start with (default weir)"},
	{{"json", no_argument, NULL, OPT_JSON}, NULL, "", "JSON on stdout, one document a line"},
	{{"csv", no_argument, NULL, OPT_CSV}, "capacity", "", "comma-separated values"},
	{{"rows", required_argument, NULL, 'n'}, "top capacity " STREAMS, "N",
		"flows, links, events or records to show (default 10); also -n"},
	{{"interval", required_argument, NULL, OPT_INTERVAL}, "top", "SECONDS",
		"go on, and show the newest window this often"},
	{{"seconds", required_argument, NULL, OPT_SECONDS}, "top", "N", "go on, for so long"},
	{{"explain", no_argument, NULL, OPT_EXPLAIN}, "stats", "",
		"what each counter means; asks the HTTP API, not Redis"},
	{{"plain", no_argument, NULL, OPT_PLAIN}, "top", "",
		"lines below each other, as without a terminal"},
	{{"line", no_argument, NULL, 'l'}, DECODE, "",
		"comma-separated values, a line for each sample; also -l"},
	{{"grep", no_argument, NULL, 'g'}, DECODE, "",
		"its context in front of each line; also -g"},
	{{"iface", required_argument, NULL, 'i'}, DECODE, "NAME",
		"listen to a network interface; also -i"},
	{{"port", required_argument, NULL, 'p'}, DECODE, "PORT",
		"receive on this UDP port, or with -i look for it; also -p"},
	{{"count", required_argument, NULL, OPT_COUNT}, DECODE, "N", "end after N datagrams"},
	{{"structures", no_argument, NULL, OPT_STRUCTURES}, DECODE, "",
		"list all structures and their fields"},
	{{"schema", no_argument, NULL, OPT_SCHEMA}, DECODE, "", "print the schema of --json"},
	{{"api", required_argument, NULL, OPT_API}, "top stats " OF_API, "URL",
		"where it is (default http://127.0.0.1:8008)"},
	{{"follow", no_argument, NULL, OPT_FOLLOW}, STREAMS, "", "go on, and show what comes"},
	{{"token-file", required_argument, NULL, OPT_TOKEN_FILE}, "top stats " OF_API, "FILE",
		"whose first line is the token"},
	{{"ca-file", required_argument, NULL, OPT_CA_FILE}, "!" DECODE, "FILE",
		"certificates (PEM) that the server's is checked against, of the API or Redis"},
	{{"help", no_argument, NULL, 'h'}, NULL, "", "this text; also -h"},
	{{"version", no_argument, NULL, 'V'}, NULL, "", "the version; also -V"},
};
enum { ROWS = sizeof(rows) / sizeof(rows[0]) };

static const char *row_name(const void *ctx, size_t i)
{
	(void)ctx;
	return i < ROWS ? rows[i].option.name : NULL;
}

static const struct row *row_of(int value)
{
	for (size_t i = 0; i < ROWS; i++) {
		if (rows[i].option.val == value)
			return &rows[i];
	}
	return NULL;
}

static int unknown_option(const char *word)
{
	char name[64];
	const char *near;

	snprintf(name, sizeof(name), "%.*s", (int)strcspn(word, "="), word);
	near = strncmp(name, "--", 2) == 0 ? base_near(name + 2, row_name, NULL) : NULL;
	fprintf(stderr, "weirctl: there is no option %s", name);
	if (near)
		fprintf(stderr, "; did you mean --%s?\n", near);
	else
		fprintf(stderr, "; see weirctl --help\n");
	return -EINVAL;
}

static int needless_value(const char *word)
{
	fprintf(stderr, "weirctl: %.*s takes no value\n", (int)strcspn(word, "="), word);
	return -EINVAL;
}

static int bad_value(const char *option, const char *value, const char *right)
{
	fprintf(stderr, "weirctl: --%s takes %s, not \"%s\"\n", option, right, value);
	return -EINVAL;
}

static bool parse_uint(const char *text, uint64_t max, uint64_t *v)
{
	char *end;

	if (text[0] < '0' || text[0] > '9')
		return false;
	errno = 0;
	*v = strtoull(text, &end, 10);
	return *end == '\0' && errno == 0 && *v > 0 && *v <= max;
}

static int set_rows(struct options *o, const char *value)
{
	uint64_t v;

	if (!parse_uint(value, ROWS_MAX, &v))
		return bad_value("rows", value, "a number from 1 to 100000");
	o->n = (unsigned)v;
	o->rows_given = true;
	return 0;
}

static int set_seconds(struct options *o, const char *value)
{
	if (!parse_uint(value, 1u << 30, &o->seconds))
		return bad_value("seconds", value, "a number of seconds from 1 on");
	o->live = true;
	return 0;
}

static int set_interval(struct options *o, const char *value)
{
	char *end;
	double v = strtod(value, &end);

	if (end == value || *end != '\0' || !(v >= 0.1 && v <= 86400))
		return bad_value("interval", value, "seconds from 0.1 to 86400");
	o->interval_ms = (uint64_t)(v * 1000);
	o->live = true;
	return 0;
}

static int set_port(struct options *o, const char *value)
{
	uint64_t v;

	if (!parse_uint(value, UINT16_MAX, &v))
		return bad_value("port", value, "a number from 1 to 65535");
	o->port = (uint16_t)v;
	return 0;
}

static int set_count(struct options *o, const char *value)
{
	if (!parse_uint(value, UINT64_MAX, &o->count))
		return bad_value("count", value, "a number of datagrams from 1 on");
	return 0;
}

/* An option without a value. @return false where it has one */
static bool set_flag(struct options *o, int option)
{
	bool *flag = option == OPT_JSON         ? &o->json
		     : option == OPT_PLAIN      ? &o->plain
		     : option == 'h'            ? &o->help
		     : option == 'V'            ? &o->version
		     : option == 'l'            ? &o->line
		     : option == 'g'            ? &o->grep
		     : option == OPT_STRUCTURES ? &o->structures
		     : option == OPT_SCHEMA     ? &o->schema
		     : option == OPT_FOLLOW     ? &o->follow
		     : option == OPT_CSV        ? &o->csv
		     : option == OPT_EXPLAIN    ? &o->explain
						: NULL;

	if (flag)
		*flag = true;
	return flag;
}

/* Others see the command line in the list of processes. */
static int take_redis(struct options *o, char *value)
{
	free(o->redis_text);
	o->redis_text = strdup(value);
	o->redis = o->redis_text && base_secret_hide_login(value) ? o->redis_text : value;
	o->redis_given = true;
	return 0;
}

static int take_password(struct options *o, const char *path)
{
	free(o->password_text);
	if (asprintf(&o->password_text, "file:%s", path) < 0)
		abort();
	o->password = o->password_text;
	return 0;
}

void options_free(struct options *o)
{
	free(o->redis_text);
	free(o->password_text);
}

static int set(struct options *o, int option, char *value)
{
	if (set_flag(o, option))
		return 0;
	switch (option) {
	case OPT_REDIS:
		return take_redis(o, value);
	case OPT_USER:
		o->user = value;
		return 0;
	case OPT_PASSWORD_FILE:
		return take_password(o, value);
	case OPT_CERT_FILE:
		o->cert_file = value;
		return 0;
	case OPT_KEY_FILE:
		o->key_file = value;
		return 0;
	case OPT_SERVER_NAME:
		o->server_name = value;
		return 0;
	case OPT_PREFIX:
		o->prefix = value;
		return 0;
	case OPT_API:
		o->api = value;
		o->api_given = true;
		return 0;
	case OPT_TOKEN_FILE:
		o->token_file = value;
		return 0;
	case OPT_CA_FILE:
		o->ca_file = value;
		return 0;
	case 'i':
		o->iface = value;
		return 0;
	case 'p':
		return set_port(o, value);
	case OPT_COUNT:
		return set_count(o, value);
	case 'n':
		return set_rows(o, value);
	case OPT_SECONDS:
		return set_seconds(o, value);
	default:
		return set_interval(o, value);
	}
}

/* Whether a command is in a list of names with blanks between them. */
static bool is_among(const char *command, const char *list)
{
	size_t len = strlen(command);

	for (const char *at = list; (at = strstr(at, command)); at += len) {
		if ((at == list || at[-1] == ' ') && (at[len] == ' ' || at[len] == '\0'))
			return true;
	}
	return false;
}

static int take_words(struct options *o, char **words, int count)
{
	int most = count > 0 && is_among(words[0], NAMED " " METRIC) ? OPTIONS_WORDS : 2;

	if (count > most) {
		fprintf(stderr, "weirctl: \"%s\" is one word too many; see weirctl --help\n",
			words[most]);
		return -EINVAL;
	}
	for (int i = 0; i < count; i++)
		o->words[i] = words[i];
	o->word_count = (unsigned)count;
	o->command = o->words[0];
	o->name = count > 1 ? o->words[1] : NULL;
	return 0;
}

/* Whether a command takes the option. */
static bool takes(const char *command, const struct row *row)
{
	if (!row->command)
		return true;
	if (row->command[0] == '!')
		return !is_among(command, row->command + 1);
	return is_among(command, row->command);
}

/* Options that only one command takes are wrong with the others: nothing is silently ignored. */
static int check_used(const struct options *o, const bool *used)
{
	for (size_t i = 0; i < ROWS; i++) {
		if (!used[i] || !o->command || takes(o->command, &rows[i]))
			continue;
		if (rows[i].command[0] == '!')
			fprintf(stderr, "weirctl: \"%s\" does not take --%s\n", o->command,
				rows[i].option.name);
		else
			fprintf(stderr, "weirctl: --%s belongs to %s, not to \"%s\"\n",
				rows[i].option.name, rows[i].command, o->command);
		return -EINVAL;
	}
	return 0;
}

int options_parse(int argc, char **argv, struct options *o)
{
	struct option longs[ROWS + 1] = {0};
	bool used[ROWS] = {false};
	int c;

	*o = (struct options){.redis = "redis://127.0.0.1:6379/0",
		.prefix = "weir",
		.api = "http://127.0.0.1:8008",
		.n = TOP_ROWS};
	for (size_t i = 0; i < ROWS; i++)
		longs[i] = rows[i].option;
	while ((c = getopt_long(argc, argv, optstring, longs, NULL)) != -1) {
		if (c == '?' && strncmp(argv[optind - 1], "--", 2) == 0)
			return optopt ? needless_value(argv[optind - 1])
				      : unknown_option(argv[optind - 1]);
		if (c == '?')
			return unknown_option((char[]){'-', (char)optopt, '\0'});
		if (c == ':') {
			fprintf(stderr, "weirctl: %s needs a value\n", argv[optind - 1]);
			return -EINVAL;
		}
		used[row_of(c) - rows] = true;
		if (set(o, c, optarg))
			return -EINVAL;
	}
	if (take_words(o, argv + optind, argc - optind))
		return -EINVAL;
	return o->help || o->version ? 0 : check_used(o, used);
}

/* Which commands take it, as --help says it; NULL: almost all do. */
static const char *of_which(const struct row *row)
{
	if (!row->command || row->command[0] == '!')
		return NULL;
	return strstr(row->command, OF_API) ? "HTTP API" : row->command;
}

void options_print(void)
{
	char left[32];

	for (size_t i = 0; i < ROWS; i++) {
		const char *which = of_which(&rows[i]);

		snprintf(left, sizeof(left), "--%s %s", rows[i].option.name, rows[i].argument);
		printf("  %-20s %s%s%s\n", left, which ? which : "", which ? ": " : "",
			rows[i].help);
	}
}
