// SPDX-License-Identifier: GPL-2.0
/*
 * Tests of swaptbl/header.c on headers made here, as mkswap makes them.
 */
#include <kunit/test.h>
#include <linux/sizes.h>
#include <linux/string.h>
#include <linux/swab.h>
#include <linux/swap.h>

#include "../swaptbl/header.h"
#include "util.h"

#define IMAGE_SIZE	max_t(size_t, SZ_64K, PAGE_SIZE)
#define SIGNATURE_SIZE	sizeof_field(union swap_header, magic.magic)

/**
 * struct image - the start of a device, and what the parser makes of it
 * @raw: header, IMAGE_SIZE bytes
 * @len: bytes of @raw to give to the parser
 * @pages: size of the device
 * @header: result
 * @why: reason of a refusal
 */
struct image {
	union swap_header *raw;
	size_t len;
	u64 pages;
	struct swaptbl_header header;
	const char *why;
};

static void set_signature(struct image *image, size_t page_size,
			  const char *magic)
{
	memcpy((void *)image->raw + page_size - SIGNATURE_SIZE, magic,
	       strlen(magic));
}

static int header_init(struct kunit *test)
{
	struct image *image = kunit_kzalloc(test, sizeof(*image), GFP_KERNEL);

	if (!image)
		return -ENOMEM;
	image->raw = kunit_kzalloc(test, IMAGE_SIZE, GFP_KERNEL);
	if (!image->raw)
		return -ENOMEM;
	image->len = IMAGE_SIZE;
	image->pages = 1000;
	image->raw->info.version = 1;
	image->raw->info.last_page = 999;
	set_signature(image, PAGE_SIZE, "SWAPSPACE2");
	test->priv = image;
	return 0;
}

static void header_exit(struct kunit *test)
{
	struct image *image = test->priv;

	if (image)
		swaptbl_header_release(&image->header);
}

/* The list is declared with one element, which bounds checkers take literally. */
static u32 *bad_pages(struct image *image)
{
	return (void *)image->raw + offsetof(union swap_header, info.badpages);
}

/* 1..@nr, the last one first: mkswap writes any order that it is told. */
static void list_bad(struct image *image, unsigned int nr)
{
	unsigned int i;

	image->raw->info.nr_badpages = nr;
	for (i = 0; i < nr; i++)
		bad_pages(image)[i] = nr - i;
}

static void expect_list(struct kunit *test, const struct swaptbl_header *header)
{
	unsigned int i;

	KUNIT_EXPECT_EQ(test, !header->bad, !header->nr_bad);
	KUNIT_EXPECT_LT(test, header->nr_bad + 1UL, header->nr_slots);
	for (i = 0; i < header->nr_bad; i++) {
		KUNIT_EXPECT_GT(test, header->bad[i], i ? header->bad[i - 1] : 0);
		KUNIT_EXPECT_LT(test, header->bad[i], header->nr_slots);
	}
}

/* Whatever the result: it is complete, or there is a reason and nothing else. */
static int parse(struct kunit *test)
{
	static const char none[] = "no reason";
	struct image *image = test->priv;
	int err;

	swaptbl_header_release(&image->header);
	memset(&image->header, 0xa5, sizeof(image->header));
	image->why = none;
	err = swaptbl_header_parse(image->raw, image->len,
				   image->pages << PAGE_SHIFT, &image->header,
				   &image->why);
	KUNIT_EXPECT_EQ(test, image->why == none, !err);
	if (err) {
		KUNIT_EXPECT_NULL(test, memchr_inv(&image->header, 0,
						   sizeof(image->header)));
	} else {
		expect_list(test, &image->header);
	}
	return err;
}

static void expect_refused(struct kunit *test, int err, const char *why)
{
	struct image *image = test->priv;

	KUNIT_EXPECT_EQ(test, parse(test), err);
	KUNIT_EXPECT_NOT_NULL_MSG(test, strstr(image->why ?: "", why),
				  "'%s' does not say '%s'",
				  image->why ?: "nothing", why);
}

/**
 * struct size_case - a header without bad pages
 * @name: of the case
 * @version: of the header
 * @last_page: what the header says
 * @pages: what the device has
 * @err: expected result
 * @why: part of the expected reason
 */
struct size_case {
	const char *name;
	u32 version;
	u32 last_page;
	u64 pages;
	int err;
	const char *why;
};

