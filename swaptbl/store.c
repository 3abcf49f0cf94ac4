// SPDX-License-Identifier: GPL-2.0
/*
 * Requests to a store: their memory, their ends, and what is counted of them.
 *
 * A request that ends in an interrupt and has to take a cluster lock is carried
 * over to a workqueue, so that no lock of the engine is ever taken in one.
 */
#define pr_fmt(fmt) "swaptbl: " fmt

#include <kunit/visibility.h>
#include <linux/blkdev.h>
#include <linux/mempool.h>
#include <linux/mm.h>

#include "device.h"
#include "stats.h"
#include "store.h"
#include "store_bdev.h"
#include "trace.h"

/* As many requests make progress when there is no memory for more. */
#define IO_RESERVE	64

static struct workqueue_struct *store_wq;
static mempool_t *io_pool;

/**
 * swaptbl_stores_create() - make what all stores share
 *
 * Context: Process context. May sleep.
 * Return: 0 or -ENOMEM.
 */
int swaptbl_stores_create(void)
{
	store_wq = alloc_workqueue("swaptbl", WQ_MEM_RECLAIM | WQ_UNBOUND, 0);
	if (!store_wq)
		return -ENOMEM;
	io_pool = mempool_create_kmalloc_pool(IO_RESERVE,
					      sizeof(struct swaptbl_io));
	if (io_pool)
		return 0;
	destroy_workqueue(store_wq);
	return -ENOMEM;
}

/**
 * swaptbl_stores_destroy() - undo swaptbl_stores_create()
 *
 * Context: Process context. May sleep. There is no device any more.
 */
void swaptbl_stores_destroy(void)
{
	destroy_workqueue(store_wq);
	mempool_destroy(io_pool);
}

/**
 * swaptbl_store_queue() - have a work item done in process context
 * @work: the item
 *
 * Context: Any context.
 * Return: false if it was queued already.
 */
bool swaptbl_store_queue(struct work_struct *work)
{
	return queue_work(store_wq, work);
}

/**
 * swaptbl_store_open() - give a device its store
 * @dev: device in setup; gets its store, and with a block device its header
 * @params: what it is made from
 * @why: set to a sentence for people on failure
 *
 * Context: Process context. May sleep.
 * Return: 0; -EOPNOTSUPP if discard is asked of a block device that has none; or
 * as swaptbl_bdev_open().
 */
int swaptbl_store_open(struct swaptbl_device *dev,
		       const struct swaptbl_params *params, const char **why)
{
	int err;

	if (!params->path) {
		dev->store = &swaptbl_store_ram;
		dev->discards = true;
		return 0;
	}
	err = swaptbl_bdev_open(dev, params->path, why);
	if (err)
		return err;
	dev->discards = params->discard;
	if (!params->discard ||
	    bdev_max_discard_sectors(file_bdev(dev->bdev_file))) {
		dev->store = &swaptbl_store_bdev;
		return 0;
	}
	*why = "the block device cannot discard";
	swaptbl_bdev_close(dev);
	return -EOPNOTSUPP;
}

/**
 * swaptbl_store_close() - undo swaptbl_store_open()
 * @dev: device, also one without a store; nothing is under way on it
 *
 * What was written is made durable first.
 *
 * Context: Process context. May sleep.
 */
void swaptbl_store_close(struct swaptbl_device *dev)
{
	int err;

	if (!dev->store)
		return;
	err = dev->store->flush(dev);
	if (err)
		pr_warn("dev%u: cannot flush the store: %pe\n", dev->type,
			ERR_PTR(err));
	dev->store->close(dev);
	dev->store = NULL;
}

/**
 * swaptbl_store_discard() - tell the store that slots hold nothing
 * @dev: the device
 * @offset: first slot of the device
 * @nr: number of slots; nobody can write to them meanwhile
 *
 * Context: Process context. May sleep. The caller has a reference to @dev.
 * Return: 0; -EIO or what else the store says.
 */
int swaptbl_store_discard(struct swaptbl_device *dev, unsigned long offset,
			  unsigned int nr)
{
	might_sleep();
	if (swaptbl_should_fail_io(SWAPTBL_IO_DISCARD, offset))
		return -EIO;
	return dev->store->discard(dev, offset, nr);
}
EXPORT_SYMBOL_IF_KUNIT(swaptbl_store_discard);

