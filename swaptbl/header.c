// SPDX-License-Identifier: GPL-2.0
/*
 * The swap header that mkswap writes: checked before anything is believed.
 */
#include <kunit/visibility.h>
#include <linux/ctype.h>
#include <linux/export.h>
#include <linux/mm.h>
#include <linux/sizes.h>
#include <linux/slab.h>
#include <linux/sort.h>
#include <linux/string.h>
#include <linux/swab.h>
#include <linux/swap.h>

#include "device.h"
#include "header.h"
#include "sync.h"

/* The signature takes the last bytes of the header page, whatever its size. */
#define SIGNATURE_SIZE	sizeof_field(union swap_header, magic.magic)

/**
 * struct signature - what may stand where mkswap puts its signature
 * @magic: the bytes
 * @err: 0 for a swap header, else why it is none
 * @why: the same in words
 */
struct signature {
	const char *magic;
	int err;
	const char *why;
};

static const char hibernated[] =
	"holds a hibernation image: resume from it or run mkswap";

static const struct signature signatures[] = {
	{ "SWAPSPACE2", 0, NULL },
	{ "SWAP-SPACE", -EPROTONOSUPPORT,
	  "swap header of the old format, version 0: run mkswap" },
	{ "S1SUSPEND", -EMEDIUMTYPE, hibernated },
	{ "S2SUSPEND", -EMEDIUMTYPE, hibernated },
	{ "ULSUSPEND", -EMEDIUMTYPE, hibernated },
	{ "LINHIB0001", -EMEDIUMTYPE, hibernated },
};

static int refuse(const char **why, const char *text, int err)
{
	*why = text;
	return err;
}

static const struct signature *signature_at(const void *buf, size_t len,
					    size_t page_size)
{
	const void *at = buf + page_size - SIGNATURE_SIZE;
	const struct signature *sig;
	unsigned int i;

	if (len < page_size)
		return NULL;
	for (i = 0; i < ARRAY_SIZE(signatures); i++) {
		sig = &signatures[i];
		if (!memcmp(at, sig->magic, strlen(sig->magic)))
			return sig;
	}
	return NULL;
}

/* A machine with another page size writes the signature to another place. */
static const struct signature *signature_elsewhere(const void *buf, size_t len)
{
	const struct signature *sig = NULL;
	size_t size;

	for (size = SZ_4K; size <= SZ_64K && !sig; size *= 2)
		sig = signature_at(buf, len, size);
	return sig;
}

static int header_check_signature(const void *buf, size_t len, const char **why)
{
	const struct signature *sig = signature_at(buf, len, PAGE_SIZE);

	if (sig && !sig->err)
		return 0;
	if (!sig)
		sig = signature_elsewhere(buf, len);
	if (sig && sig->err)
		return refuse(why, sig->why, sig->err);
	if (sig)
		return refuse(why,
			      "made for another page size: run mkswap with the page size of this kernel",
			      -EDOM);
	if (len < PAGE_SIZE)
		return refuse(why,
			      "too small to hold a swap header, which takes one page",
			      -EMEDIUMTYPE);
	return refuse(why, "no swap signature: run mkswap if the contents may go",
		      -EMEDIUMTYPE);
}

static int header_check_version(u32 version, const char **why)
{
	if (version == 1)
		return 0;
	if (version == swab32(1))
		return refuse(why,
			      "made on a machine of the other byte order: run mkswap here",
			      -EILSEQ);
	return refuse(why, "unknown version of the swap header: only 1 is supported",
		      -EPROTONOSUPPORT);
}

static int header_check_sizes(u32 last_page, u32 nr_bad, u64 pages,
			      const char **why)
{
	if (!last_page)
		return refuse(why, "damaged: the swap header says that there is no page to use",
			      -EUCLEAN);
	if (last_page >= pages)
		return refuse(why,
			      "truncated: the swap header claims more pages than the device has",
			      -EFBIG);
	if (nr_bad > MAX_SWAP_BADPAGES)
		return refuse(why,
			      "damaged: more bad pages than a swap header can list",
			      -EUCLEAN);
	return 0;
}

static int compare_pages(const void *a, const void *b)
{
	u32 x = *(const u32 *)a;
	u32 y = *(const u32 *)b;

	return x < y ? -1 : x > y;
}

