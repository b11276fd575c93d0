/* SPDX-License-Identifier: BSD-3-Clause */
#include "conf/schema_pvt.h"
#include "conf_test.h"

/* The page, to be freed. */
static void reference(char **text)
{
	size_t len = 0;
	FILE *out = open_memstream(text, &len);

	assert_non_null(out);
	conf_print_reference(out);
	fclose(out);
}

/* Every option has a title of its own, underlined to its width. */
static void test_titles(void **state)
{
	char *text = NULL;

	reference(&text);
	for (unsigned i = 0; i < conf_row_count; i++) {
		char title[160], line[64];
		size_t len = strlen(conf_rows[i].path);
		char *at;

		snprintf(title, sizeof(title), "\n\n%s\n", conf_rows[i].path);
		at = strstr(text, title);
		assert_non_null(at);
		at += strlen(title);
		memset(line, *at, len);
		assert_memory_equal(at, line, len);
		assert_true(*at == '-' || *at == '~');
		assert_int_equal(at[len], '\n');
	}
	free(text);
}

static void test_option(void **state)
{
	char *text = NULL;

	reference(&text);
	assert_non_null(strstr(text, "\nflows.capacity\n"
				     "~~~~~~~~~~~~~~\n"
				     "\n"
				     ":type: number\n"
				     ":default: ``131072``\n"
				     ":range: a number from 16 to 16777216\n"
				     ":unit: flows\n"
				     "\n"
				     "Flows that one RX core tells apart within a window;"));
	assert_non_null(strstr(text, "\n:default: the host name\n"));
	assert_non_null(strstr(text, "\n:default: none, must be given\n"));
	free(text);
}

/* What has no range of numbers or choices has words for what it takes. */
static void test_forms(void **state)
{
	char *text = NULL;

	for (unsigned i = 0; i < conf_row_count; i++) {
		switch (conf_rows[i].type) {
		case CONF_TEXT:
		case CONF_TEXTS:
		case CONF_KEYS:
		case CONF_DOCUMENT:
		case CONF_LOOKUPS:
			if (!conf_rows[i].form)
				fail_msg("%s has no form", conf_rows[i].path);
		default:
			break;
		}
	}
	reference(&text);
	assert_null(strstr(text, "(null)"));
	free(text);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_titles),
		cmocka_unit_test(test_option),
		cmocka_unit_test(test_forms),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
