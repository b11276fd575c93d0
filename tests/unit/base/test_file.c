/* SPDX-License-Identifier: BSD-3-Clause */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/file.h"

static char path[] = "/tmp/weir-file-XXXXXX";

static int make(void **state)
{
	int fd = mkstemp(path);

	return fd < 0 || write(fd, "text", 4) != 4 || close(fd) < 0;
}

static int clean(void **state)
{
	return unlink(path);
}

static void test_regular(void **state)
{
	char text[8] = "";
	const char *why;
	FILE *f = base_file_open(path, &why);

	assert_non_null(f);
	assert_int_equal(fread(text, 1, sizeof(text), f), 4);
	assert_string_equal(text, "text");
	fclose(f);
}

static void refused(const char *name, int err, const char *says)
{
	const char *why = "";

	errno = 0;
	assert_null(base_file_open(name, &why));
	assert_int_equal(errno, err);
	assert_non_null(strstr(why, says));
}

/* Nobody waits for who would write to the FIFO. */
static void test_refused(void **state)
{
	char fifo[sizeof(path) + 8];

	snprintf(fifo, sizeof(fifo), "%s.fifo", path);
	assert_int_equal(mkfifo(fifo, 0600), 0);
	refused(fifo, EINVAL, "FIFO");
	unlink(fifo);
	refused("/dev/zero", EINVAL, "device");
	refused("/tmp", EISDIR, "directory");
	refused("/nonexistent", ENOENT, "No such file");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_regular),
		cmocka_unit_test(test_refused),
	};

	return cmocka_run_group_tests(tests, make, clean);
}