static int header_check_bad(const u32 *bad, unsigned int nr, u32 last_page,
			    const char **why)
{
	unsigned int i;

	if (!bad[0])
		return refuse(why, "the list of bad pages names page 0, the header",
			      -ERANGE);
	if (bad[nr - 1] > last_page)
		return refuse(why, "the list of bad pages names one beyond the last page",
			      -ERANGE);
	for (i = 1; i < nr; i++)
		if (bad[i] == bad[i - 1])
			return refuse(why, "the list of bad pages names a page twice",
				      -ENOTUNIQ);
	return 0;
}

/* The list is declared with one element, which bounds checkers take literally. */
static const void *bad_pages(const union swap_header *raw)
{
	return (const void *)raw + offsetof(union swap_header, info.badpages);
}

/* Leaves @header->bad to the caller to free, on failure as well. */
static int import_bad(const union swap_header *raw,
		      struct swaptbl_header *header, const char **why)
{
	unsigned int nr = raw->info.nr_badpages;
	int err;

	if (!nr)
		return 0;
	if (!swaptbl_should_fail(SWAPTBL_MEM_HEADER, GFP_KERNEL))
		header->bad = kvmalloc_array(nr, sizeof(u32), GFP_KERNEL);
	if (!header->bad)
		return refuse(why, "no memory for the list of bad pages", -ENOMEM);
	memcpy(header->bad, bad_pages(raw), nr * sizeof(u32));
	sort(header->bad, nr, sizeof(u32), compare_pages, NULL);
	err = header_check_bad(header->bad, nr, raw->info.last_page, why);
	if (err)
		return err;
	/* A device that was cut to the limit has lost its last pages. */
	while (nr && header->bad[nr - 1] >= header->nr_slots)
		nr--;
	header->nr_bad = nr;
	if (nr == header->nr_slots - 1)
		return refuse(why, "damaged: every page is listed as bad", -EUCLEAN);
	return 0;
}

/* The label is shown to users and need not be text. */
static void import_label(char *to, const unsigned char *from, size_t len)
{
	for (; len && *from; len--, from++)
		*to++ = isascii(*from) && isprint(*from) ? *from : '?';
}

/**
 * swaptbl_header_parse() - check a swap header and take over what it says
 * @buf: what was read from the start of the device, aligned like a page
 * @len: length of @buf: 64 KiB or a page if that is more, less where the
 *	device is smaller
 * @bytes: size of the device
 * @header: where to put the result; all zero after a failure
 * @why: set to a static text when the header is refused, else left alone
 *
 * A header that claims more than SWAPTBL_SLOTS_MAX pages is cut to these, as
 * swapon does it. Page 0 is not in the list of bad slots.
 *
 * Context: Process context. May sleep.
 * Return: 0, or
 * -EMEDIUMTYPE no swap header, perhaps a hibernation image;
 * -EPROTONOSUPPORT not version 1;
 * -EILSEQ other byte order;
 * -EDOM other page size;
 * -EFBIG device smaller than the header says;
 * -EUCLEAN no page to use, or a list of bad pages that cannot be;
 * -ERANGE bad page 0 or beyond the last one;
 * -ENOTUNIQ bad page listed twice;
 * -ENOMEM no memory.
 */
int swaptbl_header_parse(const void *buf, size_t len, u64 bytes,
			 struct swaptbl_header *header, const char **why)
{
	const union swap_header *raw = buf;
	int err;

	memset(header, 0, sizeof(*header));
	err = header_check_signature(buf, len, why);
	if (err)
		return err;
	err = header_check_version(raw->info.version, why);
	if (err)
		return err;
	err = header_check_sizes(raw->info.last_page, raw->info.nr_badpages,
				 bytes >> PAGE_SHIFT, why);
	if (err)
		return err;
	header->nr_slots = min_t(u64, raw->info.last_page + 1ULL,
				 SWAPTBL_SLOTS_MAX);
	err = import_bad(raw, header, why);
	if (err) {
		swaptbl_header_release(header);
		return err;
	}
	import_label(header->label, raw->info.sws_volume,
		     sizeof(raw->info.sws_volume));
	import_uuid(&header->uuid, raw->info.sws_uuid);
	return 0;
}
EXPORT_SYMBOL_IF_KUNIT(swaptbl_header_parse);

/**
 * swaptbl_header_release() - free what swaptbl_header_parse() allocated
 * @header: parsed, failed, or all zero; all zero afterwards
 *
 * Context: Process context. May sleep.
 */
void swaptbl_header_release(struct swaptbl_header *header)
{
	kvfree(header->bad);
	memset(header, 0, sizeof(*header));
}
EXPORT_SYMBOL_IF_KUNIT(swaptbl_header_release);
