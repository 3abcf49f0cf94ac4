// SPDX-License-Identifier: GPL-2.0
/*
 * Tests of the content of a data file: swaptbl/data.c, data_fill.c, data_map.c.
 */
#include <kunit/test.h>
#include <linux/sizes.h>
#include <linux/slab.h>
#include <linux/uaccess.h>
#include <linux/uio.h>
#include <linux/vmalloc.h>

#include "../swaptbl/data.h"
#include "../swaptbl/folio.h"
#include "../swaptbl/reclaim.h"
#include "../swaptbl/stats.h"
#include "util.h"

#define SLOTS	SWAPTBL_CLUSTER_SLOTS
#define BITS	SWAPTBL_COUNT_BITS_MIN
#define PAGES	(2 * SLOTS)
#define BYTES	((size_t)PAGES * PAGE_SIZE)

static const unsigned int orders[] = { 0, 3, SWAPTBL_CLUSTER_ORDER };

static void order_desc(const unsigned int *order, char *desc)
{
	snprintf(desc, KUNIT_PARAM_DESC_SIZE, "order=%u", *order);
}

KUNIT_ARRAY_PARAM(order, orders, order_desc);

/**
 * struct scene - a device and its data file
 * @test: the case
 * @dev: the device
 * @buf: memory for BYTES bytes
 * @reader: who reads
 */
struct scene {
	struct kunit *test;
	struct swaptbl_device *dev;
	u8 *buf;
	struct swaptbl_reader reader;
};

static void free_buf(void *buf)
{
	vfree(buf);
}

static struct scene *scene_of_slots(struct kunit *test, unsigned long nr_slots,
				    unsigned int order)
{
	struct scene *scene = kunit_kzalloc(test, sizeof(*scene), GFP_KERNEL);

	KUNIT_ASSERT_NOT_NULL(test, scene);
	scene->test = test;
	scene->dev = swaptbl_test_device(test, nr_slots, BITS);
	scene->dev->data_order = order;
	scene->buf = vmalloc(BYTES);
	KUNIT_ASSERT_NOT_NULL(test, scene->buf);
	KUNIT_ASSERT_EQ(test, 0,
			kunit_add_action_or_reset(test, free_buf, scene->buf));
	return scene;
}

/* One page of the last cluster too many, so that no size fits by accident. */
static struct scene *scene_make(struct kunit *test, unsigned int order)
{
	return scene_of_slots(test, 4 * SLOTS + 1, order);
}

static unsigned int order_of(struct kunit *test)
{
	return *(const unsigned int *)test->param_value;
}

/* What belongs at a position: never 0. */
static u8 byte_at(loff_t pos, u8 seed)
{
	return 1 + (u32)(pos * 7 + (pos >> PAGE_SHIFT) * 13 + seed) % 255;
}

static void iter_make(struct scene *scene, struct kvec *kvec,
		      struct iov_iter *iter, unsigned int direction, size_t len)
{
	kvec->iov_base = scene->buf;
	kvec->iov_len = len;
	iov_iter_kvec(iter, direction, kvec, 1, len);
}

static ssize_t write_at(struct scene *scene, loff_t pos, size_t len, u8 seed)
{
	struct iov_iter iter;
	struct kvec kvec;
	size_t i;

	for (i = 0; i < len; i++)
		scene->buf[i] = byte_at(pos + i, seed);
	iter_make(scene, &kvec, &iter, ITER_SOURCE, len);
	return swaptbl_data_write(scene->dev, &iter, pos);
}

static ssize_t read_at(struct scene *scene, loff_t pos, size_t len)
{
	struct iov_iter iter;
	struct kvec kvec;

	memset(scene->buf, 0xee, len);
	iter_make(scene, &kvec, &iter, ITER_DEST, len);
	return swaptbl_data_read(scene->dev, &iter, pos, &scene->reader);
}

