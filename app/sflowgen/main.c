/* SPDX-License-Identifier: BSD-3-Clause */
#include <stdio.h>

#include "options.h"
#include "run.h"
#include "weir_config.h"

int main(int argc, char **argv)
{
	struct gen_options options;

	if (gen_options_parse(&options, argc, argv) < 0)
		return 2;
	if (options.help) {
		gen_options_help();
		return 0;
	}
	if (options.version) {
		printf("sflowgen %s\n", WEIR_VERSION);
		return 0;
	}
	return gen_run(&options);
}
