/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Stores: where the data of swapped slots is.
 */
#ifndef _SWAPTBL_STORE_H
#define _SWAPTBL_STORE_H

#include <linux/blk_types.h>
#include <linux/completion.h>
#include <linux/refcount.h>
#include <linux/types.h>
#include <linux/workqueue.h>

#include "sync.h"

struct folio;
struct swaptbl_device;
struct swaptbl_params;

/**
 * struct swaptbl_io - one request to a store: a folio and its slots
 * @dev: the device, with a reference
 * @folio: locked until the request has ended
 * @offset: first slot of the device
 * @op: SWAPTBL_IO_READ or SWAPTBL_IO_WRITE
 * @err: result, once it has ended
 * @end: called once, after @err was set: in process context, but for a read that
 *	succeeded, which may end in an interrupt. Drops the reference of the request.
 * @data: for @end
 * @users: references; the last one frees the request
 * @reader: of a swap in: an enum swaptbl_reader_state, see swapin.c
 * @done: of a swap in: completed when the reader has got the lock of the folio
 * @shadow: of a folio of one page that is swapped in: its word before
 * @shadows: of a larger one: its words before, by slot
 * @work: for ends that came in an interrupt
 * @bio: for stores that use one
 * @bvec: its only segment
 */
struct swaptbl_io {
	struct swaptbl_device *dev;
	struct folio *folio;
	unsigned long offset;
	enum swaptbl_io_op op;
	int err;
	void (*end)(struct swaptbl_io *io);
	void *data;
	refcount_t users;
	atomic_t reader;
	struct completion done;
	unsigned long shadow;
	unsigned long *shadows;
	struct work_struct work;
	struct bio bio;
	struct bio_vec bvec;
};

/**
 * struct swaptbl_store_ops - what a store can do
 * @name: as debugfs shows it
 * @submit: begin a request; ends with swaptbl_io_end() or swaptbl_io_end_any().
 *	Process context, may sleep.
 * @discard: forget the data of @nr slots from slot @offset on. Process context, may
 *	sleep. Returns 0 or an errno.
 * @flush: make durable what was written. Process context, may sleep. Returns 0 or an
 *	errno.
 * @close: undo the opening. Process context, may sleep.
 */
struct swaptbl_store_ops {
	const char *name;
	void (*submit)(struct swaptbl_io *io);
	int (*discard)(struct swaptbl_device *dev, unsigned long offset,
		       unsigned int nr);
	int (*flush)(struct swaptbl_device *dev);
	void (*close)(struct swaptbl_device *dev);
};

extern const struct swaptbl_store_ops swaptbl_store_ram;
extern const struct swaptbl_store_ops swaptbl_store_bdev;

int swaptbl_stores_create(void);
void swaptbl_stores_destroy(void);
int swaptbl_store_open(struct swaptbl_device *dev,
		       const struct swaptbl_params *params, const char **why);
void swaptbl_store_close(struct swaptbl_device *dev);
int swaptbl_store_discard(struct swaptbl_device *dev, unsigned long offset,
			  unsigned int nr);
bool swaptbl_store_queue(struct work_struct *work);

struct swaptbl_io *swaptbl_io_alloc(struct swaptbl_device *dev,
				    struct folio *folio, unsigned long offset,
				    enum swaptbl_io_op op, gfp_t gfp);
void swaptbl_io_submit(struct swaptbl_io *io);
void swaptbl_io_end(struct swaptbl_io *io, int err);
void swaptbl_io_end_any(struct swaptbl_io *io, int err);
void swaptbl_io_put(struct swaptbl_io *io);

#endif /* _SWAPTBL_STORE_H */