/* How many bytes from @pos on are right. */
static size_t right_at(struct scene *scene, loff_t pos, size_t len, u8 seed)
{
	ssize_t got = read_at(scene, pos, len), i;

	for (i = 0; i < got; i++)
		if (scene->buf[i] != byte_at(pos + i, seed))
			break;
	return i;
}

static size_t zeroes_at(struct scene *scene, loff_t pos, size_t len)
{
	ssize_t got = read_at(scene, pos, len), i;

	for (i = 0; i < got; i++)
		if (scene->buf[i])
			break;
	return i;
}

static long used(struct scene *scene)
{
	return atomic_long_read(&scene->dev->nr_used);
}

static void evict_all(struct scene *scene)
{
	KUNIT_ASSERT_EQ(scene->test, swaptbl_data_flush(scene->dev), 0);
	/* What it is evicting is locked, and would be passed over. */
	flush_work(&scene->dev->data->shrink_work);
	while (swaptbl_stat_sum(scene->dev, SWAPTBL_STAT_CACHED))
		if (!swaptbl_reclaim_pages(scene->dev, PAGES))
			break;
	KUNIT_EXPECT_EQ(scene->test, 0,
			swaptbl_stat_sum(scene->dev, SWAPTBL_STAT_CACHED));
}

/* All that the file had is gone, and nothing else was changed. */
static void scene_end(struct scene *scene)
{
	swaptbl_expect_verified(scene->test, scene->dev);
	KUNIT_EXPECT_EQ(scene->test, swaptbl_data_truncate(scene->dev), 0);
	KUNIT_EXPECT_EQ(scene->test, swaptbl_data_size(scene->dev), 0);
	KUNIT_EXPECT_EQ(scene->test, used(scene), 0);
	swaptbl_expect_verified(scene->test, scene->dev);
}

/* For cases that need many. */
static void scene_release(struct scene *scene)
{
	KUNIT_EXPECT_EQ(scene->test, 0,
			swaptbl_test_device_destroy(scene->test, scene->dev,
						    false));
	kunit_release_action(scene->test, free_buf, scene->buf);
}

static void written_is_read(struct kunit *test)
{
	struct scene *scene = scene_make(test, order_of(test));
	size_t len = BYTES - 100;

	KUNIT_EXPECT_EQ(test, write_at(scene, 0, len, 1), len);
	KUNIT_EXPECT_EQ(test, swaptbl_data_size(scene->dev), len);
	KUNIT_EXPECT_EQ(test, right_at(scene, 0, BYTES, 1), len);
	evict_all(scene);
	KUNIT_EXPECT_EQ(test, used(scene), PAGES);
	KUNIT_EXPECT_EQ(test, right_at(scene, 0, BYTES, 1), len);
	KUNIT_EXPECT_EQ(test, read_at(scene, len, 10), 0);
	KUNIT_EXPECT_EQ(test, right_at(scene, len - 10, 100, 1), 10);
	scene_end(scene);
}

static void odd_blocks(struct kunit *test)
{
	struct scene *scene = scene_make(test, order_of(test));
	const size_t len = 20 * PAGE_SIZE, block = PAGE_SIZE / 3 + 5;
	loff_t pos;

	for (pos = 0; pos < len; pos += block)
		KUNIT_EXPECT_EQ(test, write_at(scene, pos, block, 2), block);
	evict_all(scene);
	for (pos = 0; pos < len; pos += 2 * block + 1)
		KUNIT_EXPECT_EQ(test, right_at(scene, pos, block, 2), block);
	scene_end(scene);
}

/* As many requests as folios: each was as large as it could be. */
static void folios_have_order(struct kunit *test)
{
	unsigned int order = order_of(test);
	struct scene *scene = scene_make(test, order);
	size_t pos, step = PAGE_SIZE / 2 << order;

	for (pos = 0; pos < BYTES; pos += step)
		KUNIT_EXPECT_EQ(test, write_at(scene, pos, step, 3), step);
	evict_all(scene);
	KUNIT_EXPECT_EQ(test, PAGES >> order,
			swaptbl_stat_sum(scene->dev, SWAPTBL_STAT_WRITE_IO));
	KUNIT_EXPECT_EQ(test, right_at(scene, 0, BYTES, 3), BYTES);
	KUNIT_EXPECT_EQ(test, PAGES >> order,
			swaptbl_stat_sum(scene->dev, SWAPTBL_STAT_READ_IO));
	scene_end(scene);
}

