/* SPDX-License-Identifier: GPL-2.0 */
/*
 * A make-believe page table: an owner that takes its pages home.
 */
#ifndef _SWAPTBL_KUNIT_HOME_H
#define _SWAPTBL_KUNIT_HOME_H

#include <kunit/test.h>

#include "../swaptbl/device.h"
#include "util.h"

#define SWAPTBL_HOME_PTES	96

/**
 * struct swaptbl_home_pte - one page of an owner
 * @entry: where it is while it is swapped, with one count; 0 when it is home
 * @number: page of @seed, see swaptbl_test_fill_page()
 * @seed: its content
 * @page: where it is when it is home
 */
struct swaptbl_home_pte {
	swp_entry_t entry;
	unsigned int number;
	u32 seed;
	struct folio *page;
};

/**
 * struct swaptbl_home - a make-believe page table
 * @owner: what the engine knows of it
 * @dev: the device
 * @pte: its pages
 * @nr: number of @pte
 * @calls: how often it was asked
 * @fail_at: ordinal of the call that it refuses, from 1; 0 for none
 * @stray: it was asked for a folio that was not locked, complete and bound
 * @folio: of the other actor
 * @err: of what the other actor did
 */
struct swaptbl_home {
	struct swaptbl_owner owner;
	struct swaptbl_device *dev;
	struct swaptbl_home_pte pte[SWAPTBL_HOME_PTES];
	unsigned int nr;
	unsigned int calls;
	unsigned int fail_at;
	bool stray;
	struct folio *folio;
	int err;
};

/* Where the data of a page is when the device goes. */
enum swaptbl_home_where {
	SWAPTBL_HOME_CACHED,	/* nowhere but in the cache */
	SWAPTBL_HOME_CLEAN,	/* in both */
	SWAPTBL_HOME_STORED,	/* in the store */
};

struct swaptbl_home *swaptbl_home_alloc(struct kunit *test);
void swaptbl_home_register(struct kunit *test, struct swaptbl_home *home,
			   struct swaptbl_device *dev);
struct swaptbl_home *swaptbl_home_make(struct kunit *test);
void swaptbl_home_add_page(struct kunit *test, struct swaptbl_home *home,
			   unsigned long offset, unsigned int number, u32 seed);
unsigned long swaptbl_home_add(struct kunit *test, struct swaptbl_home *home,
			       unsigned int order, unsigned int counts,
			       enum swaptbl_home_where where);
int swaptbl_home_destroy(struct kunit *test, struct swaptbl_home *home);
int swaptbl_home_destroy_with(struct kunit *test, struct swaptbl_home *home,
			      struct swaptbl_test_hooks *hooks);
void swaptbl_home_expect(struct kunit *test, const struct swaptbl_home *home);
void swaptbl_home_expect_works(struct kunit *test,
			       const struct swaptbl_home *home);

#endif /* _SWAPTBL_KUNIT_HOME_H */
