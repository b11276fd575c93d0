/* SPDX-License-Identifier: BSD-3-Clause */
#include "options.h"

#include <errno.h>
#include <getopt.h>
#include <stdlib.h>
#include <string.h>

#include "access.h"
#include "base/log.h"
#include "base/near.h"
#include "cores.h"
#include "interfaces.h"
#include "logs.h"
#include "lookups.h"
#include "planner.h"
#include "serve.h"
#include "thresholds.h"
#include "weir_config.h"

static const char usage[] =
	"Usage: weir [-c FILE] [PORT]... [OPTION]...\n"
	"sFlow v5 collector and flow analytics: sFlow in by DPDK, top flows out in Redis.\n"
	"\n"
	"  -c, --config FILE     settings (YAML); flags override it\n"
	"      --check           check settings and definitions, and exit\n"
	"      --clean           remove what a killed weir left at its interfaces, and exit\n"
	"      --print-config    print the settings in force, and exit\n"
	"\n"
	"Ports, in place of those of the file; each may be given more than once:\n"
	"      --iface NAME      kernel interface (AF_XDP, else AF_PACKET)\n"
	"      --pci ADDRESS     NIC that DPDK owns\n"
	"      --pcap FILE       capture file (pcap, pcapng)\n"
	"      --vdev ARGUMENT   any DPDK virtual device\n"
	"      --queues N        RX queues of the port before it\n"
	"      --driver NAME     auto, af_xdp or af_packet, for the interface before it\n"
	"\n"
	"With --pcap:\n"
	"      --once            read the file once, publish, print a summary; the default\n"
	"      --loop            replay it from memory as fast as it is taken\n"
	"      --duration S      end after S seconds\n"
	"\n"
	"      --redis URL       redis://[USER:PASSWORD@]HOST:PORT/DB, rediss:// for TLS,\n"
	"                        or unix:PATH; '' publishes nothing\n"
	"      --api ADDR:PORT   where the HTTP API listens (127.0.0.1:8008)\n"
	"      --no-api          no HTTP API\n"
	"      --window TIME     window length, such as 100ms or 1s\n"
	"      --set OPTION=TEXT any option of the file outside its lists, such as "
	"limits.agents=1000\n"
	"      --ephemeral       neither keep nor take up what is put at run time\n"
	"      --summary         print the summary at the end of a live run, too\n"
	"      --log LEVEL       error, warning, notice or debug; or TYPE=LEVEL\n"
	"      --log-format NAME auto (the journal where stderr is it, else text), text, json, "
	"journal\n"
	"      --version, --help\n"
	"\n"
	"Exit: 0 done, 1 failure while running, 2 wrong usage or settings.\n";

enum flag {
	FLAG_API = 256,
	FLAG_CHECK,
	FLAG_CLEAN,
	FLAG_DRIVER,
	FLAG_DURATION,
	FLAG_EPHEMERAL,
	FLAG_HELP,
	FLAG_IFACE,
	FLAG_LOG,
	FLAG_LOG_FORMAT,
	FLAG_LOOP,
	FLAG_NO_API,
	FLAG_ONCE,
	FLAG_PCAP,
	FLAG_PCI,
	FLAG_PRINT_API,
	FLAG_PRINT_CONFIG,
	FLAG_PRINT_KEYS,
	FLAG_PRINT_METRICS,
	FLAG_PRINT_REFERENCE,
	FLAG_QUEUES,
	FLAG_REDIS,
	FLAG_SET,
	FLAG_SUMMARY,
	FLAG_VDEV,
	FLAG_VERSION,
	FLAG_WINDOW,
};

