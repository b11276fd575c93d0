/* SPDX-License-Identifier: BSD-3-Clause */
#include "interfaces.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/secret.h"
#include "names/map.h"

enum {
	INTERFACES_MEMORY = 256 << 20, /* bytes of names that agents told */
	INTERFACES_AGENTS = 65536,     /* asked at most */
};

static int read_map(const struct conf *c, struct names *n, struct conf_error *e)
{
	const char *text = c->interfaces;
	struct conf_error in_file;
	char error[NAMES_ERROR], *json;
	int err;

	if (conf_is_document(text)) {
		err = names_map_parse(n, text, strlen(text), error);
		if (err < 0)
			conf_error_of(e, c, "interfaces", "%s", error);
		return err;
	}
	err = conf_document_load(text, &json, &in_file);
	if (err < 0) {
		conf_error_of(e, c, "interfaces", "%s", in_file.text);
		return err;
	}
	err = names_map_parse(n, json, strlen(json), error);
	free(json);
	if (err < 0)
		conf_error_of(e, c, "interfaces", "%s: %s", text, error);
	return err;
}

int interfaces_open(const struct conf *c, struct names **n, struct conf_error *e)
{
	int err;

	*n = names_create(INTERFACES_MEMORY);
	if (!*n) {
		snprintf(e->text, sizeof(e->text), "interfaces: out of memory");
		return -ENOMEM;
	}
	err = c->interfaces[0] ? read_map(c, *n, e) : 0;
	if (err < 0) {
		names_destroy(*n);
		*n = NULL;
	}
	return err;
}

int interfaces_check(const struct conf *c, struct conf_error *e)
{
	struct names *n;
	int err = interfaces_open(c, &n, e);

	names_destroy(n);
	return err;
}

/* ---- SNMP ---- */

/* Texts of secrets, for as long as keys are made of them. */
struct secrets {
	char community[IFMIB_SECRET], auth[IFMIB_SECRET], priv[IFMIB_SECRET];
};

static int read_secret(const struct conf *c, const char *option, const char *text, char *secret,
	struct conf_error *e)
{
	char why[BASE_SECRET_WHY];

	if (base_secret_read(text, secret, IFMIB_SECRET, why) == 0)
		return 0;
	conf_error_of(e, c, option, "%s", why);
	return -EINVAL;
}

static int read_secrets(const struct conf *c, struct secrets *s, struct conf_error *e)
{
	int err = 0;

	if (c->snmp.version == CONF_SNMP_2C)
		return read_secret(c, "snmp.community", c->snmp.community, s->community, e);
	if (c->snmp.auth_protocol)
		err = read_secret(c, "snmp.auth_password", c->snmp.auth_password, s->auth, e);
	if (err == 0 && c->snmp.priv_protocol)
		err = read_secret(c, "snmp.priv_password", c->snmp.priv_password, s->priv, e);
	return err;
}

/* Texts are those of `c` and `s`. */
static struct ifmib_options snmp_options(const struct conf *c, const struct secrets *s)
{
	return (struct ifmib_options){
		.version = c->snmp.version == CONF_SNMP_3 ? IFMIB_V3 : IFMIB_V2C,
		.community = s->community,
		.user = c->snmp.user,
		.auth_protocol = conf_snmp_auth[c->snmp.auth_protocol],
		.priv_protocol = conf_snmp_priv[c->snmp.priv_protocol],
		.auth_password = s->auth,
		.priv_password = s->priv,
		.networks = c->snmp.agents,
		.network_count = c->snmp.agent_count,
		.port = c->snmp.port,
		.timeout_ms = c->snmp.timeout_ms,
		.retries = c->snmp.retries,
		.refresh_ms = c->snmp.refresh_ms,
		.rate = c->snmp.rate,
		.interfaces = c->snmp.interfaces,
		.agents = INTERFACES_AGENTS};
}

int interfaces_check_snmp(const struct conf *c, struct conf_error *e)
{
	struct secrets s = {.community = ""};
	const struct ifmib_options o = snmp_options(c, &s);
	const char *option;
	char why[128];
	int err;

	if (c->snmp.version == CONF_SNMP_OFF)
		return 0;
	err = read_secrets(c, &s, e);
	if (err == 0 && ifmib_check(&o, &option, why, sizeof(why)) < 0) {
		conf_error_of(e, c, option, "%s", why);
		err = -EINVAL;
	}
	explicit_bzero(&s, sizeof(s));
	return err;
}

int interfaces_start(
	const struct conf *c, const struct base_hash *hash, struct ifmib **m, struct conf_error *e)
{
	struct secrets s = {.community = ""};
	const struct ifmib_options o = snmp_options(c, &s);
	int err;

	*m = NULL;
	if (c->snmp.version == CONF_SNMP_OFF)
		return 0;
	err = read_secrets(c, &s, e);
	if (err == 0) {
		*m = ifmib_start(&o, hash, e->text, sizeof(e->text));
		err = *m ? 0 : -errno;
	}
	explicit_bzero(&s, sizeof(s));
	return err;
}
