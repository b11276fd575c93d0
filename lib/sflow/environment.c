/* SPDX-License-Identifier: BSD-3-Clause */
#include "sflow/structure_pvt.h"

/* Power, temperature and fans: counter structures 0:3000 to 0:3003, as announced on the sFlow
 * mailing list. */

/* clang-format off */

STRUCTURE(energy, "energy", 0, 3000, 24,
	FIELDS(
		GAUGE("voltage", U32, "millivolts", "energy_voltage"),
		GAUGE("current", U32, "milliamperes", "energy_current"),
		GAUGE("real_power", U32, "milliwatts", "energy_real_power"),
		GAUGE("power_factor", I32, "hundredths of a percent", "energy_power_factor"),
		COUNTER("energy", U32, "millijoules", "energy_energy"),
		COUNTER("errors", U32, "errors", "energy_errors")),
	SKIPPED);

STRUCTURE(temperature, "temperature", 0, 3001, 12,
	FIELDS(
		GAUGE("minimum", I32, "tenths of a degree Celsius", "temperature_minimum"),
		GAUGE("maximum", I32, "tenths of a degree Celsius", "temperature_maximum"),
		COUNTER("errors", U32, "errors", "temperature_errors")),
	SKIPPED);

STRUCTURE(humidity, "humidity", 0, 3002, 4,
	FIELDS(GAUGE("relative", I32, "percent", "humidity_relative")), SKIPPED);

STRUCTURE(fans, "fans", 0, 3003, 12,
	FIELDS(
		GAUGE("total", U32, "fans", "fans_total"),
		GAUGE("failed", U32, "fans", "fans_failed"),
		GAUGE("speed", U32, "percent", "fans_speed")),
	SKIPPED);