/* 25 = 16 + 8 + 1 pages. */
static void fill_is_cut(struct kunit *test)
{
	struct scene *scene = scene_make(test, SWAPTBL_CLUSTER_ORDER);
	const size_t len = 25 * PAGE_SIZE;

	KUNIT_EXPECT_EQ(test, write_at(scene, 0, len, 4), len);
	evict_all(scene);
	KUNIT_EXPECT_EQ(test, used(scene), 25);
	scene->dev->readahead = 0;
	KUNIT_EXPECT_EQ(test, right_at(scene, 0, BYTES, 4), len);
	KUNIT_EXPECT_EQ(test, 3,
			swaptbl_stat_sum(scene->dev, SWAPTBL_STAT_READ_IO));
	KUNIT_EXPECT_EQ(test, 0, swaptbl_stat_sum(scene->dev,
						  SWAPTBL_STAT_SWAPIN_FALLBACK));
	scene_end(scene);
}

static void fill_is_evicted(struct kunit *test)
{
	struct scene *scene = scene_make(test, SWAPTBL_CLUSTER_ORDER);
	const size_t part = 5 * PAGE_SIZE + 77;

	KUNIT_EXPECT_EQ(test, write_at(scene, 0, part, 5), part);
	swaptbl_reclaim_pages(scene->dev, PAGES);
	KUNIT_EXPECT_EQ(test, used(scene), 6);
	KUNIT_EXPECT_EQ(test, write_at(scene, part, part, 5), part);
	evict_all(scene);
	KUNIT_EXPECT_EQ(test, right_at(scene, 0, BYTES, 5), 2 * part);
	scene_end(scene);
}

static void holes_read_as_zeroes(struct kunit *test)
{
	struct scene *scene = scene_make(test, order_of(test));
	const loff_t pos = 9 * PAGE_SIZE + 11;

	KUNIT_EXPECT_EQ(test, write_at(scene, pos, 50, 6), 50);
	KUNIT_EXPECT_EQ(test, write_at(scene, 40 * pos, 50, 6), 50);
	KUNIT_EXPECT_EQ(test, used(scene), 2);
	evict_all(scene);
	KUNIT_EXPECT_EQ(test, used(scene), 2);
	KUNIT_EXPECT_EQ(test, zeroes_at(scene, 0, pos), pos);
	KUNIT_EXPECT_EQ(test, right_at(scene, pos, 50, 6), 50);
	KUNIT_EXPECT_EQ(test, zeroes_at(scene, pos + 50, 39 * pos - 50),
			39 * pos - 50);
	KUNIT_EXPECT_EQ(test, right_at(scene, 40 * pos, 100, 6), 50);
	scene_end(scene);
}

/* A fill ends where the next page is no hole. */
static void hole_is_filled(struct kunit *test)
{
	struct scene *scene = scene_make(test, SWAPTBL_CLUSTER_ORDER);
	const size_t len = 30 * PAGE_SIZE;

	KUNIT_EXPECT_EQ(test, write_at(scene, 21 * PAGE_SIZE, PAGE_SIZE, 7),
			PAGE_SIZE);
	KUNIT_EXPECT_EQ(test, write_at(scene, 0, len, 8), len);
	evict_all(scene);
	KUNIT_EXPECT_EQ(test, used(scene), 30);
	KUNIT_EXPECT_EQ(test, right_at(scene, 0, len, 8), len);
	scene_end(scene);
}

