/* SPDX-License-Identifier: BSD-3-Clause */
#include "field.h"

#include <ctype.h>
#include <errno.h>
#include <string.h>

#include "base/cursor.h"
#include "base/form.h"
#include "base/near.h"

struct gen_field {
	const char *name;
	enum base_form form;
	/* @return bytes written, 0 where the flow has no such field */
	unsigned (*get)(const struct gen_model *m, const struct gen_flow *f, uint8_t *out);
};

static unsigned put_u8(uint8_t *out, uint8_t v)
{
	*out = v;
	return 1;
}

static unsigned put_u16(uint8_t *out, uint16_t v)
{
	base_put_u16(out, v);
	return 2;
}

/* Both an interface (format 0) and a data source are two numbers. */
static unsigned put_pair(uint8_t *out, uint32_t a, uint32_t b)
{
	base_put_u32(out, a);
	base_put_u32(out + 4, b);
	return 8;
}

static unsigned agent(const struct gen_model *m, const struct gen_flow *f, uint8_t *out)
{
	const struct gen_source *s = &m->sources[f->input];
	const struct base_addr *address = &m->agents[m->exporters[s->exporter].agent].address;

	memcpy(out, address->bytes, base_addr_len(address));
	return (unsigned)base_addr_len(address);
}

static unsigned datasource(const struct gen_model *m, const struct gen_flow *f, uint8_t *out)
{
	return put_pair(out, m->sources[f->input].class, m->sources[f->input].index);
}

static unsigned input_index(const struct gen_model *m, const struct gen_flow *f, uint8_t *out)
{
	return put_pair(out, 0, m->sources[f->input].index);
}

static unsigned output_index(const struct gen_model *m, const struct gen_flow *f, uint8_t *out)
{
	return put_pair(out, 0, m->sources[f->output].index);
}

static unsigned mac_source(const struct gen_model *m, const struct gen_flow *f, uint8_t *out)
{
	(void)m;
	if (f->kind == GEN_VXLAN)
		gen_source_mac(f->src_tunnel, out);
	else
		gen_endpoint_mac(f->src, out);
	return 6;
}

static unsigned mac_destination(const struct gen_model *m, const struct gen_flow *f, uint8_t *out)
{
	if (f->kind == GEN_VXLAN)
		gen_source_mac(f->dst_tunnel, out);
	else
		gen_flow_next_mac(m, f, out);
	return 6;
}

static unsigned ethernet_protocol(const struct gen_model *m, const struct gen_flow *f, uint8_t *out)
{
	(void)m;
	return put_u16(out, f->kind == GEN_IPV6 ? 0x86DD : 0x0800);
}

static unsigned vlan(const struct gen_model *m, const struct gen_flow *f, uint8_t *out)
{
	(void)m;
	return f->tagged ? put_u16(out, f->vlan) : 0;
}

static unsigned ip_source(const struct gen_model *m, const struct gen_flow *f, uint8_t *out)
{
	(void)m;
	if (f->kind == GEN_IPV4)
		gen_endpoint_ipv4(f->src, out);
	else if (f->kind == GEN_VXLAN)
		gen_tunnel_ipv4(f->src_tunnel, out);
	return f->kind == GEN_IPV6 ? 0 : 4;
}

static unsigned ip_destination(const struct gen_model *m, const struct gen_flow *f, uint8_t *out)
{
	(void)m;
	if (f->kind == GEN_IPV4)
		gen_endpoint_ipv4(f->dst, out);
	else if (f->kind == GEN_VXLAN)
		gen_tunnel_ipv4(f->dst_tunnel, out);
	return f->kind == GEN_IPV6 ? 0 : 4;
}

static unsigned ip_protocol(const struct gen_model *m, const struct gen_flow *f, uint8_t *out)
{
	(void)m;
	if (f->kind == GEN_IPV6)
		return 0;
	return put_u8(out, f->kind == GEN_VXLAN ? 17 : f->protocol);
}

static unsigned inner_source(const struct gen_model *m, const struct gen_flow *f, uint8_t *out)
{
	(void)m;
	gen_endpoint_ipv4(f->src, out);
	return f->kind == GEN_VXLAN ? 4 : 0;
}

static unsigned inner_destination(const struct gen_model *m, const struct gen_flow *f, uint8_t *out)
{
	(void)m;
	gen_endpoint_ipv4(f->dst, out);
	return f->kind == GEN_VXLAN ? 4 : 0;
}

static unsigned inner_protocol(const struct gen_model *m, const struct gen_flow *f, uint8_t *out)
{
	(void)m;
	return f->kind == GEN_VXLAN ? put_u8(out, f->protocol) : 0;
}

static unsigned ip6_source(const struct gen_model *m, const struct gen_flow *f, uint8_t *out)
{
	(void)m;
	gen_endpoint_ipv6(f->src, out);
	return f->kind == GEN_IPV6 ? 16 : 0;
}

static unsigned ip6_destination(const struct gen_model *m, const struct gen_flow *f, uint8_t *out)
{
	(void)m;
	gen_endpoint_ipv6(f->dst, out);
	return f->kind == GEN_IPV6 ? 16 : 0;
}

static unsigned ip6_next(const struct gen_model *m, const struct gen_flow *f, uint8_t *out)
{
	(void)m;
	return f->kind == GEN_IPV6 ? put_u8(out, f->protocol) : 0;
}

static unsigned tcp_source(const struct gen_model *m, const struct gen_flow *f, uint8_t *out)
{
	(void)m;
	return f->protocol == 6 ? put_u16(out, f->sport) : 0;
}

static unsigned tcp_destination(const struct gen_model *m, const struct gen_flow *f, uint8_t *out)
{
	(void)m;
	return f->protocol == 6 ? put_u16(out, f->dport) : 0;
}

