/* SPDX-License-Identifier: BSD-3-Clause */
#pragma once

#include "conf/conf.h"
#include "ifmib/ifmib.h"
#include "names/names.h"

/* Names of interfaces: from the configuration, and by SNMP. */

/**
 * The map of the settings. Any thread but RX and aggregator.
 * @param n  out: for names_destroy(), with nothing in it where the settings have none
 * @return 0, or -errno with `e`
 */
int interfaces_open(const struct conf *c, struct names **n, struct conf_error *e);

/** Whether the map of the settings can be read. @return 0, or -errno with `e` */
int interfaces_check(const struct conf *c, struct conf_error *e);

/** Whether secrets of SNMP can be read, and are such that agents can be asked. @return 0, or -EINVAL with `e` */
int interfaces_check_snmp(const struct conf *c, struct conf_error *e);

/**
 * Start asking agents. Main thread.
 * @param hash  outlives it
 * @param m     out: for ifmib_stop(); NULL: the settings say off
 * @return 0, or -errno with `e`
 */
int interfaces_start(
	const struct conf *c, const struct base_hash *hash, struct ifmib **m, struct conf_error *e);