static const struct option flags[] = {
	{"api", required_argument, NULL, FLAG_API},
	{"check", no_argument, NULL, FLAG_CHECK},
	{"clean", no_argument, NULL, FLAG_CLEAN},
	{"config", required_argument, NULL, 'c'},
	{"driver", required_argument, NULL, FLAG_DRIVER},
	{"duration", required_argument, NULL, FLAG_DURATION},
	{"ephemeral", no_argument, NULL, FLAG_EPHEMERAL},
	{"help", no_argument, NULL, FLAG_HELP},
	{"iface", required_argument, NULL, FLAG_IFACE},
	{"log", required_argument, NULL, FLAG_LOG},
	{"log-format", required_argument, NULL, FLAG_LOG_FORMAT},
	{"loop", no_argument, NULL, FLAG_LOOP},
	{"no-api", no_argument, NULL, FLAG_NO_API},
	{"once", no_argument, NULL, FLAG_ONCE},
	{"pcap", required_argument, NULL, FLAG_PCAP},
	{"pci", required_argument, NULL, FLAG_PCI},
	{"print-api", no_argument, NULL, FLAG_PRINT_API},
	{"print-config", no_argument, NULL, FLAG_PRINT_CONFIG},
	{"print-keys", no_argument, NULL, FLAG_PRINT_KEYS},
	{"print-metrics", no_argument, NULL, FLAG_PRINT_METRICS},
	{"print-reference", no_argument, NULL, FLAG_PRINT_REFERENCE},
	{"queues", required_argument, NULL, FLAG_QUEUES},
	{"redis", required_argument, NULL, FLAG_REDIS},
	{"set", required_argument, NULL, FLAG_SET},
	{"summary", no_argument, NULL, FLAG_SUMMARY},
	{"vdev", required_argument, NULL, FLAG_VDEV},
	{"version", no_argument, NULL, FLAG_VERSION},
	{"window", required_argument, NULL, FLAG_WINDOW},
	{NULL, 0, NULL, 0},
};

/* The command line while it is read. */
struct reading {
	struct options *o;
	struct conf_port *port; /* the newest of the flags, NULL: none yet */
	bool ports_cleared;
	struct conf_error e;
};

static const char *flag_name(const void *unused, size_t i)
{
	return i < sizeof(flags) / sizeof(flags[0]) - 1 ? flags[i].name : NULL;
}

static int refuse(struct conf_error *e, const char *text)
{
	snprintf(e->text, sizeof(e->text), "%s", text);
	return -EINVAL;
}

static int unknown(struct conf_error *e, const char *arg)
{
	const char *near = strncmp(arg, "--", 2) == 0 ? base_near(arg + 2, flag_name, NULL) : NULL;
	int len = (int)strcspn(arg, "="); /* what is behind may be a secret */

	if (near)
		snprintf(e->text, sizeof(e->text), "unknown option %.*s; did you mean --%s?", len,
			arg, near);
	else
		snprintf(e->text, sizeof(e->text), "unknown option %.*s; weir --help lists them",
			len, arg);
	return -EINVAL;
}

/* A port flag: the first one takes the place of the file's ports. All captures make one port. */
static int port_flag(struct reading *r, const char *kind, const char *flag, const char *text)
{
	struct conf *c = &r->o->conf;
	bool again = r->port && r->port->pcap && strcmp(kind, "pcap") == 0;

	if (!r->ports_cleared)
		c->port_count = 0;
	r->ports_cleared = true;
	if (!again)
		r->port = conf_add_port(c);
	return conf_set_port(c, r->port, flag, kind, text, &r->e);
}

static int port_setting(struct reading *r, const char *option, const char *flag, const char *text)
{
	if (!r->port) {
		snprintf(r->e.text, sizeof(r->e.text), "%s goes behind the port it is for", flag);
		return -EINVAL;
	}
	return conf_set_port(&r->o->conf, r->port, flag, option, text, &r->e);
}

static int set_flag(struct reading *r, const char *text)
{
	const char *equals = strchr(text, '=');
	char flag[80] = "--set ", *option = flag + strlen(flag);

	if (!equals || equals - text >= flag + sizeof(flag) - option) {
		snprintf(r->e.text, sizeof(r->e.text),
			"--set takes OPTION=TEXT, such as limits.agents=1000");
		return -EINVAL;
	}
	memcpy(option, text, (size_t)(equals - text));
	option[equals - text] = '\0';
	return conf_set(&r->o->conf, flag, option, equals + 1, &r->e);
}