static void overwrite_keeps_slots(struct kunit *test)
{
	struct scene *scene = scene_make(test, order_of(test));
	const size_t len = 40 * PAGE_SIZE;
	const loff_t pos = 3 * PAGE_SIZE + 9;
	long allocated;

	KUNIT_EXPECT_EQ(test, write_at(scene, 0, len, 9), len);
	evict_all(scene);
	allocated = swaptbl_stat_sum(scene->dev, SWAPTBL_STAT_ALLOC);
	KUNIT_EXPECT_EQ(test, write_at(scene, pos, 2 * pos, 10), 2 * pos);
	evict_all(scene);
	KUNIT_EXPECT_EQ(test, swaptbl_stat_sum(scene->dev, SWAPTBL_STAT_ALLOC),
			allocated);
	KUNIT_EXPECT_EQ(test, right_at(scene, 0, pos, 9), pos);
	KUNIT_EXPECT_EQ(test, right_at(scene, pos, 2 * pos, 10), 2 * pos);
	KUNIT_EXPECT_EQ(test, right_at(scene, 3 * pos, BYTES, 9), len - 3 * pos);
	scene_end(scene);
}

/* A folio that another one's slots keep from its order, then none at all. */
static void no_space(struct kunit *test)
{
	struct scene *scene = scene_of_slots(test, SLOTS, SWAPTBL_CLUSTER_ORDER);
	const size_t room = (SLOTS - 1) * PAGE_SIZE;

	KUNIT_EXPECT_EQ(test, write_at(scene, 0, BYTES, 11), room);
	KUNIT_EXPECT_EQ(test, write_at(scene, room, 1, 11), -ENOSPC);
	KUNIT_EXPECT_EQ(test, swaptbl_data_size(scene->dev), room);
	evict_all(scene);
	KUNIT_EXPECT_EQ(test, right_at(scene, 0, BYTES, 11), room);
	scene_end(scene);
}

static void bad_positions(struct kunit *test)
{
	struct scene *scene = scene_make(test, 0);

	KUNIT_EXPECT_EQ(test, write_at(scene, -1, 1, 0), -EFBIG);
	KUNIT_EXPECT_EQ(test, write_at(scene, LLONG_MAX, 1, 0), -EFBIG);
	KUNIT_EXPECT_EQ(test, write_at(scene, LLONG_MAX - 5, 9, 0), -EFBIG);
	KUNIT_EXPECT_EQ(test, read_at(scene, -1, 1), -EINVAL);
	KUNIT_EXPECT_EQ(test, read_at(scene, LLONG_MAX, 1), 0);
	KUNIT_EXPECT_EQ(test, write_at(scene, 5, 0, 0), 0);
	KUNIT_EXPECT_EQ(test, swaptbl_data_size(scene->dev), 0);
	KUNIT_EXPECT_EQ(test, used(scene), 0);
	scene_end(scene);
}

/* Memory that no kernel thread has. */
static ssize_t use_nowhere(struct scene *scene, unsigned int direction,
			   loff_t pos)
{
	struct iov_iter iter;
	ssize_t ret;

	iov_iter_ubuf(&iter, direction, (void __user *)PAGE_SIZE, 100);
	pagefault_disable();
	ret = direction == ITER_SOURCE ?
	      swaptbl_data_write(scene->dev, &iter, pos) :
	      swaptbl_data_read(scene->dev, &iter, pos, &scene->reader);
	pagefault_enable();
	return ret;
}

static void bad_memory(struct kunit *test)
{
	struct scene *scene = scene_make(test, 3);

	KUNIT_EXPECT_EQ(test, use_nowhere(scene, ITER_SOURCE, 0), -EFAULT);
	KUNIT_EXPECT_EQ(test, used(scene), 0);
	KUNIT_EXPECT_EQ(test, swaptbl_data_size(scene->dev), 0);
	KUNIT_EXPECT_EQ(test, write_at(scene, 0, 100, 12), 100);
	KUNIT_EXPECT_EQ(test, use_nowhere(scene, ITER_SOURCE, 50), -EFAULT);
	KUNIT_EXPECT_EQ(test, use_nowhere(scene, ITER_SOURCE, 100), -EFAULT);
	KUNIT_EXPECT_EQ(test, use_nowhere(scene, ITER_DEST, 0), -EFAULT);
	KUNIT_EXPECT_EQ(test, right_at(scene, 0, 200, 12), 100);
	scene_end(scene);
}

