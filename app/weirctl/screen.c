/* SPDX-License-Identifier: BSD-3-Clause */
#include "screen.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <unistd.h>

#include "base/clock.h"

enum { ROWS_DEFAULT = 24, COLUMNS_DEFAULT = 80 };

/* ECMA-48, and xterm's alternate buffer. */
static const char enter[] = "\033[?1049h\033[?25l", leave[] = "\033[?25h\033[?1049l";

static volatile sig_atomic_t ended, resized;

static void on_signal(int signal)
{
	if (signal == SIGWINCH)
		resized = 1;
	else
		ended = 1;
}

static void catch (void (*handler)(int))
{
	static const int signals[] = {SIGINT, SIGTERM, SIGHUP, SIGQUIT, SIGWINCH};
	const struct sigaction a = {.sa_handler = handler};

	for (unsigned i = 0; i < sizeof(signals) / sizeof(signals[0]); i++)
		sigaction(signals[i], &a, NULL);
}

static void measure(struct screen *s)
{
	struct winsize w = {0};

	ioctl(STDOUT_FILENO, TIOCGWINSZ, &w);
	s->rows = w.ws_row ? w.ws_row : ROWS_DEFAULT;
	s->columns = w.ws_col ? w.ws_col : COLUMNS_DEFAULT;
}

/* Words on stderr would stand in the alternate buffer, and go with it: they wait in a file. */
static void keep_words(struct screen *s)
{
	s->words = memfd_create("stderr", MFD_CLOEXEC);
	s->tty = fcntl(STDERR_FILENO, F_DUPFD_CLOEXEC, 3);
	if (s->words >= 0 && s->tty >= 0)
		dup2(s->words, STDERR_FILENO);
}

static void tell_words(struct screen *s)
{
	char text[1024];
	ssize_t len;

	if (s->tty >= 0)
		dup2(s->tty, STDERR_FILENO);
	if (s->words < 0 || s->tty < 0)
		return;
	lseek(s->words, 0, SEEK_SET);
	while ((len = read(s->words, text, sizeof(text))) > 0)
		fwrite(text, 1, (size_t)len, stderr);
	close(s->words);
	close(s->tty);
}

int screen_open(struct screen *s)
{
	struct termios raw;

	if (!isatty(STDOUT_FILENO) || tcgetattr(STDIN_FILENO, &s->saved))
		return -ENOTTY;
	raw = s->saved;
	raw.c_lflag &= ~(tcflag_t)(ICANON | ECHO);
	raw.c_cc[VMIN] = 1;
	raw.c_cc[VTIME] = 0;
	raw.c_cc[VSUSP] = _POSIX_VDISABLE; /* a shell would be left with this terminal */
	ended = resized = 0;
	catch (on_signal);
	tcsetattr(STDIN_FILENO, TCSANOW, &raw);
	measure(s);
	keep_words(s);
	fputs(enter, stdout);
	fflush(stdout);
	return 0;
}

void screen_close(struct screen *s)
{
	fputs(leave, stdout);
	fflush(stdout);
	tcsetattr(STDIN_FILENO, TCSANOW, &s->saved);
	catch (SIG_DFL);
	tell_words(s);
}

/* One line, cut to the screen: bytes of UTF-8 that begin a character count, control bytes are left out. */
static void draw_line(const char *line, size_t len, unsigned columns)
{
	unsigned width = 0;

	for (size_t i = 0; i < len; i++) {
		unsigned char c = (unsigned char)line[i];

		if (c < ' ' || c == 0x7F)
			continue;
		width += (c & 0xC0) != 0x80;
		if (width > columns)
			break;
		putchar(c);
	}
	fputs("\033[K", stdout); /* clear to the end of the line */
}

void screen_draw(const struct screen *s, const char *text, const char *footer)
{
	fputs("\033[H", stdout);
	for (unsigned row = 1; row < s->rows && *text; row++) {
		size_t len = strcspn(text, "\n");

		draw_line(text, len, s->columns);
		fputs("\r\n", stdout);
		text += len + (text[len] == '\n');
	}
	printf("\033[J\033[%u;1H", s->rows);
	draw_line(footer, strlen(footer), s->columns);
	fflush(stdout);
}

static int read_key(void)
{
	unsigned char key;

	return read(STDIN_FILENO, &key, 1) == 1 && key != 0 ? key : SCREEN_ENDED;
}

int screen_wait(struct screen *s, int fd, uint64_t deadline_ns)
{
	struct pollfd fds[] = {
		{.fd = STDIN_FILENO, .events = POLLIN}, {.fd = fd, .events = POLLIN}};
	uint64_t now = base_clock_mono_ns();
	int n = 0;

	/* A signal between here and poll() is seen when that ends, within a second. */
	if (!ended && !resized)
		n = poll(fds, 2, now < deadline_ns ? (int)((deadline_ns - now) / 1000000 + 1) : 0);
	if (ended)
		return SCREEN_ENDED;
	if (resized) {
		resized = 0;
		measure(s);
		return SCREEN_RESIZED;
	}
	if (n <= 0)
		return SCREEN_TIME;
	return fds[0].revents ? read_key() : SCREEN_INPUT;
}