static int log_flag(struct reading *r, const char *text)
{
	struct base_text t = base_text(r->e.text, sizeof(r->e.text));
	const char *equals = strchr(text, '=');
	enum base_log_level level;
	char type[32] = "";

	if (equals)
		snprintf(type, sizeof(type), "%.*s", (int)(equals - text), text);
	if (base_log_parse_level(equals ? equals + 1 : text, &level) < 0 ||
		base_log_set_level(equals ? type : NULL, level) < 0) {
		base_text_printf(&t,
			"--log %.64s: takes error, warning, notice or debug, or TYPE=LEVEL, with "
			"one of ",
			text);
		logs_print_types(&t);
		return -EINVAL;
	}
	return 0;
}

static int log_format_flag(struct reading *r, const char *text)
{
	if (logs_use(text) == 0)
		return 0;
	snprintf(r->e.text, sizeof(r->e.text), "--log-format %s: takes auto, text, json or journal",
		text);
	return -EINVAL;
}

static int duration_flag(struct reading *r, const char *text)
{
	uint64_t ms;

	if (conf_parse_duration(text, &ms) < 0 || ms == 0) {
		snprintf(r->e.text, sizeof(r->e.text), "--duration %s: takes a time, such as 10s",
			text);
		return -EINVAL;
	}
	r->o->duration = (double)ms / 1000;
	return 0;
}

static int replay_flag(struct reading *r, enum ports_replay replay)
{
	if (r->o->replay_said && r->o->replay != replay) {
		snprintf(r->e.text, sizeof(r->e.text), "--once and --loop exclude each other");
		return -EINVAL;
	}
	r->o->replay = replay;
	r->o->replay_said = true;
	return 0;
}

static int take_flag(struct reading *r, int flag, const char *text)
{
	struct options *o = r->o;

	switch (flag) {
	case 'c':
		return 0; /* read before all others */
	case FLAG_CHECK:
		o->task = OPTIONS_CHECK;
		return 0;
	case FLAG_CLEAN:
		o->task = OPTIONS_CLEAN;
		return 0;
	case FLAG_PRINT_API:
		o->task = OPTIONS_PRINT_API;
		return 0;
	case FLAG_PRINT_CONFIG:
		o->task = OPTIONS_PRINT_CONFIG;
		return 0;
	case FLAG_PRINT_REFERENCE:
		o->task = OPTIONS_PRINT_REFERENCE;
		return 0;
	case FLAG_PRINT_KEYS:
		o->task = OPTIONS_PRINT_KEYS;
		return 0;
	case FLAG_PRINT_METRICS:
		o->task = OPTIONS_PRINT_METRICS;
		return 0;
	case FLAG_IFACE:
		return port_flag(r, "iface", "--iface", text);
	case FLAG_PCI:
		return port_flag(r, "pci", "--pci", text);
	case FLAG_PCAP:
		return port_flag(r, "pcap", "--pcap", text);
	case FLAG_VDEV:
		return port_flag(r, "vdev", "--vdev", text);
	case FLAG_QUEUES:
		return port_setting(r, "queues", "--queues", text);
	case FLAG_DRIVER:
		return port_setting(r, "driver", "--driver", text);
	case FLAG_ONCE:
	case FLAG_LOOP:
		return replay_flag(r, flag == FLAG_ONCE ? PORTS_ONCE : PORTS_LOOP);
	case FLAG_DURATION:
		return duration_flag(r, text);
	case FLAG_REDIS:
		return conf_set(&o->conf, "--redis", "redis.url", text, &r->e);
	case FLAG_API:
		return conf_set(&o->conf, "--api", "api.listen", text, &r->e);
	case FLAG_NO_API:
		return conf_set(&o->conf, "--no-api", "api.listen", "", &r->e);
	case FLAG_WINDOW:
		return conf_set(&o->conf, "--window", "window", text, &r->e);
	case FLAG_SET:
		return set_flag(r, text);
	case FLAG_EPHEMERAL:
		return conf_set(&o->conf, "--ephemeral", "ephemeral", "true", &r->e);
	case FLAG_SUMMARY:
		o->summary = true;
		return 0;
	case FLAG_LOG:
		return log_flag(r, text);
	case FLAG_LOG_FORMAT:
		return log_format_flag(r, text);
	default:
		return -EINVAL;
	}
}

