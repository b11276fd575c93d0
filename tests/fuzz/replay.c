/* SPDX-License-Identifier: BSD-3-Clause */
/* Feeds each file of a corpus folder to the fuzz target, as a plain test. */
#include <dirent.h>
#include <errno.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static int replay_file(const char *path)
{
	FILE *f = fopen(path, "rb");
	struct stat st;
	uint8_t *data;
	size_t len;

	if (!f || fstat(fileno(f), &st) < 0) {
		fprintf(stderr, "%s: %s\n", path, strerror(errno));
		return -1;
	}
	/* Exactly as large as the input, so that a sanitizer sees each byte read beyond it. */
	data = malloc((size_t)st.st_size ? (size_t)st.st_size : 1);
	len = data ? fread(data, 1, (size_t)st.st_size, f) : 0;
	fclose(f);
	if (data)
		LLVMFuzzerTestOneInput(data, len);
	free(data);
	return data ? 0 : -1;
}

int main(int argc, char **argv)
{
	unsigned files = 0;
	struct dirent *entry;
	DIR *dir;

	if (argc != 2 || !(dir = opendir(argv[1]))) {
		fprintf(stderr, "usage: %s CORPUS-FOLDER\n", argv[0]);
		return 2;
	}
	while ((entry = readdir(dir))) {
		char path[4096];

		if (entry->d_name[0] == '.')
			continue;
		snprintf(path, sizeof(path), "%s/%s", argv[1], entry->d_name);
		if (replay_file(path) < 0)
			return 1;
		files++;
	}
	closedir(dir);
	printf("%u inputs replayed\n", files);
	return files ? 0 : 1; /* a corpus that is not there proves nothing */
}