/*
 * Whatever fails: what was said to be written is there, and the rest is not. The
 * content ends where the first write did, or a failed one stopped.
 */
static bool fail_once(struct kunit *test, unsigned int fail_at,
		      unsigned int fail_io_at)
{
	struct scene *scene = scene_make(test, 3);
	struct swaptbl_test_hooks hooks = {
		.fail_at = fail_at,
		.fail_io_at = fail_io_at,
	};
	const size_t len = 11 * PAGE_SIZE + 5;
	ssize_t first, second;

	scene->dev->readahead = 0;
	swaptbl_test_hooks_begin(&hooks);
	first = write_at(scene, 0, len, 13);
	swaptbl_data_flush(scene->dev);
	second = write_at(scene, 3, 10, 14);
	if (second < 0)
		second = 0;
	read_at(scene, 0, BYTES);
	swaptbl_test_hooks_end(&hooks);
	KUNIT_EXPECT_NE(test, first, 0);
	first = max(first, 0);
	KUNIT_EXPECT_EQ(test, swaptbl_data_size(scene->dev),
			max(first, second ? 3 + second : 0));
	KUNIT_EXPECT_EQ(test, right_at(scene, 3, second, 14), second);
	if (first)
		KUNIT_EXPECT_EQ(test, right_at(scene, 3 + second, BYTES, 13),
				first - 3 - second);
	scene_end(scene);
	scene_release(scene);
	return hooks.allocs >= fail_at && hooks.ios >= fail_io_at;
}

static void each_allocation_fails(struct kunit *test)
{
	unsigned int i;

	for (i = 1; fail_once(test, i, 0); i++)
		KUNIT_ASSERT_LT(test, i, 1000);
	KUNIT_EXPECT_GT(test, i, 4);
}

static void each_request_fails(struct kunit *test)
{
	unsigned int i;

	for (i = 1; fail_once(test, 0, i); i++)
		KUNIT_ASSERT_LT(test, i, 1000);
	KUNIT_EXPECT_GT(test, i, 3);
}

static bool fail_every_write(void *data, enum swaptbl_io_op op,
			     unsigned long offset)
{
	return op == SWAPTBL_IO_WRITE;
}

/* What cannot be written is kept, up to a limit, and is written in the end. */
static void writes_pile_up(struct kunit *test)
{
	const struct swaptbl_sync_hooks hooks = { .fail_io = fail_every_write };
	const size_t block = 64 * PAGE_SIZE;
	struct scene *scene = scene_of_slots(test, SZ_64M >> PAGE_SHIFT, 4);
	loff_t pos = 0;
	ssize_t ret;

	/* The hooks are for this task only, so it does everything itself. */
	disable_work_sync(&scene->dev->data->shrink_work);
	scene->dev->cache_max = 0;
	swaptbl_sync_install(&hooks);
	do {
		ret = write_at(scene, pos, block, 15);
		pos += max(ret, 0);
	} while (ret > 0 && pos < SZ_64M);
	swaptbl_sync_remove();
	enable_work(&scene->dev->data->shrink_work);
	KUNIT_EXPECT_EQ(test, ret, -EIO);
	KUNIT_EXPECT_GE(test, pos, SWAPTBL_DATA_FLIGHT_BYTES);
	KUNIT_EXPECT_EQ(test, swaptbl_data_size(scene->dev), pos);
	KUNIT_EXPECT_EQ(test, write_at(scene, pos, block, 15), block);
	evict_all(scene);
	for (pos -= pos % block; pos >= 0; pos -= block)
		KUNIT_EXPECT_EQ(test, right_at(scene, pos, block, 15), block);
	scene_end(scene);
}