static const struct size_case size_cases[] = {
	{ "two pages", 1, 1, 2, 0 },
	{ "fits exactly", 1, 999, 1000, 0 },
	{ "device longer", 1, 999, 100000, 0 },
	{ "cluster and one", 1, SWAPTBL_CLUSTER_SLOTS,
	  SWAPTBL_CLUSTER_SLOTS + 1, 0 },
	{ "one page", 1, 0, 1, -EUCLEAN, "no page to use" },
	{ "no page said", 1, 0, 1000, -EUCLEAN, "no page to use" },
	{ "one page short", 1, 1000, 1000, -EFBIG, "truncated" },
	{ "header only", 1, 999, 1, -EFBIG, "truncated" },
	{ "wraps", 1, U32_MAX, 1000, -EFBIG, "truncated" },
	{ "version 0", 0, 999, 1000, -EPROTONOSUPPORT, "version" },
	{ "version 2", 2, 999, 1000, -EPROTONOSUPPORT, "version" },
	{ "version all ones", U32_MAX, 999, 1000, -EPROTONOSUPPORT, "version" },
	{ "byte-swapped", 0x01000000, 999, 1000, -EILSEQ, "byte order" },
};

KUNIT_ARRAY_PARAM_DESC(size, size_cases, name);

static void parse_size(struct kunit *test)
{
	const struct size_case *c = test->param_value;
	struct image *image = test->priv;

	image->raw->info.version = c->version;
	image->raw->info.last_page = c->last_page;
	image->pages = c->pages;
	if (c->err) {
		expect_refused(test, c->err, c->why);
		return;
	}
	KUNIT_ASSERT_EQ(test, parse(test), 0);
	KUNIT_EXPECT_EQ(test, image->header.nr_slots, c->last_page + 1UL);
	KUNIT_EXPECT_EQ(test, image->header.nr_bad, 0);
}

/**
 * struct magic_case - a signature other than that of this kernel
 * @name: of the case
 * @magic: signature; NULL for none
 * @page_size: of the machine that wrote it, another one than this kernel; 0
 *	for that of this kernel
 * @cut: bytes that could not be read from the end of its first page on; 0 if
 *	all could
 * @err: expected result
 * @why: part of the expected reason
 */
struct magic_case {
	const char *name;
	const char *magic;
	size_t page_size;
	size_t cut;
	int err;
	const char *why;
};

static const struct magic_case magic_cases[] = {
	{ "empty", NULL, 0, 0, -EMEDIUMTYPE, "no swap signature" },
	{ "foreign", "NTFS", 0, 0, -EMEDIUMTYPE, "no swap signature" },
	{ "one byte wrong", "SWAPSPACE3", 0, 0, -EMEDIUMTYPE, "no swap signature" },
	{ "one byte missing", "SWAPSPACE", 0, 0, -EMEDIUMTYPE, "no swap signature" },
	{ "old format", "SWAP-SPACE", 0, 0, -EPROTONOSUPPORT, "old format" },
	{ "old format elsewhere", "SWAP-SPACE", SZ_8K, 0,
	  -EPROTONOSUPPORT, "old format" },
	{ "hibernated", "S1SUSPEND", 0, 0, -EMEDIUMTYPE, "hibernation" },
	{ "hibernated, 2", "S2SUSPEND", 0, 0, -EMEDIUMTYPE, "hibernation" },
	{ "hibernated, user", "ULSUSPEND", 0, 0, -EMEDIUMTYPE, "hibernation" },
	{ "hibernated, LINHIB", "LINHIB0001", 0, 0, -EMEDIUMTYPE, "hibernation" },
	{ "4K pages", "SWAPSPACE2", SZ_4K, 0, -EDOM, "page size" },
	{ "8K pages", "SWAPSPACE2", SZ_8K, 0, -EDOM, "page size" },
	{ "16K pages", "SWAPSPACE2", SZ_16K, 0, -EDOM, "page size" },
	{ "32K pages", "SWAPSPACE2", SZ_32K, 0, -EDOM, "page size" },
	{ "64K pages", "SWAPSPACE2", SZ_64K, 0, -EDOM, "page size" },
	{ "64K pages cut", "SWAPSPACE2", SZ_64K, 1, -EMEDIUMTYPE, "" },
	{ "nothing read", "SWAPSPACE2", 0, PAGE_SIZE, -EMEDIUMTYPE, "too small" },
	{ "a byte short", "SWAPSPACE2", 0, 1, -EMEDIUMTYPE, "too small" },
};

KUNIT_ARRAY_PARAM_DESC(magic, magic_cases, name);

/* @size, or one in its place where this kernel has just that. */
static size_t other_size(size_t size)
{
	if (size != PAGE_SIZE)
		return size;
	return size == SZ_4K ? SZ_64K : SZ_4K;
}

