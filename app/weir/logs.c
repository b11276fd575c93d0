/* SPDX-License-Identifier: BSD-3-Clause */
#include "logs.h"

#include <errno.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <syslog.h>
#include <systemd/sd-journal.h>
#include <time.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/log.h"

static const int priorities[BASE_LOG_LEVELS] = {
	[BASE_LOG_ERROR] = LOG_ERR,
	[BASE_LOG_WARNING] = LOG_WARNING,
	[BASE_LOG_NOTICE] = LOG_NOTICE,
	[BASE_LOG_DEBUG] = LOG_DEBUG,
};

static void say_to_journal(const char *type, enum base_log_level level, const char *text)
{
	sd_journal_send("MESSAGE=%s: %s", type, text, "PRIORITY=%d", priorities[level],
		"SYSLOG_IDENTIFIER=weir", "WEIR_TYPE=%s", type, NULL);
}

/* Text that is no UTF-8 is shown byte by byte. */
static json_t *text_of(const char *text)
{
	json_t *json = json_string(text);
	char *latin, *p;

	if (json)
		return json;
	latin = malloc(2 * strlen(text) + 1);
	if (!latin)
		return NULL;
	for (p = latin; *text; text++) {
		unsigned char c = (unsigned char)*text;

		if (c >= 0x80)
			*p++ = (char)(0xC0 | c >> 6);
		*p++ = (char)(c < 0x80 ? c : 0x80 | (c & 0x3F));
	}
	*p = '\0';
	json = json_string(latin);
	free(latin);
	return json;
}

/* One write(2) a line, as for text. */
static void say_as_json(const char *type, enum base_log_level level, const char *text)
{
	uint64_t now = base_clock_wall_ns();
	time_t seconds = (time_t)(now / 1000000000);
	char stamp[32], time_text[40], *dump;
	struct tm tm;
	json_t *line;
	ssize_t n;

	gmtime_r(&seconds, &tm);
	strftime(stamp, sizeof(stamp), "%Y-%m-%dT%H:%M:%S", &tm);
	snprintf(time_text, sizeof(time_text), "%s.%03uZ", stamp, (unsigned)(now / 1000000 % 1000));
	line = json_pack("{s:s, s:s, s:s, s:o}", "time", time_text, "type", type, "level",
		base_log_level_name(level), "text", text_of(text));
	dump = line ? json_dumps(line, JSON_COMPACT) : NULL;
	json_decref(line);
	if (!dump)
		return;
	n = (ssize_t)strlen(dump);
	dump[n] = '\n'; /* in place of its end */
	n = write(STDERR_FILENO, dump, (size_t)n + 1);
	free(dump);
}

/* Whether stderr is a stream of the journal's: the environment names its device and inode. */
static bool stderr_is_journal(void)
{
	const char *stream = getenv("JOURNAL_STREAM");
	unsigned long long device, inode;
	struct stat st;

	return stream && sscanf(stream, "%llu:%llu", &device, &inode) == 2 &&
	       fstat(STDERR_FILENO, &st) == 0 && st.st_dev == device && st.st_ino == inode;
}

int logs_use(const char *format)
{
	bool journal = strcmp(format, "journal") == 0;

	if (strcmp(format, "auto") == 0)
		journal = stderr_is_journal();
	else if (!journal && strcmp(format, "json") != 0 && strcmp(format, "text") != 0)
		return -EINVAL;
	/* It opens its socket with the first line, which most threads may not do later (sandbox.h). */
	if (journal)
		say_to_journal("log", BASE_LOG_NOTICE, "lines go to the journal");
	base_log_set_sink(journal                       ? say_to_journal
			  : strcmp(format, "json") == 0 ? say_as_json
							: NULL);
	return 0;
}

/* The first name behind `last`; that of constructors is no order. */
static const char *next_type(const char *last)
{
	const char *name, *next = NULL;

	for (size_t i = 0; (name = base_log_type_name(NULL, i)); i++) {
		if (strcmp(name, last) > 0 && (!next || strcmp(name, next) < 0))
			next = name;
	}
	return next;
}

void logs_print_types(struct base_text *t)
{
	const char *comma = "";

	for (const char *name = next_type(""); name; name = next_type(name)) {
		base_text_printf(t, "%s%s", comma, name);
		comma = ", ";
	}
}
