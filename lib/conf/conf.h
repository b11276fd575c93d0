/* SPDX-License-Identifier: BSD-3-Clause */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include "base/region.h"

/*
 * Settings: read once, then immutable; all strings and arrays belong to `region`. Every option is
 * one row of the schema (conf/schema.c), which the parser, --check, --print-config and the
 * reference page share. Precedence: defaults < file < flags:
 *
 *	conf_init(), conf_load(), conf_set() for each flag, conf_check(), ..., conf_free()
 *
 * Not thread-safe while it is made; any thread may read it after conf_check().
 */

enum conf_driver {
	CONF_DRIVER_AUTO, /* AF_XDP, or AF_PACKET where it is not to be had */
	CONF_DRIVER_AF_XDP,
	CONF_DRIVER_AF_PACKET,
};

/* Where a piece of the configuration stands. Lines and columns (characters) start at 1; 0: not in
 * the file. */
struct conf_mark {
	unsigned line, column;
};

/* One port: exactly one of iface, pci, pcap, vdev is set (conf_check). */
struct conf_port {
	const char *iface;       /* kernel interface */
	const char *pci;         /* PCI address of a NIC that DPDK owns */
	const char *const *pcap; /* capture files, one RX queue each */
	unsigned pcap_count;
	const char *vdev;        /* DPDK --vdev argument as it is */
	unsigned queues;         /* RX queues, at least 1; as many as files with pcap */
	enum conf_driver driver; /* of iface */
	const char *const
		*addresses; /* that weir answers for, on a device of its own (pci, vdev) */
	unsigned address_count;
	unsigned vlan;       /* of these; 0: untagged */
	const char *tap;     /* the kernel's interface that all else goes to; NULL: none */
	struct conf_mark at; /* of the entry; line 0: from a flag */
};

/* A run of text that stands in one piece in the file. */
struct conf_piece {
	size_t offset;       /* into the text, bytes */
	struct conf_mark at; /* of its first byte */
	bool straight; /* each character of the text is one of the file (no escapes, no folding) */
};

enum conf_boolean {
	CONF_FALSE,
	CONF_TRUE,
};

/* A text that is put together of a list's: where each of them stands. */
struct conf_pieces {
	const struct conf_piece *piece;
	unsigned count;
};

struct conf_flow {
	const char *name;   /* [A-Za-z0-9_.-]+, at most 64 bytes */
	const char *keys;   /* comma-separated, as written; a YAML list is joined with commas */
	const char *value;  /* as written */
	const char *values; /* more of them, as keys; NULL: none */
	const char *filter; /* as written; empty: none */
	const char *fs;     /* between the texts of a key */
	enum conf_boolean dropped;         /* counts discarded packets */
	enum conf_boolean log, flow_start; /* flow records */
	double active_timeout;             /* seconds */
	int merge;                         /* enum flow_merge */
	unsigned n;                        /* flows published */
	double t;                          /* smoothing time constant, seconds */
	unsigned capacity;                 /* keys per window and RX core; then `other` */
	struct conf_mark name_at, keys_at, value_at, fs_at; /* of the first byte of the text */
	struct conf_pieces keys_pieces, values_pieces; /* for conf_keys_at(), conf_values_at() */
	struct conf_piece value_piece, filter_piece;   /* for conf_value_at(), conf_filter_at() */
};

/* An agent whose own word is not taken. */
struct conf_agent {
	const char *address;    /* IPv4 or IPv6 */
	unsigned sampling_rate; /* one in N, instead of what its samples say */
	struct conf_mark address_at;
};

/* A threshold, as lib/window/threshold.h has it. */
struct conf_threshold {
	const char *name;
	const char *metric;
	double value, timeout;
	unsigned samples;
	enum conf_boolean by_flow;
	const char *filter; /* JSON, which app/weir reads; "": none */
	struct conf_mark name_at, metric_at, filter_at;
};

/* A value under a label. */
struct conf_labelled {
	const char *label, *value;
	struct conf_mark at; /* of the value */
};

/* A group or a map: values under labels, here or in a file. */
struct conf_lookup {
	const char *name;
	const char *file; /* that has a label and a value on each line; NULL: `values` */
	struct conf_labelled *values;
	unsigned count;
	struct conf_mark at, file_at;
};

/* What an RX core does while nothing comes. */
enum conf_idle {
	CONF_IDLE_SLEEP,
	CONF_IDLE_POLL,
};

/* What becomes of system calls that a thread has no use for. */
enum conf_seccomp {
	CONF_SECCOMP_ON,  /* refused, and told */
	CONF_SECCOMP_LOG, /* logged by the kernel */
	CONF_SECCOMP_OFF,
};

enum conf_hugepages {
	CONF_HUGEPAGES_AUTO, /* if enough are free */
	CONF_HUGEPAGES_ON,
	CONF_HUGEPAGES_OFF,
};

/* The order is that of enum ingress_checksum. */
enum conf_checksum {
	CONF_CHECKSUM_NIC,
	CONF_CHECKSUM_SOFTWARE,
	CONF_CHECKSUM_OFF,
};

