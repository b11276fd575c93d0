/* SPDX-License-Identifier: BSD-3-Clause */
#include <string.h>

#include "conf/schema_pvt.h"
#include "conf/syntax_pvt.h"

#define MEMBER(type, m) .offset = offsetof(type, m), .size = sizeof(((type *)0)->m)
#define IN_CONF(m) MEMBER(struct conf, m)
#define IN_PORT(m) MEMBER(struct conf_port, m)
#define IN_FLOW(m) MEMBER(struct conf_flow, m)
#define IN_AGENT(m) MEMBER(struct conf_agent, m)
#define IN_THRESHOLD(m) MEMBER(struct conf_threshold, m)

/* Entries of lists, so that checks of each against all stay cheap. */
enum {
	PORTS_MOST = 32,
	CPUS_MOST = 128,
	CPU_MAX = 1023,
	FILES_MOST = 128,
	ADDRESSES_MOST = 16, /* ANSWER_ADDRESSES */
	FLOWS_MOST = 256,
	AGGREGATE_MOST = 16 /* SIGHTINGS_RANGES: more would have nothing to do */
};
enum { AGENTS_MOST = 1024, THRESHOLDS_MOST = 1024, LOOKUPS_MOST = 256 };
enum { CONF_VALUES_MOST = 7, ALLOW_MOST = 4096 };

static const char *const drivers[] = {"auto", "af_xdp", "af_packet", NULL};
static const char *const idles[] = {"sleep", "poll", NULL};
static const char *const hugepages[] = {"auto", "on", "off", NULL};
static const char *const checksums[] = {"nic", "software", "off", NULL};

static const char *const seccomp[] = {"on", "log", "off", NULL}; /* enum conf_seccomp */
static const char *const booleans[] = {"false", "true", NULL};
static const char *const snmp_versions[] = {"off", "2c", "3", NULL}; /* enum conf_snmp */
const char *const conf_snmp_auth[] = {
	"none", "MD5", "SHA", "SHA-224", "SHA-256", "SHA-384", "SHA-512", NULL};
const char *const conf_snmp_priv[] = {"none", "DES", "AES", "AES-192", "AES-256", NULL};
static const char *const merge_modes[] = {
	"max", "sum", "edge", "core", "AGENT", NULL}; /* enum flow_merge */

static const char name_form[] = "1 to 64 letters, digits, _ . or -";

/* The files of a pcap port are its queues. A wrong number of them is left for conf_check(). */
static void finish_port(void *entry)
{
	struct conf_port *port = entry;

	if (port->pcap_count && port->queues == 1)
		port->queues = port->pcap_count;
}