/* First pass: --help, --version and the file, so that flags in any place override it. */
static int first_pass(struct reading *r, int argc, char **argv)
{
	const char *file = NULL;
	int flag;

	opterr = 0;
	optind = 1;
	while ((flag = getopt_long(argc, argv, ":c:", flags, NULL)) != -1) {
		if (flag == '?')
			return unknown(&r->e, argv[optind - 1]);
		if (flag == ':') {
			snprintf(
				r->e.text, sizeof(r->e.text), "%s needs a value", argv[optind - 1]);
			return -EINVAL;
		}
		if (flag == FLAG_HELP || flag == FLAG_VERSION) {
			fputs(flag == FLAG_HELP ? usage : "weir " WEIR_VERSION "\n", stdout);
			r->o->task = OPTIONS_DONE;
			return 0;
		}
		if (flag == 'c')
			file = optarg;
	}
	if (optind < argc) {
		conf_hide(argv[optind]);
		snprintf(r->e.text, sizeof(r->e.text),
			"%s: not expected here; weir --help shows the usage", argv[optind]);
		return -EINVAL;
	}
	return file ? conf_load(&r->o->conf, file, &r->e) : 0;
}

static int second_pass(struct reading *r, int argc, char **argv)
{
	int flag;

	optind = 1;
	while ((flag = getopt_long(argc, argv, ":c:", flags, NULL)) != -1) {
		if (take_flag(r, flag, optarg) < 0)
			return -EINVAL;
	}
	return 0;
}

static bool replays(const struct conf *c)
{
	for (unsigned i = 0; i < c->port_count; i++) {
		if (!c->ports[i].pcap)
			return false;
	}
	return c->port_count > 0;
}

static int check_api(const struct conf *c, struct conf_error *e)
{
	const struct api_options api = serve_options(c);
	const char *option;
	char sentence[256];

	if (c->api.listen[0] == '\0' || api_check(&api, &option, sentence, sizeof(sentence)) == 0)
		return 0;
	conf_error_of(e, c, option, "%s", sentence);
	return -EINVAL;
}

/* What flags and file say together. */
static int check_together(struct options *o, struct conf_error *e)
{
	o->live = !replays(&o->conf);
	if (o->replay_said && o->live)
		return refuse(e, "--once and --loop are for --pcap alone");
	if (o->duration > 0 && !o->live && o->replay == PORTS_ONCE)
		return refuse(e,
			"--duration goes with --loop; a capture that is read once ends by itself");
	if (access_check(&o->conf, o->task == OPTIONS_RUN || o->task == OPTIONS_CHECK, e) < 0 ||
		check_api(&o->conf, e) < 0)
		return -EINVAL;
	if (o->task == OPTIONS_RUN && o->conf.port_count == 0)
		return refuse(e, "there is no port to listen on: give --iface NAME, --pci ADDRESS "
				 "or --pcap FILE, or "
				 "a ports: section in the file");
	return 0;
}

char **options_take_arguments(int argc, char **argv)
{
	size_t bytes = ((size_t)argc + 1) * sizeof(char *);
	char **copy, *text;

	for (int i = 0; i < argc; i++)
		bytes += strlen(argv[i]) + 1;
	copy = calloc(1, bytes);
	if (!copy)
		abort();
	text = (char *)&copy[argc + 1];
	for (int i = 0; i < argc; i++) {
		copy[i] = text;
		text = stpcpy(text, argv[i]) + 1;
		conf_hide(argv[i]);
	}
	return copy;
}