enum conf_snmp {
	CONF_SNMP_OFF,
	CONF_SNMP_2C,
	CONF_SNMP_3,
};

/* Names of protocols, as net-snmp has them; NULL ends them. */
extern const char *const conf_snmp_auth[], *const conf_snmp_priv[];

struct conf_origin; /* schema_pvt.h */

struct conf {
	const char *file;      /* NULL: defaults and flags alone */
	const char *collector; /* ID in weir:collector:ID; default the host name */
	uint16_t udp_port;
	uint64_t window_ms;          /* 100 to 60000, divides a minute */
	enum conf_boolean ephemeral; /* nothing that is put at run time is kept */

	const char *user, *group; /* whom to become; "": stay, and the group of the user */
	enum conf_seccomp seccomp;
	struct conf_port *ports;
	unsigned port_count;
	struct {
		const unsigned *rx, *aggregate; /* CPUs; none: chosen at start */
		unsigned rx_count, aggregate_count;
		enum conf_idle idle;
	} cores;
	struct {
		enum conf_hugepages hugepages;
		unsigned mb; /* 0: computed from the rest */
	} memory;
	struct {
		enum conf_checksum checksum;
		unsigned fragments;   /* datagrams under reassembly at most, per RX core */
		unsigned fragment_ms; /* until an incomplete one is given up */
	} ingress;
	struct { /* networks and addresses; none: any */
		const char *const *agents, *const *sources, *const *relays;
		unsigned agent_count, source_count, relay_count;
		enum conf_boolean source_is_agent;
	} allow;
	struct {
		unsigned agent;    /* samples a second of an agent per RX core; 0: no limit */
		unsigned source;   /* datagrams a second of a source per RX core; 0: no limit */
		uint64_t burst_ms; /* of either, what comes in this time may come at once */
	} shed;
	enum conf_boolean correct; /* rates of flows, for samples known to be lost */
	struct {
		unsigned agents;          /* (agent, sub-agent) pairs per RX core */
		unsigned sources;         /* data sources per RX core */
		unsigned counters_mb;     /* counter samples kept per window and RX core */
		unsigned flows_mb;        /* tables of all definitions; 0: half of the memory */
		uint64_t expire_ms;       /* forget agents and data sources silent this long */
		unsigned events, records; /* kept for Redis and the API */
		unsigned recent;          /* of these, the newest that the API looks at */
		unsigned active;          /* events that have not ended */
	} limits;
	struct {
		unsigned silent; /* polling intervals until a data source is gone; 0: expire */
		unsigned agent_sources; /* data sources of one agent */
		unsigned custom;        /* custom metrics of one data source */
		unsigned names;         /* of custom metrics, in all */
		unsigned text;          /* bytes of a custom metric that is a text */
	} metrics;
	struct {
		const char *url; /* redis://, unix:// or unix:PATH; empty: do not publish */
		const char *prefix;
		const char *user;     /* empty: that of the URL */
		const char *password; /* a secret: base_secret_read(); empty: that of the URL */
		const char *tls_ca;   /* PEM file; empty: those of the system */
		const char *tls_cert, *tls_key; /* PEM files; empty: none */
		const char *tls_server_name;    /* empty: the host of the URL */
		enum conf_boolean tls_verify;
		unsigned events, records; /* entries of streams, about */
	} redis;
	struct {
		const char *listen;             /* ADDRESS:PORT; empty: no API */
		const char *token, *read_token; /* secrets: base_secret_read() */
		const char *tls_cert, *tls_key; /* PEM files */
		unsigned request_kb;            /* body of a request at most */
		unsigned connections;           /* at the same time */
		unsigned requests;              /* a second, of each client; 0: no limit */
		uint64_t timeout_ms;            /* for a client to send its request */
	} api;
	struct {
		const char *prefix; /* of names of metrics */
	} prometheus;
	const char *interfaces; /* conf_is_document(), or a path; empty: none */
	struct {
		enum conf_snmp version;
		const char *const *agents; /* networks and addresses */
		unsigned agent_count;
		const char *community; /* secrets: base_secret_read() */
		const char *user;
		int auth_protocol, priv_protocol; /* of conf_snmp_auth, conf_snmp_priv */
		const char *auth_password, *priv_password;
		uint16_t port;
		uint64_t timeout_ms, refresh_ms;
		unsigned retries;
		unsigned rate;       /* questions a second */
		unsigned interfaces; /* of an agent at most */
	} snmp;
	struct {
		const char *servers; /* with commas; "system"; empty: ask nobody */
		unsigned entries;
		uint64_t ttl_min_ms, ttl_max_ms, negative_ms, retry_ms, timeout_ms;
		unsigned tries, under_way, queue;
	} dns;
	struct {
		const char *country, *asn, *oui; /* databases; empty: where packages have them */
	} geo;
	struct {
		enum conf_boolean enabled;
		unsigned interfaces;            /* at most */
		unsigned keep_hours, keep_days; /* days that hours, and days, are kept */
		double threshold;               /* percent */
		struct conf_lookup *groups;     /* labels are metrics, values patterns */
		unsigned group_count;
	} capacity;
	struct conf_flow *flows;
	unsigned flow_count;
	struct conf_lookup *groups, *maps;
	unsigned group_count, map_count;
	const char *topology; /* conf_is_document(), or a path; empty: none */
	struct conf_agent *agents;
	unsigned agent_count;
	struct conf_threshold *thresholds;
	unsigned threshold_count;
	struct conf_origin *origins; /* of options outside lists: conf_error_of() */
	struct base_region region;
};

