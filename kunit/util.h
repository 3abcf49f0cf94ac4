/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What the suites share: devices and folios that clean up after themselves,
 * hooks at sync points, snapshots of a cluster, random numbers.
 */
#ifndef _SWAPTBL_KUNIT_UTIL_H
#define _SWAPTBL_KUNIT_UTIL_H

#include <kunit/test.h>
#include <linux/prandom.h>

#include "../swaptbl/device.h"
#include "../swaptbl/entry.h"
#include "../swaptbl/group.h"
#include "../swaptbl/sync.h"
#include "../swaptbl/verify.h"

extern bool swaptbl_test_long;
extern bool swaptbl_test_lru_gen;
extern unsigned long swaptbl_test_seed;
extern char *swaptbl_test_disk;

/*
 * Every legal width as a parameter. How many there are depends on the
 * architecture, so that the place in the array says which one it is.
 */
#define SWAPTBL_TEST_NR_WIDTHS \
	(SWAPTBL_COUNT_BITS_MAX - SWAPTBL_COUNT_BITS_MIN + 1)
extern const char swaptbl_test_widths[SWAPTBL_TEST_NR_WIDTHS];
unsigned int swaptbl_test_width(const void *param);
void swaptbl_test_width_desc(const char *width, char *desc);

/* The oracle found nothing wrong. */
#define swaptbl_expect_verified(test, dev) \
	KUNIT_EXPECT_EQ(test, swaptbl_verify(dev, NULL), 0)

/* Files, for the kernel threads that cases are. */
int swaptbl_test_fs_init(struct kunit_suite *suite);
void swaptbl_test_fs_swap(const char *path);

/* Devices; all assert that they are made, and go with the test. */
struct swaptbl_device *swaptbl_test_device_make(struct kunit *test,
						const struct swaptbl_params *params);
struct swaptbl_device *swaptbl_test_device(struct kunit *test,
					   unsigned long nr_slots,
					   unsigned int count_bits);
struct swaptbl_device *swaptbl_test_device_prio(struct kunit *test,
						unsigned long nr_slots,
						int prio);
struct swaptbl_device *swaptbl_test_device_disk(struct kunit *test, bool discard,
						const u32 *bad,
						unsigned int nr_bad);
int swaptbl_test_device_destroy(struct kunit *test, struct swaptbl_device *dev,
				bool drop);
void swaptbl_test_device_gone(struct kunit *test, struct swaptbl_device *dev);

/* Folios, locked; they go with the test. */
struct folio *swaptbl_test_folio(struct kunit *test, unsigned int order);
void swaptbl_test_folio_adopt(struct kunit *test, struct folio *folio);
void swaptbl_test_folio_free(struct kunit *test, struct folio *folio);
struct folio *swaptbl_test_bound(struct kunit *test, struct swaptbl_device *dev,
				 unsigned int order);
unsigned long swaptbl_test_offset(const struct folio *folio);

/* Groups that last as long as the module, for cases that are not about groups. */
#define SWAPTBL_TEST_OWNERS	3
struct swaptbl_group *swaptbl_test_owner(unsigned int owner);
unsigned int swaptbl_test_charge(struct kunit *test, struct folio *folio,
				 unsigned int owner);
int swaptbl_test_owners_create(void);
void swaptbl_test_owners_destroy(void);

/* Slots. */
int swaptbl_test_unbind(struct folio *folio);
long swaptbl_test_swap_out(struct swaptbl_device *dev, struct folio *folio);
unsigned long swaptbl_test_swapped(struct kunit *test,
				   struct swaptbl_device *dev,
				   unsigned int order, unsigned long count);
int swaptbl_test_dup(struct swaptbl_device *dev, unsigned long offset,
		     unsigned long count);
int swaptbl_test_put(struct swaptbl_device *dev, unsigned long offset,
		     unsigned long count);
unsigned long swaptbl_test_word(struct swaptbl_device *dev,
				unsigned long offset);