/* With small folios, large ones, and none that are as the reader expects. */
static void order_changes(struct kunit *test)
{
	struct scene *scene = scene_make(test, SWAPTBL_CLUSTER_ORDER);
	const size_t part = 37 * PAGE_SIZE;
	unsigned int i;

	for (i = 0; i < 12; i++) {
		scene->dev->data_order = i % SWAPTBL_NR_ORDERS;
		KUNIT_EXPECT_EQ(test, write_at(scene, i * part, part, 16), part);
		if (i % 3)
			evict_all(scene);
	}
	scene->dev->cache_max = 20;
	KUNIT_EXPECT_EQ(test, right_at(scene, 0, BYTES, 16), 12 * part);
	KUNIT_EXPECT_EQ(test, used(scene), 12 * 37);
	scene_end(scene);
}

/* Somebody took the counts away: what is left of the file still goes. */
static void counts_are_stolen(struct kunit *test)
{
	struct scene *scene = scene_make(test, 3);

	KUNIT_EXPECT_EQ(test, write_at(scene, 0, 8 * PAGE_SIZE, 17),
			8 * PAGE_SIZE);
	evict_all(scene);
	KUNIT_EXPECT_EQ(test, 0,
			swaptbl_put_entries_direct(swp_entry(scene->dev->type, 9),
						   1));
	KUNIT_EXPECT_EQ(test, read_at(scene, PAGE_SIZE, 1), -ENOENT);
	scene_end(scene);
}

/* A removal that killed the reference may be put off afterwards. */
static void truncate_while_users_are_waited_for(struct kunit *test)
{
	struct scene *scene = scene_make(test, 2);
	struct swaptbl_device *dev = scene->dev;

	KUNIT_ASSERT_EQ(test, write_at(scene, 0, 16 * PAGE_SIZE, 1),
			16 * PAGE_SIZE);
	KUNIT_ASSERT_EQ(test, 0, swaptbl_data_flush(dev));
	percpu_ref_get(&dev->ref);
	percpu_ref_kill(&dev->ref);
	KUNIT_EXPECT_EQ(test, 0, swaptbl_data_truncate(dev));
	percpu_ref_resurrect(&dev->ref);
	percpu_ref_put(&dev->ref);
	KUNIT_EXPECT_EQ(test, swaptbl_data_size(dev), 0);
	KUNIT_EXPECT_EQ(test, atomic_long_read(&dev->nr_used), 0);
	swaptbl_expect_verified(test, dev);
}

static struct kunit_case swaptbl_data_cases[] = {
	KUNIT_CASE_PARAM(written_is_read, order_gen_params),
	KUNIT_CASE_PARAM(odd_blocks, order_gen_params),
	KUNIT_CASE_PARAM(folios_have_order, order_gen_params),
	KUNIT_CASE(fill_is_cut),
	KUNIT_CASE(fill_is_evicted),
	KUNIT_CASE_PARAM(holes_read_as_zeroes, order_gen_params),
	KUNIT_CASE(hole_is_filled),
	KUNIT_CASE_PARAM(overwrite_keeps_slots, order_gen_params),
	KUNIT_CASE(no_space),
	KUNIT_CASE(bad_positions),
	KUNIT_CASE(bad_memory),
	KUNIT_CASE_SLOW(each_allocation_fails),
	KUNIT_CASE_SLOW(each_request_fails),
	KUNIT_CASE_SLOW(writes_pile_up),
	KUNIT_CASE(order_changes),
	KUNIT_CASE(counts_are_stolen),
	KUNIT_CASE(truncate_while_users_are_waited_for),
	{}
};

static struct kunit_suite swaptbl_data_suite = {
	.name = "swaptbl_data",
	.test_cases = swaptbl_data_cases,
};

kunit_test_suite(swaptbl_data_suite);