/* What went wrong, as one line for stderr: "FILE:LINE:COLUMN: text". */
struct conf_error {
	char text[512];
};

/**
 * Format an error at a mark of the configuration; used by later stages too (flow definitions).
 * @param file  or the flag it came from, or NULL: only the text
 * @param at    line 0: "FILE: text"
 * Control characters become '?', so that it stays one line.
 */
void conf_error_at(struct conf_error *e, const char *file, struct conf_mark at, const char *fmt,
	...) __attribute__((format(printf, 4, 5)));

/**
 * Format an error of an option outside lists: where it was given, if it was, and its path.
 * @param option  "redis.user"
 */
void conf_error_of(struct conf_error *e, const struct conf *c, const char *option, const char *fmt,
	...) __attribute__((format(printf, 4, 5)));

/** Where byte `offset` of `flow->keys` stands in the file, as near as is known. */
struct conf_mark conf_keys_at(const struct conf_flow *flow, size_t offset);

/** The same for `flow->value`, `flow->values` and `flow->filter`. */
struct conf_mark conf_value_at(const struct conf_flow *flow, size_t offset);
struct conf_mark conf_values_at(const struct conf_flow *flow, size_t offset);
struct conf_mark conf_filter_at(const struct conf_flow *flow, size_t offset);

/** Defaults alone; whatever `c` held is overwritten, not freed. Free with conf_free(). */
void conf_init(struct conf *c);

/**
 * Read a YAML file over the defaults that conf_init() set.
 * @return 0; -EINVAL with `e` (file, line, column, what would be right); -errno of the file with
 * `e`. After an error only conf_free() makes sense.
 */
int conf_load(struct conf *c, const char *file, struct conf_error *e);

/** The same from memory; `name` stands for the file in errors. */
int conf_parse(
	struct conf *c, const char *name, const char *text, size_t len, struct conf_error *e);

/**
 * Set one option from a flag, by the rules of its row.
 * @param flag    as the user wrote it ("--redis", "--set redis.user"), for errors; it is copied
 * @param option  "redis.url": a path of the schema outside its lists
 * @return 0, or -EINVAL with `e`
 */
int conf_set(struct conf *c, const char *flag, const char *option, const char *text,
	struct conf_error *e);

/**
 * Take secrets out of an argument of the command line, once it was copied: the password of a URL, and what
 * "OPTION=TEXT" or "--set=OPTION=TEXT" give to an option that is a secret.
 */
void conf_hide(char *argument);

/**
 * Add a port with default settings, from a flag. Set c->port_count = 0 first to leave out those of
 * the file. @return the port, valid until the next conf_add_port().
 */
struct conf_port *conf_add_port(struct conf *c);

/**
 * Set one option of a port from a flag.
 * @param option  "iface", "pci", "vdev", "queues", "driver"; "pcap" adds a file (and a queue)
 * @return 0, or -EINVAL with `e`
 */
int conf_set_port(struct conf *c, struct conf_port *port, const char *flag, const char *option,
	const char *text, struct conf_error *e);

/**
 * Checks across options, after flags are applied: ports, CPUs, names of flows. Fewer CPUs in
 * cores.rx than RX queues is an error; the first ones are used where there are more.
 * @return 0 or -EINVAL with `e`.
 */
int conf_check(const struct conf *c, struct conf_error *e);

/**
 * Whether `next`, which was checked, can be put in force where `now` is: only options that may change
 * while weir runs differ.
 * @return 0, or -EINVAL with `e`, which names those that may not
 */
int conf_check_fixed(const struct conf *now, const struct conf *next, struct conf_error *e);

/** Whether an option, with all below it, has the same values in both. */
bool conf_same(const struct conf *a, const struct conf *b, const char *path);

/** Write the settings as YAML that conf_load() reads back to the same. */
void conf_print(const struct conf *c, FILE *out);

/** Write the reference page (reStructuredText) from the rows. */
void conf_print_reference(FILE *out);

/** Whether an option that is a document or the path of one is the former, as JSON. */
bool conf_is_document(const char *text);

/**
 * Read a YAML document, at most 16 MB, and make JSON of it; scalars become texts.
 * @param json  out: from malloc
 * @return 0; -EINVAL with `e`; -errno of the file with `e`
 */
int conf_document_load(const char *file, char **json, struct conf_error *e);

/**
 * Parse a duration ("100ms", "1s", "2.5s", "1m", "1h"; a bare number is seconds) of whole
 * milliseconds. @return 0 or -EINVAL.
 */
int conf_parse_duration(const char *text, uint64_t *ms);

void conf_free(struct conf *c);