static unsigned udp_source(const struct gen_model *m, const struct gen_flow *f, uint8_t *out)
{
	(void)m;
	if (f->kind == GEN_VXLAN)
		return put_u16(out, f->outer_port);
	return f->protocol == 17 ? put_u16(out, f->sport) : 0;
}

static unsigned udp_destination(const struct gen_model *m, const struct gen_flow *f, uint8_t *out)
{
	(void)m;
	if (f->kind == GEN_VXLAN)
		return put_u16(out, 4789);
	return f->protocol == 17 ? put_u16(out, f->dport) : 0;
}

static unsigned vni(const struct gen_model *m, const struct gen_flow *f, uint8_t *out)
{
	(void)m;
	base_put_u32(out, f->vni);
	return f->kind == GEN_VXLAN ? 4 : 0;
}

static const struct gen_field fields[] = {
	{"agent", BASE_FORM_ADDR, agent},
	{"datasource", BASE_FORM_SOURCE, datasource},
	{"inputifindex", BASE_FORM_IF, input_index},
	{"outputifindex", BASE_FORM_IF, output_index},
	{"macsource", BASE_FORM_MAC, mac_source},
	{"macdestination", BASE_FORM_MAC, mac_destination},
	{"ethernetprotocol", BASE_FORM_UINT, ethernet_protocol},
	{"vlan", BASE_FORM_UINT, vlan},
	{"ipsource", BASE_FORM_ADDR, ip_source},
	{"ipdestination", BASE_FORM_ADDR, ip_destination},
	{"ipprotocol", BASE_FORM_UINT, ip_protocol},
	{"ipsource.1", BASE_FORM_ADDR, inner_source},
	{"ipdestination.1", BASE_FORM_ADDR, inner_destination},
	{"ipprotocol.1", BASE_FORM_UINT, inner_protocol},
	{"ip6source", BASE_FORM_ADDR, ip6_source},
	{"ip6destination", BASE_FORM_ADDR, ip6_destination},
	{"ip6nexthdr", BASE_FORM_UINT, ip6_next},
	{"tcpsourceport", BASE_FORM_UINT, tcp_source},
	{"tcpdestinationport", BASE_FORM_UINT, tcp_destination},
	{"udpsourceport", BASE_FORM_UINT, udp_source},
	{"udpdestinationport", BASE_FORM_UINT, udp_destination},
	{"vxlanvni", BASE_FORM_UINT, vni},
};

static const size_t field_count = sizeof(fields) / sizeof(fields[0]);

static const char *field_name(const void *ctx, size_t i)
{
	(void)ctx;
	return i < field_count ? fields[i].name : NULL;
}

static const struct gen_field *find(const char *name, size_t len)
{
	for (size_t i = 0; i < field_count; i++)
		if (strlen(fields[i].name) == len && memcmp(fields[i].name, name, len) == 0)
			return &fields[i];
	return NULL;
}

static int unknown_key(const char *name, size_t len, struct base_text *error)
{
	char word[64];
	const char *near;

	len = len < sizeof(word) ? len : sizeof(word) - 1;
	memcpy(word, name, len);
	word[len] = '\0';
	near = base_near(word, field_name, NULL);
	base_text_printf(error, "there is no key '%s'", word);
	if (near)
		base_text_printf(error, "; did you mean '%s'?", near);
	return -EINVAL;
}

static int parse_name(
	const char *text, size_t len, struct gen_definition *d, struct base_text *error)
{
	for (size_t i = 0; i < len; i++)
		if (!isalnum((unsigned char)text[i]) && !strchr("_.-", text[i]))
			len = 0;
	if (len == 0 || len > GEN_NAME) {
		base_text_printf(
			error, "a name has 1 to 64 letters, digits, '_', '.' or '-': NAME=KEY,KEY");
		return -EINVAL;
	}
	memcpy(d->name, text, len);
	return 0;
}

int gen_definition_parse(const char *text, struct gen_definition *d, struct base_text *error)
{
	size_t len = strcspn(text, "=");
	int rc;

	*d = (struct gen_definition){0};
	rc = parse_name(text, len, d, error);
	if (rc < 0)
		return rc;
	text += len + (text[len] == '=');
	do {
		const struct gen_field *field;

		len = strcspn(text, ",");
		field = find(text, len);
		if (!field)
			return unknown_key(text, len, error);
		if (d->count == GEN_FIELDS) {
			base_text_printf(error, "a definition has at most %d keys", GEN_FIELDS);
			return -EINVAL;
		}
		d->fields[d->count++] = field;
		text += len;
	} while (*text++ == ',');
	return 0;
}

unsigned gen_definition_key(const struct gen_definition *d, const struct gen_model *m,
	const struct gen_flow *f, uint8_t *key)
{
	unsigned len = 0;

	for (unsigned i = 0; i < d->count; i++) {
		unsigned n = d->fields[i]->get(m, f, key + len + 1);

		if (n == 0)
			return 0;
		key[len] = (uint8_t)n;
		len += 1 + n;
	}
	return len;
}

void gen_definition_print(const struct gen_definition *d, const struct gen_model *m,
	const struct gen_flow *f, struct base_text *t)
{
	uint8_t value[GEN_FIELD_MAX];

	for (unsigned i = 0; i < d->count; i++) {
		if (i > 0)
			base_text_char(t, ',');
		base_form_print(t, d->fields[i]->form, 0, value, d->fields[i]->get(m, f, value));
	}
}

void gen_definition_print_keys(const struct gen_definition *d, struct base_text *t)
{
	for (unsigned i = 0; i < d->count; i++)
		base_text_printf(t, "%s%s", i > 0 ? "," : "", d->fields[i]->name);
}