/* clang-format off */
const struct conf_row conf_rows[] = {
	{.path = "udp_port", .type = CONF_UINT, .preset = "6343", .min = 1, .max = 65535,
	 IN_CONF(udp_port),
	 .help = "UDP port that agents send sFlow datagrams to"},
	{.path = "window", .type = CONF_DURATION, .preset = "1s", .min = 100, .max = 60000,
	 IN_CONF(window_ms),
	 .form = "that divides a minute (100ms, 200ms, 250ms, 500ms, 1s, 2s, 5s, 10s ...)",
	 .valid = conf_is_window,
	 .help = "Length of a window: how often flows and counters are published. Windows end on "
	  "wall-clock multiples of it, so that those of several collectors line up"},
	{.path = "collector", .type = CONF_TEXT, .absent = "the host name", .min = 1, .max = 64,
	 IN_CONF(collector),
	 .form = name_form, .valid = conf_is_name,
	 .help = "Name of this collector in what it publishes about itself"},

	{.path = "ephemeral", .type = CONF_CHOICE, .preset = "false", .choices = booleans,
	 IN_CONF(ephemeral),
	 .help = "Whether what is put at run time is forgotten at the end: it is neither kept in Redis "
	  "nor read from there"},

	{.path = "user", .type = CONF_TEXT, .preset = "", .max = 32, IN_CONF(user),
	 .form = "the name of a user of this machine, or \"\" to stay who started it",
	 .help = "Whom weir becomes when root starts it, before it opens anything but this file"},
	{.path = "group", .type = CONF_TEXT, .preset = "", .max = 32, IN_CONF(group),
	 .form = "the name of a group of this machine, or \"\" for that of the user",
	 .help = "The group that goes with the user"},
	{.path = "seccomp", .type = CONF_CHOICE, .preset = "on", .choices = seccomp, IN_CONF(seccomp),
	 .help = "System calls that a thread has no use for: on refuses them and says so, log lets the "
	  "kernel log them (dmesg) and lets them be, off does not look"},

	{.path = "ports", .type = CONF_LIST, .absent = "no port", .most = PORTS_MOST,
	 IN_CONF(ports), .count = offsetof(struct conf, port_count),
	 .entry = sizeof(struct conf_port), .mark = offsetof(struct conf_port, at),
	 .finish = finish_port,
	 .help = "Where datagrams come from. Each entry has one of iface, pci, pcap and vdev. "
	  "Ports that flags name replace all of these"},
	{.path = "ports.iface", .type = CONF_TEXT, .absent = "not set", .min = 1, .max = 15,
	 IN_PORT(iface),
	 .form = "the name of a network interface, at most 15 bytes",
	 .valid = conf_is_iface,
	 .help = "Interface of the kernel, by AF_XDP or AF_PACKET. What is not sFlow still "
	  "reaches the kernel"},
	{.path = "ports.pci", .type = CONF_TEXT, .absent = "not set", .min = 1, .max = 16,
	 IN_PORT(pci),
	 .form = "a PCI address like 0000:03:00.0",
	 .valid = conf_is_pci,
	 .help = "PCI address of a NIC that is bound to a DPDK driver"},
	{.path = "ports.pcap", .type = CONF_TEXTS, .absent = "not set", .min = 1, .max = 1024,
	 .most = FILES_MOST, IN_PORT(pcap), .count = offsetof(struct conf_port, pcap_count),
	 .form = "the path of a capture file",
	 .help = "Capture files to be read instead of a network, one RX queue each"},
	{.path = "ports.vdev", .type = CONF_TEXT, .absent = "not set", .min = 1, .max = 1024,
	 IN_PORT(vdev),
	 .form = "a DPDK device like net_ring0,opt=1",
	 .valid = conf_is_vdev,
	 .help = "Any other device of DPDK, as its --vdev option takes it"},
	{.path = "ports.queues", .type = CONF_UINT, .preset = "1", .min = 1, .max = CPUS_MOST,
	 IN_PORT(queues), .unit = "RX queues",
	 .help = "RX queues of the port, each polled by an RX core of its own. A pcap port has "
	  "one for each file"},
	{.path = "ports.driver", .type = CONF_CHOICE, .preset = "auto", .choices = drivers,
	 IN_PORT(driver),
	 .help = "How an iface port is read; auto is AF_XDP, or AF_PACKET where that is not to be "
	  "had"},

	{.path = "ports.addresses", .type = CONF_TEXTS, .absent = "none", .min = 2, .max = 45,
	 .most = ADDRESSES_MOST, IN_PORT(addresses), .count = offsetof(struct conf_port, address_count),
	 .form = "an IPv4 or IPv6 address", .valid = conf_is_address,
	 .help = "Addresses of weir itself on a pci or vdev port, that agents send to: it answers ARP, "
	  "neighbour solicitations and echo for them, and says at the start and after each link-up that it "
	  "has them"},
	{.path = "ports.vlan", .type = CONF_UINT, .preset = "0", .max = 4094, IN_PORT(vlan),
	 .help = "The VLAN in which weir has these addresses; 0 is without a tag"},
	{.path = "ports.tap", .type = CONF_TEXT, .absent = "not set", .min = 1, .max = 15,
	 IN_PORT(tap),
	 .form = "the name of a network interface, at most 15 bytes",
	 .valid = conf_is_iface,
	 .help = "A TAP interface that weir makes: what comes in at a pci or vdev port and is neither sFlow "
	  "nor answered by weir goes to the kernel there, and what the kernel sends there goes out"},

	{.path = "cores", .type = CONF_MAP,
	 .help = "CPUs of the threads that poll"},
	{.path = "cores.rx", .type = CONF_UINTS, .absent = "chosen at start", .max = CPU_MAX,
	 .most = CPUS_MOST, IN_CONF(cores.rx), .count = offsetof(struct conf, cores.rx_count),
	 .unit = "CPU numbers",
	 .help = "CPUs of the RX cores, one for each RX queue in the order of the ports; they "
	  "should share a NUMA node with the NIC"},
	{.path = "cores.aggregate", .type = CONF_UINTS, .absent = "chosen at start", .max = CPU_MAX,
	 .most = AGGREGATE_MOST, IN_CONF(cores.aggregate),
	 .count = offsetof(struct conf, cores.aggregate_count), .unit = "CPU numbers",
	 .help = "CPUs that merge the windows, one for each aggregation core; none of them can be an RX "
	  "core. What one merges is in docs/performance.rst"},

	{.path = "cores.idle", .type = CONF_CHOICE, .preset = "sleep", .choices = idles,
	 IN_CONF(cores.idle),
	 .help = "What an RX core does while nothing comes: sleep, for 100 microseconds at most each time "
	  "(where CPU and NIC can, until the next frame), or poll all the time. One that has work never "
	  "sleeps"},

	{.path = "memory", .type = CONF_MAP,
	 .help = "Memory of ports and tables"},
	{.path = "memory.hugepages", .type = CONF_CHOICE, .preset = "auto", .choices = hugepages,
	 IN_CONF(memory.hugepages),
	 .help = "Whether to use hugepages; auto does if enough are free. Tables are several "
	  "times faster on them"},
	{.path = "memory.mb", .type = CONF_UINT, .preset = "0", .max = 4194304, IN_CONF(memory.mb),
	 .unit = "MB",
	 .help = "Memory to take; 0 computes it from ports, flows and limits"},

	{.path = "ingress", .type = CONF_MAP,
	 .help = "From the frame to the UDP datagram"},
	{.path = "ingress.checksum", .type = CONF_CHOICE, .preset = "nic", .choices = checksums,
	 IN_CONF(ingress.checksum),
	 .help = "Which IP and UDP checksums are believed: nic drops what the device marked bad, "
	  "software computes them, off ignores them"},
	{.path = "ingress.fragments", .type = CONF_UINT, .preset = "256", .min = 1, .max = 65536,
	 IN_CONF(ingress.fragments), .unit = "datagrams",
	 .help = "IP datagrams under reassembly at the same time, for each RX core"},
	{.path = "ingress.fragment_timeout", .type = CONF_DURATION, .preset = "1s", .min = 10,
	 .max = 60000, IN_CONF(ingress.fragment_ms),
	 .help = "How long the fragments of an incomplete datagram are kept"},

	{.path = "shed", .type = CONF_MAP,
	 .help = "What one agent or one source may send at most, so that it cannot starve the others; "
	  "what is more is dropped and counted. Live ports alone"},
	{.path = "shed.agent", .type = CONF_UINT, .preset = "0", .max = 100000000,
	 IN_CONF(shed.agent), .unit = "samples a second",
	 .help = "Of one pair of agent and sub-agent, for each RX core; a datagram without samples counts as "
	  "one. 0: no limit"},
	{.path = "shed.source", .type = CONF_UINT, .preset = "0", .max = 100000000,
	 IN_CONF(shed.source), .unit = "datagrams a second",
	 .help = "From one IP source address, whatever agents they name, for each RX core. 0: no limit"},
	{.path = "shed.burst", .type = CONF_DURATION, .preset = "1s", .min = 1, .max = 60000,
	 IN_CONF(shed.burst_ms),
	 .help = "As many of either as may come in this time may come at once"},

	{.path = "correct", .type = CONF_CHOICE, .preset = "true", .choices = booleans,
	 IN_CONF(correct),
	 .help = "Whether rates of flows are raised for samples that are known to be lost, by sequence "
	  "numbers and sample pools of their data source; sums of a window stay those of what came"},

	{.path = "allow", .type = CONF_MAP,
	 .help = "Who may send. What anybody else sends is dropped and counted, before it takes any room "
	  "(docs/operations.rst)"},
	{.path = "allow.agents", .type = CONF_TEXTS, .live = true, .absent = "all", .min = 2, .max = 49, .most = ALLOW_MOST,
	 IN_CONF(allow.agents), .count = offsetof(struct conf, allow.agent_count),
	 .form = "a network like 10.0.0.0/8 or 2001:db8::/32, or an address", .valid = conf_is_network,
	 .help = "Agents that count, by the address in their datagrams"},
	{.path = "allow.sources", .type = CONF_TEXTS, .live = true, .absent = "all", .min = 2, .max = 49, .most = ALLOW_MOST,
	 IN_CONF(allow.sources), .count = offsetof(struct conf, allow.source_count),
	 .form = "a network like 10.0.0.0/8 or 2001:db8::/32, or an address", .valid = conf_is_network,
	 .help = "Where datagrams may come from: UDP source addresses, beside those of allow.relays"},
	{.path = "allow.relays", .type = CONF_TEXTS, .live = true, .absent = "none", .min = 2, .max = 49, .most = ALLOW_MOST,
	 IN_CONF(allow.relays), .count = offsetof(struct conf, allow.relay_count),
	 .form = "a network like 10.0.0.0/8 or 2001:db8::/32, or an address", .valid = conf_is_network,
	 .help = "UDP source addresses of those that send for agents: proxies, NAT, collectors that hand on. Their word is taken for any of allow.agents"},
	{.path = "allow.source_is_agent", .type = CONF_CHOICE, .live = true, .preset = "false", .choices = booleans,
	 IN_CONF(allow.source_is_agent),
	 .help = "Whether the UDP source address must be the agent's own, but for allow.relays"},

	{.path = "limits", .type = CONF_MAP,
	 .help = "Sizes of what RX cores keep besides flows; what does not fit is counted"},
	{.path = "limits.agents", .type = CONF_UINT, .preset = "16384", .min = 16, .max = 1048576,
	 IN_CONF(limits.agents), .unit = "agents",
	 .help = "Pairs of agent and sub-agent, for each RX core"},
	{.path = "limits.sources", .type = CONF_UINT, .preset = "65536", .min = 16, .max = 15000000,
	 IN_CONF(limits.sources), .unit = "data sources",
	 .help = "Data sources (interfaces, hosts, VMs) of all agents, for each RX core. One agent has no more than it "
	  "leaves to others, or 64"},
	{.path = "limits.counters_mb", .type = CONF_UINT, .preset = "4", .min = 1, .max = 2048,
	 IN_CONF(limits.counters_mb), .unit = "MB",
	 .help = "Counter samples of one window, for each RX core. Agents that are new in it have half of it, and one "
	  "agent has no more than it leaves to others"},
	{.path = "limits.flows_mb", .type = CONF_UINT, .preset = "0", .max = 4194304,
	 IN_CONF(limits.flows_mb), .unit = "MB",
	 .help = "Tables of all flow definitions and RX cores together, with groups and maps; what "
	  "is put at run time and would need more is refused. 0 is half of the machine's memory"},
	{.path = "limits.expire", .type = CONF_DURATION, .preset = "5m", .min = 1000,
	 .max = 86400000, IN_CONF(limits.expire_ms),
	 .help = "Agents and data sources that are silent this long are forgotten, and their keys "
	  "in Redis expire; so do those of flows when the collector is gone"},

	{.path = "limits.events", .type = CONF_UINT, .preset = "16384", .min = 16, .max = 1048576,
	 IN_CONF(limits.events), .unit = "events",
	 .help = "Starts and ends of events that wait for Redis, and that the API can show; when "
	  "Redis is away for long, the oldest are dropped"},
	{.path = "limits.records", .type = CONF_UINT, .preset = "65536", .min = 16, .max = 16777216,
	 IN_CONF(limits.records), .unit = "records",
	 .help = "The same for flow records"},
	{.path = "limits.recent", .type = CONF_UINT, .preset = "1000", .min = 1, .max = 65536,
	 IN_CONF(limits.recent), .unit = "documents",
	 .help = "Of events and of flow records, or of those of one threshold or definition that a "
	  "request to the API asks for, the newest that it looks at"},
	{.path = "limits.active", .type = CONF_UINT, .preset = "65536", .min = 16, .max = 1048576,
	 IN_CONF(limits.active), .unit = "events",
	 .help = "Events that have begun and not ended, of all thresholds; values that find no room "
	  "are counted (threshold_full)"},

	{.path = "metrics", .type = CONF_MAP,
	 .help = "What is kept of counter samples: the metrics of interfaces, hosts, containers, "
	  "applications"},
	{.path = "metrics.silent", .type = CONF_UINT, .preset = "3", .max = 1000,
	 IN_CONF(metrics.silent), .unit = "polling intervals",
	 .help = "A data source that is silent for so many of its own polling intervals, as they were "
	  "measured, is gone; after 2 seconds at the least, and limits.expire at the most. 0: only "
	  "after limits.expire"},
	{.path = "metrics.agent_sources", .type = CONF_UINT, .preset = "16384", .min = 1,
	 .max = 16777216, IN_CONF(metrics.agent_sources), .unit = "data sources",
	 .help = "Of one agent at most. When the room for all (limits.sources) is nearly full, one "
	  "agent may have no more than are left, or 64"},
	{.path = "metrics.custom", .type = CONF_UINT, .preset = "128", .max = 4096,
	 IN_CONF(metrics.custom), .unit = "metrics",
	 .help = "Custom metrics (4300:1002) of one data source at most"},
	{.path = "metrics.names", .type = CONF_UINT, .preset = "4096", .max = 1048576,
	 IN_CONF(metrics.names), .unit = "names",
	 .help = "Names of custom metrics at most; one goes with the last metric that has it. Of half of "
	  "them an agent may bring as many as are left of that half, of the others a 32nd of what is left"},
	{.path = "metrics.text", .type = CONF_UINT, .preset = "255", .min = 1, .max = 255,
	 IN_CONF(metrics.text), .unit = "bytes",
	 .help = "Of a custom metric that is a text; longer ones are cut. All texts of a data source take "
	  "4096 bytes at most, or 32 for each that metrics.custom allows"},

	{.path = "redis", .type = CONF_MAP,
	 .help = "Where results go"},
	{.path = "redis.url", .type = CONF_TEXT, .preset = "redis://127.0.0.1:6379/0", .max = 1024,
	 IN_CONF(redis.url), .secret = CONF_LOGIN,
	 .form = "redis://[[USER]:PASSWORD@]HOST[:PORT][/DB], unix://[[USER]:PASSWORD@]PATH[?db=N], "
	  "unix:PATH, sentinel://HOST,HOST/NAME, with TLS rediss:// or sentinels:// (docs/redis.rst), or \"\" to publish nothing",
	 .valid = conf_is_url,
	 .help = "The Redis server, or the Sentinels that know which it is. It need not be up when weir "
	  "starts"},
	{.path = "redis.user", .type = CONF_TEXT, .preset = "", .max = 255, IN_CONF(redis.user),
	 .form = "at most 255 bytes",
	 .help = "ACL user to log in as, in place of the URL's; it takes redis.password"},
	{.path = "redis.password", .type = CONF_TEXT, .preset = "", .max = 1023,
	 IN_CONF(redis.password), .secret = CONF_SECRET,
	 .form = "a text, file:PATH or env:NAME",
	 .help = "Password to log in with, in place of the URL's. file:PATH is the first line of a file, which is "
	  "read at each connection: a new password takes no restart"},
	{.path = "redis.tls_ca", .type = CONF_TEXT, .preset = "", .max = 1024,
	 IN_CONF(redis.tls_ca),
	 .form = "the path of a PEM file",
	 .help = "Certificates of those who may sign the server's, with rediss:// and sentinels://; without it those of the system. "
	  "Files of TLS are read at each connection: renewed ones take no restart"},
	{.path = "redis.tls_cert", .type = CONF_TEXT, .preset = "", .max = 1024,
	 IN_CONF(redis.tls_cert),
	 .form = "the path of a PEM file",
	 .help = "Certificate of weir for a server that asks for one, with those that it depends on behind it"},
	{.path = "redis.tls_key", .type = CONF_TEXT, .preset = "", .max = 1024,
	 IN_CONF(redis.tls_key),
	 .form = "the path of a PEM file",
	 .help = "Private key of that certificate, without a passphrase"},
	{.path = "redis.tls_server_name", .type = CONF_TEXT, .preset = "", .max = 253,
	 IN_CONF(redis.tls_server_name),
	 .form = "a name or an address, at most 253 bytes",
	 .help = "Name that is asked for (SNI) and that the server's certificate must be for; without it the host of "
	  "redis.url"},
	{.path = "redis.tls_verify", .type = CONF_CHOICE, .preset = "true", .choices = booleans,
	 IN_CONF(redis.tls_verify),
	 .help = "Whether the server's certificate is checked. Without the check whoever sits in between can read and "
	  "change all; it is for tests alone"},
	{.path = "redis.prefix", .type = CONF_TEXT, .preset = "weir", .min = 1, .max = 64,
	 IN_CONF(redis.prefix),
	 .form = "1 to 64 letters, digits, _ . - or :",
	 .valid = conf_is_prefix,
	 .help = "First part of all keys and channels"},
	{.path = "redis.events", .type = CONF_UINT, .preset = "10000", .min = 1, .max = 100000000,
	 IN_CONF(redis.events), .unit = "entries",
	 .help = "Length at which the stream of events is kept, about"},
	{.path = "redis.records", .type = CONF_UINT, .preset = "100000", .min = 1, .max = 100000000,
	 IN_CONF(redis.records), .unit = "entries",
	 .help = "Length at which the stream of a definition's flow records is kept, about"},

	{.path = "api", .type = CONF_MAP,
	 .help = "The HTTP API"},
	{.path = "api.listen", .type = CONF_TEXT, .preset = "127.0.0.1:8008", .max = 64,
	 IN_CONF(api.listen),
	 .form = "ADDRESS:PORT, [ADDRESS]:PORT for IPv6, or \"\" for no API",
	 .valid = conf_is_listen,
	 .help = "Where the API listens; port 0 takes any, and the log says which. An address that "
	  "other hosts can reach takes a token and TLS. There is no API while a capture is read "
	  "once"},
	{.path = "api.token", .type = CONF_TEXT, .preset = "", .max = 256, IN_CONF(api.token),
	 .secret = CONF_SECRET,
	 .form = "at most 256 characters of printable ASCII, without blanks, or file:PATH or env:NAME",
	 .valid = conf_is_token,
	 .help = "Who sends \"Authorization: Bearer TOKEN\" may read and change all"},
	{.path = "api.read_token", .type = CONF_TEXT, .preset = "", .max = 256,
	 IN_CONF(api.read_token), .secret = CONF_SECRET,
	 .form = "at most 256 characters of printable ASCII, without blanks, or file:PATH or env:NAME",
	 .valid = conf_is_token,
	 .help = "Who sends this one may read. Without any token everybody who reaches the API may "
	  "read and change all; with this one alone nobody may change anything"},
	{.path = "api.tls_cert", .type = CONF_TEXT, .preset = "", .max = 1024,
	 IN_CONF(api.tls_cert),
	 .form = "the path of a PEM file",
	 .help = "Certificate of the API, with those that it depends on behind it, 16 at most; then it speaks "
	  "HTTPS alone (TLS 1.2 and 1.3)"},
	{.path = "api.tls_key", .type = CONF_TEXT, .preset = "", .max = 1024, IN_CONF(api.tls_key),
	 .form = "the path of a PEM file",
	 .help = "Private key of the certificate"},
	{.path = "api.request_limit", .type = CONF_UINT, .preset = "4096", .min = 1, .max = 262144,
	 IN_CONF(api.request_kb), .unit = "kB",
	 .help = "The longest body of a request"},
	{.path = "api.connections", .type = CONF_UINT, .preset = "128", .min = 2, .max = 4096,
	 IN_CONF(api.connections), .unit = "connections",
	 .help = "Clients at the same time, each of which has a thread; one address can have half of "
	  "them"},
	{.path = "api.requests", .type = CONF_UINT, .preset = "1000", .min = 0, .max = 1000000,
	 IN_CONF(api.requests), .unit = "requests a second",
	 .help = "What one client address may ask; 0 for no limit"},
	{.path = "api.timeout", .type = CONF_DURATION, .preset = "10s", .min = 100, .max = 600000,
	 IN_CONF(api.timeout_ms),
	 .help = "Time for a client to send a request, from the connection or the last answer on"},

	{.path = "prometheus", .type = CONF_MAP,
	 .help = "What the API says to Prometheus (docs/prometheus.rst)"},
	{.path = "prometheus.prefix", .type = CONF_TEXT, .preset = "sflow_", .max = 64,
	 IN_CONF(prometheus.prefix),
	 .form = "letters, digits and _, no digit first, at most 64",
	 .valid = conf_is_word,
	 .help = "What names of metrics begin with"},

	{.path = "dns", .type = CONF_MAP,
	 .help = "Names of addresses, for the function dns of keys"},
	{.path = "dns.servers", .type = CONF_TEXT, .preset = "", .max = 1024, IN_CONF(dns.servers),
	 .form = "addresses with commas between them, each perhaps with a port (192.0.2.1:53, "
	  "[2001:db8::1]:53); system, or \"\" to ask nobody",
	 .valid = conf_is_servers,
	 .help = "DNS servers that are asked; system is those of /etc/resolv.conf. Without a server "
	  "all addresses stay addresses"},
	{.path = "dns.entries", .type = CONF_UINT, .preset = "65536", .min = 16, .max = 16777216,
	 IN_CONF(dns.entries), .unit = "addresses",
	 .help = "Addresses whose names are kept, or of which it is kept that they have none"},
	{.path = "dns.ttl_min", .type = CONF_DURATION, .preset = "1m", .min = 1000, .max = 86400000,
	 IN_CONF(dns.ttl_min_ms),
	 .help = "A name is kept at least this long, whatever its time to live"},
	{.path = "dns.ttl_max", .type = CONF_DURATION, .preset = "24h", .min = 60000,
	 .max = 604800000, IN_CONF(dns.ttl_max_ms),
	 .help = "A name is asked for again after this time, whatever its time to live"},
	{.path = "dns.negative", .type = CONF_DURATION, .preset = "10m", .min = 1000,
	 .max = 604800000, IN_CONF(dns.negative_ms),
	 .help = "How long it is kept that an address has no name"},
	{.path = "dns.retry", .type = CONF_DURATION, .preset = "30s", .min = 1000, .max = 604800000,
	 IN_CONF(dns.retry_ms),
	 .help = "How long after a time-out or a failure of the servers an address is asked for "
	  "again"},
	{.path = "dns.timeout", .type = CONF_DURATION, .preset = "2s", .min = 10, .max = 60000,
	 IN_CONF(dns.timeout_ms),
	 .help = "How long the answer of a server is waited for, the first time; twice as long the "
	  "next time, and so on"},
	{.path = "dns.tries", .type = CONF_UINT, .preset = "2", .min = 1, .max = 10,
	 IN_CONF(dns.tries),
	 .help = "How often each server is asked for an address"},
	{.path = "dns.under_way", .type = CONF_UINT, .preset = "64", .min = 1, .max = 4096,
	 IN_CONF(dns.under_way), .unit = "questions",
	 .help = "Questions that are not answered yet, at the same time"},
	{.path = "dns.queue", .type = CONF_UINT, .preset = "16384", .min = 16, .max = 1048576,
	 IN_CONF(dns.queue), .unit = "questions",
	 .help = "Questions that wait to be asked. What does not fit is counted, and asked when it is "
	  "wanted the next time"},

	{.path = "flows", .type = CONF_LIST, .live = true, .absent = "no flow", .most = FLOWS_MOST,
	 IN_CONF(flows), .count = offsetof(struct conf, flow_count),
	 .entry = sizeof(struct conf_flow),
	 .help = "Flow definitions: what is counted and published"},
	{.path = "flows.name", .type = CONF_TEXT, .required = true, .min = 1, .max = 64,
	 IN_FLOW(name),
	 .form = name_form, .valid = conf_is_name, .mark = offsetof(struct conf_flow, name_at),
	 .help = "Name of the definition, part of its keys in Redis; no two have the same"},
	{.path = "flows.keys", .type = CONF_KEYS, .required = true, .max = 4096,
	 .most = CONF_KEYS_MOST, IN_FLOW(keys),
	 .form = "key names with commas between them, or a list of at most 16",
	 .mark = offsetof(struct conf_flow, keys_at),
	 .piece = offsetof(struct conf_flow, keys_pieces),
	 .help = "Fields that make up a flow. Samples that lack one of them are not counted. "
	  "Without a key there is one total for each data source"},
	{.path = "flows.value", .type = CONF_TEXT, .required = true, .min = 1, .max = 1024,
	 IN_FLOW(value),
	 .form = "bytes, frames, requests or a key that is a number; before it, rate:, avg:, min:, "
	  "max:, last: or count: (of any key)",
	 .mark = offsetof(struct conf_flow, value_at),
	 .piece = offsetof(struct conf_flow, value_piece),
	 .help = "What is measured of each flow, and ranks it"},
	{.path = "flows.values", .type = CONF_KEYS, .absent = "no more", .max = 4096,
	 .most = CONF_VALUES_MOST, IN_FLOW(values),
	 .form = "values with commas between them, or a list of at most 7",
	 .piece = offsetof(struct conf_flow, values_pieces),
	 .help = "What else is measured of each flow. A sample that lacks one of these counts "
	  "for the others"},
	{.path = "flows.filter", .type = CONF_TEXT, .preset = "", .max = 4096, IN_FLOW(filter),
	 .form = "comparisons of keys with & | and parentheses between them, such as "
	  "ipprotocol=6&tcpdestinationport=80,443",
	 .piece = offsetof(struct conf_flow, filter_piece),
	 .help = "Which samples the definition takes; all others are counted as filtered"},
	{.path = "flows.fs", .type = CONF_TEXT, .preset = ",", .max = 32, IN_FLOW(fs),
	 .form = "at most 32 characters of printable ASCII",
	 .mark = offsetof(struct conf_flow, fs_at),
	 .help = "What stands between the texts of a flow's keys"},
	{.path = "flows.dropped", .type = CONF_CHOICE, .preset = "false", .choices = booleans,
	 IN_FLOW(dropped),
	 .help = "Whether it counts discarded packets, of which each counts once, in place of flow "
	  "samples"},
	{.path = "flows.log", .type = CONF_CHOICE, .preset = "false", .choices = booleans,
	 IN_FLOW(log),
	 .help = "Whether there are flow records: exact sums of each flow at each data source, when it "
	  "ends or goes on for long"},
	{.path = "flows.flowStart", .type = CONF_CHOICE, .preset = "false", .choices = booleans,
	 IN_FLOW(flow_start),
	 .help = "Whether a flow has its record when it is first seen, and no other until it has gone"},
	{.path = "flows.activeTimeout", .type = CONF_SECONDS, .preset = "60", .min = 1000,
	 .max = 86400000, IN_FLOW(active_timeout), .unit = "seconds",
	 .help = "Age at which a flow that goes on has a record of what it was until then"},
	{.path = "flows.aggMode", .type = CONF_CHOICE, .preset = "max", .choices = merge_modes,
	 IN_FLOW(merge),
	 .help = "How queries that do not say it merge the values that several data sources have of a "
	  "flow: the largest, all together, those of edge ports together, the largest of links' ends. "
	  "AGENT: the flows of an agent's data sources are counted together, and the largest agent "
	  "counts"},
	{.path = "flows.n", .type = CONF_UINT, .preset = "20", .min = 1, .max = 100000, IN_FLOW(n),
	 .unit = "flows",
	 .help = "The largest flows that are published each window"},
	{.path = "flows.t", .type = CONF_SECONDS, .preset = "2", .min = 100, .max = 600000,
	 IN_FLOW(t), .unit = "seconds",
	 .help = "Time constant of the exponential smoothing of rates"},
	{.path = "flows.capacity", .type = CONF_UINT, .preset = "131072", .min = 16,
	 .max = 16777216, IN_FLOW(capacity), .unit = "flows",
	 .help = "Flows that one RX core tells apart within a window; more are counted together "
	  "as \"other\", and totals stay exact"},

	{.path = "groups", .type = CONF_LOOKUPS, .live = true, .absent = "no group", .most = LOOKUPS_MOST,
	 .min = 1, .max = 255, IN_CONF(groups), .count = offsetof(struct conf, group_count),
	 .form = "a network like 10.0.0.0/8 or 2001:db8::/32, or an address",
	 .help = "Networks under labels, for the function group. Below the name of each group are "
	  "its labels, each with a network or a list of them; or there is the path of a file that "
	  "has a label and a network on each line"},
	{.path = "maps", .type = CONF_LOOKUPS, .live = true, .absent = "no map", .most = LOOKUPS_MOST,
	 .min = 1, .max = 255, IN_CONF(maps), .count = offsetof(struct conf, map_count),
	 .form = "a value of a key, as in a filter",
	 .help = "Values of keys under labels, for the function map. They are written as groups "
	  "are"},

	{.path = "capacity", .type = CONF_MAP,
	 .help = "Capacity planning: how interfaces are used, by hours and days, for years "
	  "(docs/capacity.rst). It needs Redis"},
	{.path = "capacity.enabled", .type = CONF_CHOICE, .preset = "true", .choices = booleans,
	 IN_CONF(capacity.enabled),
	 .help = "Whether hours and days of interfaces are kept in Redis; without redis.url they are "
	  "not"},
	{.path = "capacity.interfaces", .type = CONF_UINT, .preset = "1000000", .min = 1,
	 .max = 4000000, IN_CONF(capacity.interfaces), .unit = "interfaces",
	 .help = "Interfaces at most; each takes about 900 bytes of memory, and in Redis 37 bytes an hour "
	  "(6 kB for each week of hours, 14 kB for each year of days) and up to twice that, since "
	  "values that grow have room"},
	{.path = "capacity.keep_hours", .type = CONF_UINT, .preset = "35", .min = 8, .max = 366,
	 IN_CONF(capacity.keep_hours), .unit = "days",
	 .help = "How long hours are kept, and up to a week longer. An interface that is silent for "
	  "so long is forgotten"},
	{.path = "capacity.keep_days", .type = CONF_UINT, .preset = "1095", .min = 35, .max = 3660,
	 IN_CONF(capacity.keep_days), .unit = "days",
	 .help = "How long days are kept, and up to a year longer"},
	{.path = "capacity.threshold", .type = CONF_NUMBER, .preset = "80", .max = 1000,
	 IN_CONF(capacity.threshold), .unit = "percent",
	 .help = "Utilization at which a link is full: when its trend reaches that is asked for; 0 "
	  "asks for none"},
	{.path = "capacity.groups", .type = CONF_LOOKUPS, .absent = "no group", .most = 64,
	 .min = 1, .max = 255, IN_CONF(capacity.groups),
	 .count = offsetof(struct conf, capacity.group_count),
	 .form = "a text that the attribute is, in which * stands for any characters",
	 .help = "Groups of interfaces that are looked at as one link, by name. Below each name are "
	  "attributes, which are metrics, each with a pattern or a list of them: an interface is in "
	  "the group if all of its attributes are like one of theirs"},

	{.path = "geo", .type = CONF_MAP,
	 .help = "Databases of the functions country, asn and oui, each read when a definition needs "
	  "it"},
	{.path = "geo.country", .type = CONF_TEXT, .live = true, .preset = "", .max = 1024, IN_CONF(geo.country),
	 .form = "the path of a file in the format of MaxMind or of libloc",
	 .help = "Countries of IP addresses; without it those of Debian's libloc-database"},
	{.path = "geo.asn", .type = CONF_TEXT, .live = true, .preset = "", .max = 1024, IN_CONF(geo.asn),
	 .form = "the path of a file in the format of MaxMind or of libloc",
	 .help = "AS of IP addresses; without it those of Debian's libloc-database"},
	{.path = "geo.oui", .type = CONF_TEXT, .live = true, .preset = "", .max = 1024, IN_CONF(geo.oui),
	 .form = "the path of a folder with the CSV files of IEEE, or of one of these",
	 .help = "Makers of devices by MAC address; without it those of Debian's ieee-data"},

	{.path = "topology", .type = CONF_DOCUMENT, .live = true, .preset = "", .max = 1024, IN_CONF(topology),
	 .form = "nodes and links, or the path of a JSON or YAML file that has them",
	 .help = "Which interfaces of which agents are joined by links, for the function link and for "
	  "the merge modes edge and core (docs/configuration.rst). \"\" is no topology"},

	{.path = "interfaces", .type = CONF_DOCUMENT, .live = true, .preset = "", .max = 1024, IN_CONF(interfaces),
	 .form = "agents, below each its interfaces, each as IFINDEX: NAME or IFINDEX: {name: NAME, alias: "
	  "ALIAS}, or the path of a JSON or YAML file that has them",
	 .help = "Names of interfaces, the metrics ifname and ifalias, before those that agents and SNMP tell "
	  "(docs/configuration.rst). \"\" is none"},
	{.path = "snmp", .type = CONF_MAP,
	 .help = "Names of interfaces from IF-MIB of the agents: ifName and ifAlias"},
	{.path = "snmp.version", .type = CONF_CHOICE, .preset = "off", .choices = snmp_versions,
	 IN_CONF(snmp.version),
	 .help = "Whether agents are asked, and how"},
	{.path = "snmp.agents", .type = CONF_TEXTS, .absent = "none", .min = 2, .max = 49, .most = 256,
	 IN_CONF(snmp.agents), .count = offsetof(struct conf, snmp.agent_count),
	 .form = "a network like 10.0.0.0/8 or 2001:db8::/32, or an address", .valid = conf_is_network,
	 .help = "Agents that may be asked. Anybody can send a datagram in the name of any agent, so that none "
	  "is asked, and told the community, who is not in here"},
	{.path = "snmp.community", .type = CONF_TEXT, .preset = "public", .max = 255,
	 IN_CONF(snmp.community), .secret = CONF_SECRET,
	 .form = "a text, file:PATH or env:NAME",
	 .help = "Community of version 2c"},
	{.path = "snmp.user", .type = CONF_TEXT, .preset = "", .max = 32, IN_CONF(snmp.user),
	 .form = "at most 32 bytes",
	 .help = "User of version 3"},
	{.path = "snmp.auth_protocol", .type = CONF_CHOICE, .preset = "SHA", .choices = conf_snmp_auth,
	 IN_CONF(snmp.auth_protocol),
	 .help = "How version 3 proves who asks and answers"},
	{.path = "snmp.auth_password", .type = CONF_TEXT, .preset = "", .max = 255,
	 IN_CONF(snmp.auth_password), .secret = CONF_SECRET,
	 .form = "a text, file:PATH or env:NAME",
	 .help = "Password of that, at least 8 characters"},
	{.path = "snmp.priv_protocol", .type = CONF_CHOICE, .preset = "AES", .choices = conf_snmp_priv,
	 IN_CONF(snmp.priv_protocol),
	 .help = "How version 3 encrypts"},
	{.path = "snmp.priv_password", .type = CONF_TEXT, .preset = "", .max = 255,
	 IN_CONF(snmp.priv_password), .secret = CONF_SECRET,
	 .form = "a text, file:PATH or env:NAME",
	 .help = "Password of that, at least 8 characters"},
	{.path = "snmp.port", .type = CONF_UINT, .preset = "161", .min = 1, .max = 65535,
	 IN_CONF(snmp.port),
	 .help = "UDP port of agents"},
	{.path = "snmp.timeout", .type = CONF_DURATION, .preset = "1s", .min = 10, .max = 60000,
	 IN_CONF(snmp.timeout_ms),
	 .help = "How long an answer is waited for, each time"},
	{.path = "snmp.retries", .type = CONF_UINT, .preset = "1", .max = 10, IN_CONF(snmp.retries),
	 .unit = "times",
	 .help = "How often a question that is not answered is sent again"},
	{.path = "snmp.refresh", .type = CONF_DURATION, .preset = "1h", .min = 1000, .max = 604800000,
	 IN_CONF(snmp.refresh_ms),
	 .help = "After this long an agent is asked again; one that did not answer after a minute, then after "
	  "two, and so on"},
	{.path = "snmp.rate", .type = CONF_UINT, .preset = "50", .min = 1, .max = 10000,
	 IN_CONF(snmp.rate), .unit = "questions a second",
	 .help = "Questions to all agents together; one has up to 25 names"},
	{.path = "snmp.interfaces", .type = CONF_UINT, .preset = "4096", .min = 1, .max = 1048576,
	 IN_CONF(snmp.interfaces), .unit = "interfaces",
	 .help = "Interfaces of an agent whose names are read; more are counted (snmp_cut)"},

	{.path = "agents", .type = CONF_LIST, .live = true, .absent = "no agent", .most = AGENTS_MOST,
	 IN_CONF(agents), .count = offsetof(struct conf, agent_count),
	 .entry = sizeof(struct conf_agent),
	 .help = "Agents whose own word is not taken"},
	{.path = "agents.address", .type = CONF_TEXT, .required = true, .min = 2, .max = 45,
	 IN_AGENT(address),
	 .form = "an IPv4 or IPv6 address", .valid = conf_is_address,
	 .mark = offsetof(struct conf_agent, address_at),
	 .help = "The agent's address, as it is in its datagrams; no two entries have the same"},
	{.path = "agents.sampling_rate", .type = CONF_UINT, .required = true, .min = 1,
	 .max = UINT32_MAX, IN_AGENT(sampling_rate), .unit = "packets",
	 .help = "One packet in so many is sampled, whatever the agent's samples say. For "
	  "agents that say something else than what they do; the samples' pool tells "
	  "(effective_sampling_rate)"},

	{.path = "thresholds", .type = CONF_LIST, .live = true, .absent = "no threshold", .most = THRESHOLDS_MOST,
	 IN_CONF(thresholds), .count = offsetof(struct conf, threshold_count),
	 .entry = sizeof(struct conf_threshold),
	 .help = "Values of flows, or of metrics, above which there is an event, for each data source "
	  "by itself"},
	{.path = "thresholds.name", .type = CONF_TEXT, .required = true, .min = 1, .max = 64,
	 IN_THRESHOLD(name),
	 .form = name_form, .valid = conf_is_name,
	 .mark = offsetof(struct conf_threshold, name_at),
	 .help = "Name of the threshold, thresholdID in its events; no two have the same"},
	{.path = "thresholds.metric", .type = CONF_TEXT, .required = true, .min = 1, .max = 512,
	 IN_THRESHOLD(metric),
	 .form = "the name of a flow definition or of a metric, or DATASOURCE.METRIC",
	 .mark = offsetof(struct conf_threshold, metric_at),
	 .help = "The flow definition whose flows are compared, or the metric, such as "
	  "ifinutilization; of one data source alone with that before it: 2.1.load_one"},
	{.path = "thresholds.value", .type = CONF_NUMBER, .required = true,
	 .max = 1000000000000000000, .negative = true, IN_THRESHOLD(value),
	 .help = "An event begins when a flow's value (per second, smoothed), or the metric, exceeds "
	  "this"},
	{.path = "thresholds.byFlow", .type = CONF_CHOICE, .preset = "false", .choices = booleans,
	 IN_THRESHOLD(by_flow),
	 .help = "Whether each flow above the value is an event; else only the largest of a data "
	  "source is. Nothing to metrics"},
	{.path = "thresholds.timeout", .type = CONF_SECONDS, .preset = "2", .min = 0,
	 .max = 86400000, IN_THRESHOLD(timeout), .unit = "seconds",
	 .help = "How long the value has been at or below the threshold when the event ends; until "
	  "then it does not begin again"},
	{.path = "thresholds.samples", .type = CONF_UINT, .preset = "0", .max = UINT32_MAX,
	 IN_THRESHOLD(samples), .unit = "samples",
	 .help = "Samples that a flow's value must rest on for an event to begin: of few samples it "
	  "is uncertain. Nothing to metrics"},
	{.path = "thresholds.filter", .type = CONF_DOCUMENT, .preset = "", .max = 0,
	 IN_THRESHOLD(filter), .mark = offsetof(struct conf_threshold, filter_at),
	 .form = "agent, dataSource, or metrics, each with a list",
	 .help = "The data sources that are looked at, by lists: of addresses (agent), of texts such "
	  "as 10 or 2.1 (dataSource), and by any metric's name of patterns (* is any text) that the "
	  "data source's own value fits, or that of its parent or of its agent's host. Nothing: all"},
};
/* clang-format on */

const unsigned conf_row_count = sizeof(conf_rows) / sizeof(conf_rows[0]);

_Static_assert(sizeof(conf_rows) / sizeof(conf_rows[0]) <= CONF_ROWS_MAX, "raise CONF_ROWS_MAX");
