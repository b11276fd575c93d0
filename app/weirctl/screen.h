/* SPDX-License-Identifier: BSD-3-Clause */
#pragma once

#include <stdint.h>
#include <termios.h>

/*
 * The terminal as a screen: keys without Enter, an alternate buffer, its size. One at a time, from one
 * thread; signals that end the program or resize the terminal are caught while it is open.
 */
struct screen {
	struct termios saved;
	unsigned rows, columns;
	int tty,
		words; /* stderr goes to the file `words` while the screen is open, then to `tty` */
};

/* What screen_wait() comes back with, other than a key. */
enum {
	SCREEN_TIME = 0,
	SCREEN_INPUT = 256, /* the descriptor has something to read */
	SCREEN_RESIZED,
	SCREEN_ENDED, /* a signal, or nobody is at the keyboard any more */
};

/** @return 0, or -ENOTTY where stdin or stdout is no terminal. Close with screen_close(). */
int screen_open(struct screen *s);

/** Put the terminal back as it was, and say what was said on stderr meanwhile. */
void screen_close(struct screen *s);

/** Show lines from the top, cut to the screen, and `footer` on the last line. */
void screen_draw(const struct screen *s, const char *text, const char *footer);

/**
 * Wait for a key, for `fd`, or until `deadline_ns` (monotonic).
 * @return a byte from the keyboard, or one of the above
 */
int screen_wait(struct screen *s, int fd, uint64_t deadline_ns);
