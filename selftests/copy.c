// SPDX-License-Identifier: GPL-2.0
/*
 * What dd does, with a clock: copies blocks and prints the throughput in MiB per second,
 * from before the first block to after the close of the output.
 *
 * copy if=FILE of=FILE bs=KIB count=BLOCKS [iflag=direct] [oflag=direct]
 */
#define _GNU_SOURCE /* O_DIRECT */
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

static const char *input, *output;
static unsigned long block, count;
static int input_flags, output_flags;

/* O_DIRECT goes from and to whole pages. */
#define ALIGNMENT	4096

static bool option(const char *word)
{
	const char *value = strchr(word, '=');

	if (!value)
		return false;
	value++;
	if (!strncmp(word, "if=", 3))
		input = value;
	else if (!strncmp(word, "of=", 3))
		output = value;
	else if (!strncmp(word, "bs=", 3))
		block = strtoul(value, NULL, 10) << 10;
	else if (!strncmp(word, "count=", 6))
		count = strtoul(value, NULL, 10);
	else if (!strcmp(word, "iflag=direct"))
		input_flags = O_DIRECT;
	else if (!strcmp(word, "oflag=direct"))
		output_flags = O_DIRECT;
	else
		return false;
	return true;
}

static void check(bool ok, const char *what)
{
	if (ok)
		return;
	perror(what);
	exit(EXIT_FAILURE);
}

/* All of a block, however many calls it takes. */
static bool transfer(int fd, bool writes, char *buf)
{
	unsigned long done = 0;
	ssize_t ret;

	while (done < block) {
		if (writes)
			ret = write(fd, buf + done, block - done);
		else
			ret = read(fd, buf + done, block - done);
		if (ret <= 0)
			return false;
		done += ret;
	}
	return true;
}

static double seconds(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec + now.tv_nsec / 1e9;
}

int main(int argc, char **argv)
{
	unsigned long nr;
	double start;
	int from, to, i;
	char *buf;

	for (i = 1; i < argc; i++)
		check(option(argv[i]), argv[i]);
	check(input && output && block && count, "if= of= bs= count=");
	from = open(input, O_RDONLY | input_flags);
	check(from >= 0, input);
	to = open(output, O_WRONLY | output_flags);
	check(to >= 0, output);
	buf = aligned_alloc(ALIGNMENT, block);
	check(buf, "memory");
	/* The first touch of the buffer is nobody's throughput. */
	memset(buf, 0, block);
	start = seconds();
	for (nr = 0; nr < count; nr++) {
		check(transfer(from, false, buf), input);
		check(transfer(to, true, buf), output);
	}
	check(!close(to), output);
	printf("%.0f\n", (double)block * count / (1 << 20) / (seconds() - start));
	return EXIT_SUCCESS;
}