static void parse_magic(struct kunit *test)
{
	const struct magic_case *c = test->param_value;
	size_t size = c->page_size ? other_size(c->page_size) : PAGE_SIZE;
	struct image *image = test->priv;

	memset(image->raw->magic.magic, 0, SIGNATURE_SIZE);
	if (c->magic)
		set_signature(image, size, c->magic);
	if (c->cut)
		image->len = size - c->cut;
	expect_refused(test, c->err, c->why);
}

/* The signature at the right place decides, whatever is at another one. */
static void parse_two_signatures(struct kunit *test)
{
	struct image *image = test->priv;

	set_signature(image, other_size(SZ_8K), "S1SUSPEND");
	KUNIT_EXPECT_EQ(test, parse(test), 0);
	image->len = PAGE_SIZE;
	KUNIT_EXPECT_EQ(test, parse(test), 0);
}

/**
 * struct bad_case - a header of 1000 pages with bad ones
 * @name: of the case
 * @nr: number of @bad
 * @bad: as listed
 * @err: expected result
 * @why: part of the expected reason
 */
struct bad_case {
	const char *name;
	unsigned int nr;
	u32 bad[4];
	int err;
	const char *why;
};

static const struct bad_case bad_cases[] = {
	{ "first", 1, { 1 }, 0 },
	{ "last", 1, { 999 }, 0 },
	{ "unsorted", 4, { 999, 1, 500, 2 }, 0 },
	{ "header page", 1, { 0 }, -ERANGE, "page 0" },
	{ "header page among others", 3, { 5, 0, 7 }, -ERANGE, "page 0" },
	{ "last and one", 1, { 1000 }, -ERANGE, "beyond" },
	{ "far beyond", 3, { 1, U32_MAX, 2 }, -ERANGE, "beyond" },
	{ "sign bit", 2, { 0x80000000, 1 }, -ERANGE, "beyond" },
	{ "twice", 2, { 7, 7 }, -ENOTUNIQ, "twice" },
	{ "twice, apart", 4, { 7, 999, 1, 7 }, -ENOTUNIQ, "twice" },
	{ "last twice", 3, { 999, 1, 999 }, -ENOTUNIQ, "twice" },
};

KUNIT_ARRAY_PARAM_DESC(bad, bad_cases, name);

static void parse_bad(struct kunit *test)
{
	const struct bad_case *c = test->param_value;
	struct image *image = test->priv;

	image->raw->info.nr_badpages = c->nr;
	memcpy(bad_pages(image), c->bad, c->nr * sizeof(u32));
	if (c->err) {
		expect_refused(test, c->err, c->why);
		return;
	}
	KUNIT_EXPECT_EQ(test, parse(test), 0);
	KUNIT_EXPECT_EQ(test, image->header.nr_bad, c->nr);
	KUNIT_EXPECT_EQ(test, image->header.nr_slots, 1000);
}

static void parse_bad_most(struct kunit *test)
{
	struct image *image = test->priv;

	image->raw->info.last_page = MAX_SWAP_BADPAGES + 1;
	image->pages = MAX_SWAP_BADPAGES + 2;
	list_bad(image, MAX_SWAP_BADPAGES);
	KUNIT_EXPECT_EQ(test, parse(test), 0);
	KUNIT_EXPECT_EQ(test, image->header.nr_bad, MAX_SWAP_BADPAGES);
}

/* The list would run into the signature, and further for larger numbers. */
static void parse_bad_too_many(struct kunit *test)
{
	struct image *image = test->priv;

	image->raw->info.last_page = 1000000;
	image->pages = 1000001;
	image->raw->info.nr_badpages = MAX_SWAP_BADPAGES + 1;
	expect_refused(test, -EUCLEAN, "more bad pages");
	image->raw->info.nr_badpages = 0x40000001;
	expect_refused(test, -EUCLEAN, "more bad pages");
	image->raw->info.nr_badpages = U32_MAX;
	expect_refused(test, -EUCLEAN, "more bad pages");
}

static void parse_bad_all(struct kunit *test)
{
	struct image *image = test->priv;

	image->raw->info.last_page = 100;
	list_bad(image, 100);
	expect_refused(test, -EUCLEAN, "every page");
	list_bad(image, 99);
	KUNIT_EXPECT_EQ(test, parse(test), 0);
	image->raw->info.last_page = 1;
	list_bad(image, 1);
	expect_refused(test, -EUCLEAN, "every page");
}

