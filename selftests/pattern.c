// SPDX-License-Identifier: GPL-2.0
/*
 * Writes content to a file and checks it, block by block. Every page says where it is
 * and who wrote it, so a page of another place, seed or time is found out.
 *
 * pattern write|check FILE size=N [at=N] [block=N] [seed=N] [zeros=1] [random=1]
 *         [rounds=N] [retries=N]
 *
 * Sizes are bytes, or KiB and MiB with K and M. With zeros=1 some pages, and some runs of
 * 16 and 512 of them, are zero. With random=1 each round picks as many blocks at random.
 * A block is tried again after EIO at most retries times. Prints "errors N", the number
 * of such tries.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define PAGE	4096UL
#define WORDS	(PAGE / sizeof(unsigned long))

static struct {
	unsigned long size, at, block, seed, zeros, random, rounds, retries;
} opt = { .block = 65536, .rounds = 1 };

static unsigned long nr_errors;

/* The finaliser of splitmix64: neighbours become strangers. */
static unsigned long mix(unsigned long x)
{
	x += 0x9e3779b97f4a7c15;
	x = (x ^ (x >> 30)) * 0xbf58476d1ce4e5b9;
	x = (x ^ (x >> 27)) * 0x94d049bb133111eb;
	return x ^ (x >> 31);
}

/* One of eight pages, of eight runs of 16 pages, of eight runs of 512 pages. */
static bool is_zero(unsigned long page)
{
	return !(mix(page + opt.seed) % 8) ||
	       !(mix(page / 16 + opt.seed + 1) % 8) ||
	       !(mix(page / 512 + opt.seed + 2) % 8);
}

static void fill_page(unsigned long *words, unsigned long page)
{
	unsigned long state = mix(mix(opt.seed) ^ page);
	unsigned int i;

	if (opt.zeros && is_zero(page)) {
		memset(words, 0, PAGE);
		return;
	}
	for (i = 0; i < WORDS; i++) {
		state ^= state << 13;
		state ^= state >> 7;
		state ^= state << 17;
		words[i] = state;
	}
}

/* What belongs at bytes @at to @at + @len, which need not be whole pages. */
static void fill(char *buf, unsigned long at, unsigned long len)
{
	unsigned long words[WORDS], skip, part;

	while (len) {
		skip = at % PAGE;
		part = PAGE - skip < len ? PAGE - skip : len;
		fill_page(words, at / PAGE);
		memcpy(buf, (char *)words + skip, part);
		buf += part;
		at += part;
		len -= part;
	}
}

static void give_up(const char *what, unsigned long at)
{
	fprintf(stderr, "pattern: %s at byte %lu: %s\n", what, at,
		strerror(errno));
	exit(EXIT_FAILURE);
}

/* All of a block, however many calls it takes. */
static void transfer(int fd, bool writes, char *buf, unsigned long at, unsigned long len)
{
	unsigned long done = 0, tries = 0;
	ssize_t ret;

	while (done < len) {
		if (writes)
			ret = pwrite(fd, buf + done, len - done, at + done);
		else
			ret = pread(fd, buf + done, len - done, at + done);
		if (ret > 0) {
			done += ret;
			continue;
		}
		if (!ret)
			errno = ENODATA;
		if (errno != EIO || tries++ == opt.retries)
			give_up(writes ? "write" : "read", at + done);
		nr_errors++;
	}
}

static void compare(const char *is, const char *shall, unsigned long at, unsigned long len)
{
	unsigned long i;

	if (!memcmp(is, shall, len))
		return;
	for (i = 0; is[i] == shall[i]; i++)
		;
	fprintf(stderr, "pattern: wrong byte at %lu: %02x, not %02x\n",
		at + i, (unsigned char)is[i], (unsigned char)shall[i]);
	exit(EXIT_FAILURE);
}

static void one_block(int fd, bool writes, unsigned long nr)
{
	static char *is, *shall;
	unsigned long at = opt.at + nr * opt.block;
	unsigned long left = opt.at + opt.size - at;
	unsigned long len = left < opt.block ? left : opt.block;

	if (!is) {
		is = malloc(opt.block);
		shall = malloc(opt.block);
	}
	fill(shall, at, len);
	if (writes) {
		transfer(fd, true, shall, at, len);
		return;
	}
	transfer(fd, false, is, at, len);
	compare(is, shall, at, len);
}

static void one_round(int fd, bool writes, unsigned long round)
{
	unsigned long blocks = (opt.size + opt.block - 1) / opt.block, i, nr;

	for (i = 0; i < blocks; i++) {
		nr = i;
		if (opt.random)
			nr = mix(mix(round + getpid()) + i) % blocks;
		one_block(fd, writes, nr);
	}
}

static unsigned long number(const char *text)
{
	char *end;
	unsigned long nr = strtoull(text, &end, 0);

	switch (*end) {
	case 'M':
		return nr << 20;
	case 'K':
		return nr << 10;
	}
	return nr;
}

static bool option(const char *word)
{
	static const struct {
		const char *name;
		unsigned long *value;
	} options[] = {
		{ "size=", &opt.size }, { "at=", &opt.at },
		{ "block=", &opt.block }, { "seed=", &opt.seed },
		{ "zeros=", &opt.zeros }, { "random=", &opt.random },
		{ "rounds=", &opt.rounds }, { "retries=", &opt.retries },
	};
	unsigned int i;

	for (i = 0; i < sizeof(options) / sizeof(*options); i++) {
		if (strncmp(word, options[i].name, strlen(options[i].name)))
			continue;
		*options[i].value = number(word + strlen(options[i].name));
		return true;
	}
	return false;
}

static int bad_usage(void)
{
	fputs("pattern write|check FILE size=N [OPTION=N]...\n", stderr);
	return 2;
}

int main(int argc, char **argv)
{
	unsigned long round;
	bool writes;
	int fd, i;

	if (argc < 3)
		return bad_usage();
	writes = !strcmp(argv[1], "write");
	if (!writes && strcmp(argv[1], "check"))
		return bad_usage();
	for (i = 3; i < argc; i++)
		if (!option(argv[i]))
			return bad_usage();
	if (!opt.size || !opt.block)
		return bad_usage();
	fd = open(argv[2], writes ? O_WRONLY | O_CREAT : O_RDONLY, 0600);
	if (fd < 0)
		give_up("open", 0);
	for (round = 0; round < opt.rounds; round++)
		one_round(fd, writes, round);
	if (close(fd))
		give_up("close", 0);
	printf("errors %lu\n", nr_errors);
	return EXIT_SUCCESS;
}
