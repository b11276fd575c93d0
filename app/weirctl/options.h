/* SPDX-License-Identifier: BSD-3-Clause */
#pragma once

#include <stdbool.h>
#include <stdint.h>

enum { OPTIONS_WORDS = 64 };

/* The command line. Texts are those of argv, but for secrets: these leave it. */
struct options {
	char *redis_text;                 /* owner of `redis`, where it was given */
	char *password_text;              /* owner of `password` */
	const char *words[OPTIONS_WORDS]; /* all that are no options */
	unsigned word_count;
	const char *command; /* NULL: none was given */
	const char *name;    /* the word after it, or NULL */
	const char *redis;
	const char *user, *password;                    /* of Redis; NULL: those of the URL */
	const char *cert_file, *key_file, *server_name; /* of TLS to Redis; NULL: none */
	const char *prefix;
	const char *api, *token_file, *ca_file; /* files: NULL, none */
	bool json, csv, explain, plain, help, version;
	unsigned n; /* rows of `top` */
	bool follow;
	bool rows_given, api_given, redis_given;
	uint64_t interval_ms; /* between two refreshes; 0: each window */
	uint64_t seconds;     /* how long; 0: until stopped */
	bool live;            /* an interval or a time was given: go on */
	/* decode */
	bool line, grep, structures, schema;
	const char *iface;
	uint16_t port;  /* 0: none was given */
	uint64_t count; /* datagrams; 0: all */
};

/** Parse argv; says on stderr what is wrong and what would be right. @return 0, or -EINVAL. */
int options_parse(int argc, char **argv, struct options *o);

/** Give back what options_parse() has made. */
void options_free(struct options *o);

/** What the options mean, for --help. */
void options_print(void);
