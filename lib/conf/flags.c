/* SPDX-License-Identifier: BSD-3-Clause */
#include <errno.h>
#include <string.h>

#include "base/near.h"
#include "base/secret.h"
#include "conf/schema_pvt.h"

/* Settings from the command line, by the same rows as those of the file. */

static int fail(struct conf_error *e, const char *flag, const char *why)
{
	const struct conf_mark nowhere = {0};

	conf_error_at(e, flag, nowhere, "%s", why);
	return -EINVAL;
}

static bool is_for_flag(const struct conf_row *row)
{
	return row->type <= CONF_TEXT && !conf_row_in_list(row);
}

/* The i-th option that a flag can set, as base_near() asks for them. */
static const char *flag_option(const void *unused, size_t i)
{
	for (unsigned row = 0; row < conf_row_count; row++) {
		if (is_for_flag(&conf_rows[row]) && i-- == 0)
			return conf_rows[row].path;
	}
	return NULL;
}

static int no_option(struct conf_error *e, const char *flag, const char *option)
{
	const char *near = base_near(option, flag_option, NULL);
	const struct conf_mark nowhere = {0};

	conf_error_at(e, flag, nowhere, "\"%.64s\" is no option that a flag can set%s%s%s", option,
		near ? "; did you mean \"" : "", near ? near : "", near ? "\"?" : "");
	return -EINVAL;
}

int conf_set(struct conf *c, const char *flag, const char *option, const char *text,
	struct conf_error *e)
{
	const struct conf_row *row = conf_row_of(option);
	char why[CONF_WHY];

	if (!row || !is_for_flag(row))
		return no_option(e, flag, option);
	if (conf_value_set(row, c, &c->region, text, strlen(text), why) != 0)
		return fail(e, flag, why);
	c->origins[row - conf_rows] =
		(struct conf_origin){.flag = base_region_text(&c->region, flag)};
	return 0;
}

void conf_hide(char *argument)
{
	char *option = strncmp(argument, "--set=", 6) == 0 ? argument + 6 : argument, *equals;
	const struct conf_row *row = NULL;

	base_secret_hide_login(argument);
	equals = strchr(option, '=');
	if (equals) {
		*equals = '\0';
		row = conf_row_of(option);
		*equals++ = '=';
	}
	if (!row || row->secret != CONF_SECRET || base_secret_is_place(equals))
		return;
	for (unsigned stars = 3; *equals; equals++, stars -= stars > 0)
		*equals = stars > 0 ? '*' : '\0';
}

struct conf_port *conf_add_port(struct conf *c)
{
	struct conf_port *ports =
		base_region_alloc(&c->region, (c->port_count + 1) * sizeof(*ports));

	if (c->port_count)
		memcpy(ports, c->ports, c->port_count * sizeof(*ports));
	c->ports = ports;
	conf_row_presets(conf_row_of("ports"), &ports[c->port_count], &c->region);
	return &ports[c->port_count++];
}

static void add_file(struct conf *c, struct conf_port *port, const char *text)
{
	const char **files = base_region_alloc(&c->region, (port->pcap_count + 1) * sizeof(*files));

	for (unsigned i = 0; i < port->pcap_count; i++)
		files[i] = port->pcap[i];
	files[port->pcap_count++] = base_region_text(&c->region, text);
	port->pcap = files;
	port->queues = port->pcap_count;
}

int conf_set_port(struct conf *c, struct conf_port *port, const char *flag, const char *option,
	const char *text, struct conf_error *e)
{
	const struct conf_row *row = conf_row_find(conf_row_of("ports"), option);
	char why[CONF_WHY];
	int err;

	if (!row)
		return fail(e, flag, "no option of a port");
	if (row->type != CONF_TEXTS)
		err = conf_value_set(row, port, &c->region, text, strlen(text), why);
	else if (port->pcap_count == row->most)
		return fail(e, flag, "too many files for one port");
	else if ((err = conf_value_text(row, text, strlen(text), why)) == 0)
		add_file(c, port, text);
	return err ? fail(e, flag, why) : 0;
}
