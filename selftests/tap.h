/* SPDX-License-Identifier: GPL-2.0 */
/*
 * TAP output for tests in C.
 */
#ifndef _TAP_H
#define _TAP_H

#include <errno.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define TAP_SKIP	4

static unsigned int tap_nr;
static unsigned int tap_failed;

static inline void tap_start(void)
{
	setvbuf(stdout, NULL, _IOLBF, 0);
	puts("TAP version 13");
}

/* One test: passes if @ok. */
static inline bool tap_ok(bool ok, const char *name)
{
	tap_nr++;
	tap_failed += !ok;
	printf("%s %u %s\n", ok ? "ok" : "not ok", tap_nr, name);
	return ok;
}

/* One test on a number. */
static inline bool tap_is(long is, long shall, const char *name)
{
	if (is != shall)
		printf("# got %ld, expected %ld, errno %s\n", is, shall,
		       strerror(errno));
	return tap_ok(is == shall, name);
}

static inline void tap_skip_all(const char *why)
{
	printf("1..0 # SKIP %s\n", why);
	exit(TAP_SKIP);
}

/* The plan stands last: it is what was run. */
static inline int tap_finish(void)
{
	printf("1..%u\n", tap_nr);
	return tap_failed ? EXIT_FAILURE : EXIT_SUCCESS;
}

#endif /* _TAP_H */