/* A header beyond the limit is cut; what is bad in the rest is not our affair. */
static void parse_beyond_limit(struct kunit *test)
{
	struct image *image = test->priv;
	u32 *bad = bad_pages(image);

	image->raw->info.last_page = U32_MAX;
	image->raw->info.nr_badpages = 3;
	image->pages = BIT_ULL(32);
	bad[0] = U32_MAX;
	bad[1] = SWAPTBL_SLOTS_MAX;
	bad[2] = SWAPTBL_SLOTS_MAX - 1;
	KUNIT_ASSERT_EQ(test, parse(test), 0);
	KUNIT_EXPECT_EQ(test, image->header.nr_slots, SWAPTBL_SLOTS_MAX);
	KUNIT_ASSERT_EQ(test, image->header.nr_bad, 1);
	KUNIT_EXPECT_EQ(test, image->header.bad[0], SWAPTBL_SLOTS_MAX - 1);
	image->pages--;
	expect_refused(test, -EFBIG, "truncated");
}

/* At the limit nothing is cut, one page more is. */
static void parse_at_limit(struct kunit *test)
{
	struct image *image = test->priv;

	image->pages = SWAPTBL_SLOTS_MAX + 1ULL;
	image->raw->info.last_page = SWAPTBL_SLOTS_MAX - 1;
	KUNIT_EXPECT_EQ(test, parse(test), 0);
	KUNIT_EXPECT_EQ(test, image->header.nr_slots, SWAPTBL_SLOTS_MAX);
	image->raw->info.last_page = SWAPTBL_SLOTS_MAX;
	KUNIT_EXPECT_EQ(test, parse(test), 0);
	KUNIT_EXPECT_EQ(test, image->header.nr_slots, SWAPTBL_SLOTS_MAX);
}

/**
 * struct label_case - a label and how it is shown
 * @name: of the case
 * @raw: in the header
 * @label: expected
 */
struct label_case {
	const char *name;
	const char *raw;
	const char *label;
};

static const struct label_case label_cases[] = {
	{ "none", "", "" },
	{ "word", "swap", "swap" },
	{ "space", "my swap", "my swap" },
	{ "full", "0123456789abcdef", "0123456789abcdef" },
	{ "control", "a\nb\tc\033d\177", "a?b?c?d?" },
	{ "latin", "\344\366\374\377", "????" },
};

KUNIT_ARRAY_PARAM_DESC(label, label_cases, name);

static void parse_label(struct kunit *test)
{
	const struct label_case *c = test->param_value;
	struct image *image = test->priv;

	memcpy(image->raw->info.sws_volume, c->raw, strlen(c->raw));
	/* What follows a full label must not become part of it. */
	image->raw->info.padding[0] = U32_MAX;
	KUNIT_EXPECT_EQ(test, parse(test), 0);
	KUNIT_EXPECT_STREQ(test, image->header.label, c->label);
}

static void parse_uuid(struct kunit *test)
{
	const uuid_t uuid = UUID_INIT(0x00112233, 0x4455, 0x6677, 0x88, 0x99,
				      0xaa, 0xbb, 0xcc, 0xdd, 0xee, 0xff);
	struct image *image = test->priv;

	KUNIT_EXPECT_EQ(test, parse(test), 0);
	KUNIT_EXPECT_TRUE(test, uuid_is_null(&image->header.uuid));
	export_uuid(image->raw->info.sws_uuid, &uuid);
	KUNIT_EXPECT_EQ(test, parse(test), 0);
	KUNIT_EXPECT_TRUE(test, uuid_equal(&image->header.uuid, &uuid));
	/* In the order of the bytes, as mkswap prints it. */
	KUNIT_EXPECT_EQ(test, image->raw->info.sws_uuid[1], 0x11);
}

static void parse_no_memory(struct kunit *test)
{
	struct swaptbl_test_hooks hooks = { .fail_at = 1 };
	struct image *image = test->priv;

	list_bad(image, 3);
	swaptbl_test_hooks_begin(&hooks);
	expect_refused(test, -ENOMEM, "no memory");
	KUNIT_EXPECT_EQ(test, parse(test), 0);
	swaptbl_test_hooks_end(&hooks);
	KUNIT_EXPECT_EQ(test, hooks.site[SWAPTBL_MEM_HEADER], 2);
	KUNIT_EXPECT_EQ(test, hooks.allocs, 2);
	KUNIT_EXPECT_EQ(test, image->header.nr_bad, 3);
}

