/* SPDX-License-Identifier: BSD-3-Clause */
#include "base/file.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static FILE *fail(int fd, int err, const char *text, const char **why)
{
	if (fd >= 0)
		close(fd);
	*why = text;
	errno = err;
	return NULL;
}

FILE *base_file_open(const char *path, const char **why)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
	struct stat st;
	FILE *f;

	if (fd < 0 || fstat(fd, &st) < 0)
		return fail(fd, errno, strerror(errno), why);
	if (S_ISDIR(st.st_mode))
		return fail(fd, EISDIR, strerror(EISDIR), why);
	if (!S_ISREG(st.st_mode))
		return fail(fd, EINVAL, "it is a FIFO or a device, not a file", why);
	f = fdopen(fd, "r");
	return f ? f : fail(fd, errno, strerror(errno), why);
}