int options_read(struct options *o, int argc, char **argv, struct conf_error *e)
{
	struct reading r = {.o = o};
	int err;

	*o = (struct options){
		.task = OPTIONS_RUN, .replay = PORTS_ONCE, .argc = argc, .argv = argv};
	conf_init(&o->conf);
	err = first_pass(&r, argc, argv);
	if (err == 0 && o->task != OPTIONS_DONE)
		err = second_pass(&r, argc, argv);
	if (err == 0 && o->task != OPTIONS_DONE)
		err = conf_check(&o->conf, &r.e);
	if (err == 0 && o->task != OPTIONS_DONE)
		err = check_together(o, &r.e);
	*e = r.e;
	return err < 0 ? -EINVAL : 0;
}

struct flow_plan *options_check(struct options *o, struct conf_error *e)
{
	struct flow_plan *plan = options_plan(&o->conf, NULL, e);

	if (plan && thresholds_check(&o->conf, e) == 0 && interfaces_check(&o->conf, e) == 0 &&
		planner_check(&o->conf, e) == 0) {
		o->data = flow_data_ref(plan->data);
		return plan;
	}
	flow_plan_free(plan);
	return NULL;
}

static int check_api_files(const struct conf *c, struct conf_error *e)
{
	const struct api_options api = serve_options(c);
	const char *option;
	char sentence[256];

	if (c->api.listen[0] == '\0' ||
		api_check_files(&api, &option, sentence, sizeof(sentence)) == 0)
		return 0;
	conf_error_of(e, c, option, "%s", sentence);
	return -EINVAL;
}

int options_check_start(const struct options *o, struct conf_error *e)
{
	const struct conf *c = &o->conf;
	struct cores_machine m;

	cores_machine(&m, "/sys");
	if (cores_check(c, &m, e) < 0 || access_check(c, true, e) < 0 || check_api_files(c, e) < 0)
		return -EINVAL;
	return interfaces_check_snmp(c, e);
}

void options_free(struct options *o)
{
	flow_data_unref(o->data);
	conf_free(&o->conf);
}

static struct conf_mark error_at(const struct conf *c, const struct flow_error *fe)
{
	const struct conf_flow *f = &c->flows[fe->definition < c->flow_count ? fe->definition : 0];

	switch (fe->in) {
	case FLOW_ERROR_KEYS:
		return conf_keys_at(f, fe->offset);
	case FLOW_ERROR_VALUE:
		return conf_value_at(f, fe->offset);
	case FLOW_ERROR_VALUES:
		return conf_values_at(f, fe->offset);
	case FLOW_ERROR_FILTER:
		return conf_filter_at(f, fe->offset);
	case FLOW_ERROR_FS:
		return f->fs_at;
	default:
		return f->name_at;
	}
}

struct flow_spec options_spec(const struct conf_flow *f)
{
	return (struct flow_spec){.name = f->name,
		.keys = f->keys,
		.value = f->value,
		.values = f->values,
		.filter = f->filter,
		.fs = f->fs,
		.n = f->n,
		.t = f->t,
		.capacity = f->capacity,
		.dropped = f->dropped == CONF_TRUE,
		.log = f->log == CONF_TRUE,
		.flow_start = f->flow_start == CONF_TRUE,
		.active_timeout = f->active_timeout,
		.merge = (unsigned)f->merge};
}

struct flow_plan *options_plan(const struct conf *c, struct flow_data *known, struct conf_error *e)
{
	struct flow_spec *specs = calloc(c->flow_count + 1, sizeof(*specs));
	struct flow_data *data = known ? flow_data_ref(known) : lookups_open(c, e);
	struct flow_error fe;
	struct flow_plan *plan = NULL;

	if (!specs)
		abort();
	for (unsigned i = 0; i < c->flow_count; i++)
		specs[i] = options_spec(&c->flows[i]);
	if (data)
		plan = flow_compile(specs, c->flow_count, data, &fe);
	if (data && !plan)
		conf_error_at(e, c->file, error_at(c, &fe), "%s", fe.text);
	flow_data_unref(data);
	free(specs);
	return plan;
}