/* A header without bad pages needs no memory, so none can be missing. */
static void parse_without_memory(struct kunit *test)
{
	struct swaptbl_test_hooks hooks = { .fail_from = 1 };

	swaptbl_test_hooks_begin(&hooks);
	KUNIT_EXPECT_EQ(test, parse(test), 0);
	swaptbl_test_hooks_end(&hooks);
	KUNIT_EXPECT_EQ(test, hooks.allocs, 0);
}

static void parse_releases(struct kunit *test)
{
	struct image *image = test->priv;

	list_bad(image, 3);
	KUNIT_EXPECT_EQ(test, parse(test), 0);
	swaptbl_header_release(&image->header);
	KUNIT_EXPECT_NULL(test, image->header.bad);
	swaptbl_header_release(&image->header);
	KUNIT_EXPECT_EQ(test, image->header.nr_bad, 0);
}

static void parse_junk(struct kunit *test)
{
	unsigned int rounds = swaptbl_test_long ? 2000 : 50;
	struct image *image = test->priv;
	struct rnd_state rnd;

	swaptbl_test_random(test, &rnd);
	while (rounds--) {
		prandom_bytes_state(&rnd, image->raw, IMAGE_SIZE);
		image->len = swaptbl_test_below(&rnd, IMAGE_SIZE + 1);
		KUNIT_EXPECT_EQ(test, parse(test), -EMEDIUMTYPE);
	}
}

/* With a signature and a version, the rest is parsed, and is never believed. */
static void parse_signed_junk(struct kunit *test)
{
	unsigned int rounds = swaptbl_test_long ? 10000 : 200;
	struct image *image = test->priv;
	struct rnd_state rnd;

	swaptbl_test_random(test, &rnd);
	while (rounds--) {
		prandom_bytes_state(&rnd, image->raw, PAGE_SIZE);
		set_signature(image, PAGE_SIZE, "SWAPSPACE2");
		image->raw->info.version = 1;
		image->pages = 1 + swaptbl_test_below(&rnd, 1000000);
		image->raw->info.last_page =
			swaptbl_test_below(&rnd, 2 * image->pages);
		/* So many random pages never fit all, a few might. */
		image->raw->info.nr_badpages =
			8 + swaptbl_test_below(&rnd, 2 * MAX_SWAP_BADPAGES);
		KUNIT_EXPECT_NE(test, parse(test), 0);
	}
}

/* A few bytes of a good header are changed: refused, or taken over sanely. */
static void parse_damaged(struct kunit *test)
{
	unsigned int rounds = swaptbl_test_long ? 10000 : 200;
	struct image *image = test->priv;
	u8 *info = (u8 *)&image->raw->info.version;
	struct rnd_state rnd;
	unsigned int at, bit;

	swaptbl_test_random(test, &rnd);
	list_bad(image, 100);
	while (rounds--) {
		at = swaptbl_test_below(&rnd, sizeof(u32) * 140);
		bit = swaptbl_test_below(&rnd, 8);
		info[at] ^= BIT(bit);
		if (!parse(test))
			KUNIT_EXPECT_LE(test, image->header.nr_slots,
					image->pages);
		info[at] ^= BIT(bit);
	}
	KUNIT_EXPECT_EQ(test, parse(test), 0);
	KUNIT_EXPECT_EQ(test, image->header.nr_bad, 100);
}

static struct kunit_case swaptbl_header_cases[] = {
	KUNIT_CASE_PARAM(parse_size, size_gen_params),
	KUNIT_CASE_PARAM(parse_magic, magic_gen_params),
	KUNIT_CASE(parse_two_signatures),
	KUNIT_CASE_PARAM(parse_bad, bad_gen_params),
	KUNIT_CASE(parse_bad_most),
	KUNIT_CASE(parse_bad_too_many),
	KUNIT_CASE(parse_bad_all),
	KUNIT_CASE(parse_beyond_limit),
	KUNIT_CASE(parse_at_limit),
	KUNIT_CASE_PARAM(parse_label, label_gen_params),
	KUNIT_CASE(parse_uuid),
	KUNIT_CASE(parse_no_memory),
	KUNIT_CASE(parse_without_memory),
	KUNIT_CASE(parse_releases),
	KUNIT_CASE(parse_junk),
	KUNIT_CASE(parse_signed_junk),
	KUNIT_CASE(parse_damaged),
	{}
};

static struct kunit_suite swaptbl_header_suite = {
	.name = "swaptbl_header",
	.init = header_init,
	.exit = header_exit,
	.test_cases = swaptbl_header_cases,
};

kunit_test_suite(swaptbl_header_suite);