unsigned long swaptbl_test_exact(struct swaptbl_device *dev,
				 unsigned long offset);
u32 swaptbl_test_units(struct swaptbl_device *dev, unsigned long offset);
void swaptbl_test_change_word(struct swaptbl_device *dev, unsigned long offset,
			      unsigned long bits);
int swaptbl_test_make_exclusive(struct swaptbl_device *dev,
				unsigned long offset);

/**
 * struct swaptbl_test_snapshot - all counts of one cluster, bit by bit
 * @word: words
 * @units: what the overflow store has of them
 * @nr_overflowed: slots in the store
 */
struct swaptbl_test_snapshot {
	unsigned long word[SWAPTBL_CLUSTER_SLOTS];
	u32 units[SWAPTBL_CLUSTER_SLOTS];
	unsigned int nr_overflowed;
};

struct swaptbl_test_snapshot *swaptbl_test_snapshot(struct kunit *test,
						    struct swaptbl_device *dev,
						    unsigned long offset);
bool swaptbl_test_unchanged(struct swaptbl_device *dev, unsigned long offset,
			    const struct swaptbl_test_snapshot *before);

/**
 * struct swaptbl_test_hooks - the other actor, failing allocations and I/O
 * @point: where @actor runs
 * @actor: runs once, the first time that @point is passed; NULL for none
 * @arg: for @actor
 * @fail_at: ordinal of the allocation to fail, from 1; 0 for none
 * @fail_from: ordinal of the first of those to fail, from 1; 0 for none
 * @fail_io_at: ordinal of the request to the store to fail, from 1; 0 for none
 * @passed: how often @point was passed
 * @allocs: allocations asked for
 * @site: the same by site
 * @ios: requests made of the store
 * @io: the same by kind
 * @hooks: for the engine
 * @acting: @actor runs; what it passes and allocates is its own affair
 *
 * For the calling task from _begin() to _end(). Cleanup after an aborted case
 * runs in another task, so that nothing in between may assert.
 */
struct swaptbl_test_hooks {
	enum swaptbl_sync_point point;
	void (*actor)(void *arg);
	void *arg;
	unsigned int fail_at;
	unsigned int fail_from;
	unsigned int fail_io_at;
	unsigned int passed;
	unsigned int allocs;
	unsigned int site[SWAPTBL_NR_MEM];
	unsigned int ios;
	unsigned int io[SWAPTBL_IO_DISCARD + 1];
	struct swaptbl_sync_hooks hooks;
	bool acting;
};

void swaptbl_test_hooks_begin(struct swaptbl_test_hooks *hooks);
void swaptbl_test_hooks_end(struct swaptbl_test_hooks *hooks);

/* Data: pages that differ from each other and tell whose they are. */
void swaptbl_test_fill_page(struct folio *folio, unsigned int page,
			    unsigned int number, u32 seed);
bool swaptbl_test_page_filled(struct folio *folio, unsigned int page,
			      unsigned int number, u32 seed);
void swaptbl_test_fill(struct folio *folio, u32 seed);
bool swaptbl_test_filled(struct folio *folio, unsigned int page, u32 seed);
unsigned long swaptbl_test_evicted(struct kunit *test,
				   struct swaptbl_device *dev,
				   unsigned int order, u32 seed);
int swaptbl_test_evict_slot(struct swaptbl_device *dev, unsigned long offset);
struct folio *swaptbl_test_swapin(struct kunit *test,
				  struct swaptbl_device *dev,
				  unsigned long offset, unsigned int order);
void swaptbl_test_expect_stored(struct kunit *test, struct swaptbl_device *dev,
				unsigned long offset, unsigned int nr, u32 seed);

/* Random numbers from the seed of the module, or one that is printed. */
void swaptbl_test_random(struct kunit *test, struct rnd_state *rnd);
unsigned int swaptbl_test_below(struct rnd_state *rnd, unsigned int limit);

#endif /* _SWAPTBL_KUNIT_UTIL_H */
