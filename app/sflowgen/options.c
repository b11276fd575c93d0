/* SPDX-License-Identifier: BSD-3-Clause */
#include "options.h"

#include <errno.h>
#include <getopt.h>
#include <stdio.h>
#include <string.h>

#include "base/near.h"
#include "option_pvt.h"
#include "sink.h"

enum { ROW = 256, ROWS_MAX = 64 }; /* what getopt_long() returns for the first row */

/* Totals that most collectors are asked for. */
static const char *const usual_definitions[] = {
	"pairs=ipsource,ipdestination",
	"pairs6=ip6source,ip6destination",
	"tcp=ipsource,ipdestination,tcpsourceport,tcpdestinationport",
	"udp=ipsource,ipdestination,udpsourceport,udpdestinationport",
	"tcp6=ip6source,ip6destination,tcpsourceport,tcpdestinationport",
	"vxlan=vxlanvni,ipsource.1,ipdestination.1",
};

static const char *row_name(const void *ctx, size_t i)
{
	(void)ctx;
	return i < gen_option_row_count ? gen_option_rows[i].name : NULL;
}

static int fail(const char *option, const char *sentence)
{
	fprintf(stderr, "sflowgen: %s%s%s\n", option, *option ? ": " : "", sentence);
	return -EINVAL;
}

static int unknown_option(const char *word)
{
	char option[64], sentence[128];
	const char *near;

	snprintf(option, sizeof(option), "%.*s", (int)strcspn(word, "="), word);
	near = base_near(option + strspn(option, "-"), row_name, NULL);
	if (near)
		snprintf(sentence, sizeof(sentence), "no such option; did you mean --%s?", near);
	return fail(option, near ? sentence : "no such option; --help lists them");
}

static void list_options(struct option *list)
{
	for (unsigned i = 0; i < gen_option_row_count && i < ROWS_MAX; i++)
		list[i] = (struct option){
			.name = gen_option_rows[i].name,
			.has_arg = gen_option_rows[i].kind == OPTION_FLAG ? no_argument
									  : required_argument,
			.val = ROW + (int)i,
		};
}

static int read_option(struct gen_options *o, int code)
{
	const struct option_row *row = &gen_option_rows[code - ROW];
	char name[64], sentence[512];
	struct base_text error = base_text(sentence, sizeof(sentence));
	int rc = gen_option_read(o, row, optarg, &error);

	snprintf(name, sizeof(name), "--%s", row->name);
	return rc < 0 ? fail(name, sentence) : 0;
}

static int misuse(int code, int at, char **argv)
{
	char name[64];

	if (optopt < ROW)
		return unknown_option(argv[at]);
	snprintf(name, sizeof(name), "--%s", gen_option_rows[optopt - ROW].name);
	return fail(name, code == ':' ? "a value is missing" : "takes no value");
}

static int read_all(struct gen_options *o, int argc, char **argv)
{
	struct option list[ROWS_MAX + 1] = {0};
	int code, rc = 0;

	list_options(list);
	opterr = 0;
	optind = 0;
	while (rc == 0 && (code = getopt_long(argc, argv, ":h", list, NULL)) >= 0) {
		if (code == 'h')
			o->help = true;
		else if (code >= ROW)
			rc = read_option(o, code);
		else
			rc = misuse(code, optind - 1, argv);
	}
	if (rc == 0 && optind < argc)
		rc = fail(argv[optind], "only options are understood; --help lists them");
	return rc;
}

static void set_definitions(struct gen_options *o)
{
	const unsigned n = sizeof(usual_definitions) / sizeof(usual_definitions[0]);
	char sentence[64];
	struct base_text error = base_text(sentence, sizeof(sentence));

	for (unsigned i = 0; o->definition_count < n && i < n; i++)
		gen_definition_parse(
			usual_definitions[i], &o->definitions[o->definition_count++], &error);
}

/* Frames come from the addresses that agents have by default, in the family of the destination. */
static int set_addresses(struct gen_options *o)
{
	static const uint8_t ipv4[4] = {172, 16, 0, 1};
	static const uint8_t ipv6[16] = {0x20, 0x01, 0x0D, 0xB8, 0xFF, 0xFF, [15] = 1};
	struct gen_frame_settings *f = &o->frame;

	if (f->src_ip.family == 0)
		f->src_ip =
			f->dst_ip.family == 6 ? base_addr_from(ipv6, 16) : base_addr_from(ipv4, 4);
	if (f->src_ip.family != f->dst_ip.family)
		return fail("--src-ip", "must be of the same family as --dst-ip");
	if (o->fragment && o->fragment < (f->dst_ip.family == 6 ? 1280 : 68))
		return fail("--fragment", "an MTU is at least 68 bytes of IPv4 or 1280 of IPv6");
	f->port = (uint16_t)o->port;
	f->mtu = (uint16_t)o->fragment;
	return 0;
}

static int set_rate(struct gen_options *o)
{
	if (o->datagram_rate > 0)
		o->model.rate = o->datagram_rate * (double)o->model.samples_per_datagram;
	if (o->out && o->model.rate <= 0 && !o->model.counters_only)
		return fail("--rate", "a capture needs a rate, which its time stamps follow");
	if (o->out && !o->datagrams && o->seconds <= 0)
		o->datagrams = 10000;
	return 0;
}

static int check(struct gen_options *o)
{
	const char *sentence = gen_settings_check(&o->model);
	int rc;

	if (sentence)
		return fail("", sentence);
	if (!!o->out + !!o->iface + !!o->udp != 1)
		return fail("", "say where to: one of --out FILE, --iface NAME, --udp HOST:PORT");
	if (o->out && strcmp(o->out, "-") == 0 && (!o->truth || strcmp(o->truth, "-") == 0))
		return fail(
			"--truth", "needs a FILE of its own, since --out takes standard output");
	if (o->udp && !gen_udp_target(o->udp))
		return fail("--udp", "takes HOST:PORT or [IPV6]:PORT, with a port from 1 to 65535");
	rc = set_addresses(o);
	return rc ? rc : set_rate(o);
}

int gen_options_parse(struct gen_options *o, int argc, char **argv)
{
	int rc;

	gen_options_init(o);
	rc = read_all(o, argc, argv);
	if (rc < 0 || o->help || o->version)
		return rc;
	if (o->definition_count == 0)
		set_definitions(o);
	return check(o);
}