/**
 * swaptbl_io_alloc() - make a request
 * @dev: the device; the request has a reference to it until it is freed
 * @folio: folio, whole
 * @offset: first of its slots of the device
 * @op: SWAPTBL_IO_READ or SWAPTBL_IO_WRITE
 * @gfp: how to allocate; who has a request already must not sleep for another one,
 *	as the reserve is filled up by those that end
 *
 * Context: Process context, and as @gfp says. The caller has a reference to @dev.
 * Return: the request with a reference; NULL only if @gfp does not allow to sleep.
 * Undo with swaptbl_io_put().
 */
struct swaptbl_io *swaptbl_io_alloc(struct swaptbl_device *dev,
				    struct folio *folio, unsigned long offset,
				    enum swaptbl_io_op op, gfp_t gfp)
{
	struct swaptbl_io *io = mempool_alloc(io_pool, gfp);

	if (!io)
		return NULL;
	percpu_ref_get(&dev->ref);
	io->dev = dev;
	io->folio = folio;
	io->offset = offset;
	io->op = op;
	io->err = 0;
	io->data = NULL;
	refcount_set(&io->users, 1);
	io->shadows = NULL;
	return io;
}

/**
 * swaptbl_io_put() - drop a reference to a request
 * @io: the request or NULL
 *
 * Context: Any context. The device may go away.
 */
void swaptbl_io_put(struct swaptbl_io *io)
{
	struct swaptbl_device *dev;

	if (!io || !refcount_dec_and_test(&io->users))
		return;
	dev = io->dev;
	kfree(io->shadows);
	mempool_free(io, io_pool);
	percpu_ref_put(&dev->ref);
}

/**
 * swaptbl_io_submit() - begin a request
 * @io: the request; it may have ended and be gone on return
 *
 * Context: Process context. May sleep. Expects the lock of the folio to be held
 * until the request has ended.
 */
void swaptbl_io_submit(struct swaptbl_io *io)
{
	might_sleep();
	if (swaptbl_should_fail_io(io->op, io->offset))
		swaptbl_io_end(io, -EIO);
	else
		io->dev->store->submit(io);
}

static void account_error(struct swaptbl_io *io)
{
	swaptbl_stat_inc(io->dev, io->op == SWAPTBL_IO_READ ?
			 SWAPTBL_STAT_READ_ERROR : SWAPTBL_STAT_WRITE_ERROR);
	trace_swaptbl_io_error(io->dev->type, io->offset,
			       folio_nr_pages(io->folio),
			       io->op == SWAPTBL_IO_WRITE, io->err);
}

static void account(struct swaptbl_io *io)
{
	bool read = io->op == SWAPTBL_IO_READ;

	if (io->err) {
		account_error(io);
		return;
	}
	swaptbl_stat_add(io->dev, read ? SWAPTBL_STAT_READ : SWAPTBL_STAT_WRITE,
			 folio_nr_pages(io->folio));
	swaptbl_stat_inc(io->dev, read ? SWAPTBL_STAT_READ_IO :
					 SWAPTBL_STAT_WRITE_IO);
}

/**
 * swaptbl_io_end() - say that a request has ended
 * @io: the request, gone on return
 * @err: 0 or an errno
 *
 * Context: Process context; any context for a read that succeeded.
 */
void swaptbl_io_end(struct swaptbl_io *io, int err)
{
	io->err = err;
	account(io);
	io->end(io);
}
EXPORT_SYMBOL_IF_KUNIT(swaptbl_io_end);

static void end_in_process(struct work_struct *work)
{
	struct swaptbl_io *io = container_of(work, struct swaptbl_io, work);

	swaptbl_io_end(io, io->err);
}

/**
 * swaptbl_io_end_any() - say from anywhere that a request has ended
 * @io: the request, gone on return or soon after
 * @err: 0 or an errno
 *
 * Context: Any context.
 */
void swaptbl_io_end_any(struct swaptbl_io *io, int err)
{
	/* It needs no lock; see struct swaptbl_io. */
	if (io->op == SWAPTBL_IO_READ && !err) {
		swaptbl_io_end(io, 0);
		return;
	}
	io->err = err;
	INIT_WORK(&io->work, end_in_process);
	swaptbl_store_queue(&io->work);
}
