/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The data file of a device: its content is in the slots of the device.
 */
#ifndef _SWAPTBL_DATA_H
#define _SWAPTBL_DATA_H

#include <linux/rwsem.h>
#include <linux/types.h>
#include <linux/workqueue.h>
#include <linux/xarray.h>

struct folio;
struct iov_iter;
struct swaptbl_device;

/* Folios, and bytes, that may be on their way to the store at once. */
#define SWAPTBL_DATA_FLIGHT		64
#define SWAPTBL_DATA_FLIGHT_BYTES	SZ_8M

/**
 * struct swaptbl_fill - the folio that sequential writes fill
 * @folio: bound, with a reference, dirty, unlocked between two writes; NULL for none
 * @slot: its first slot
 * @index: its first page of the file
 * @nr: pages of it that are part of the file; their slots have a count
 * @end: position in the file behind the last byte written, in bytes
 * @zeroed: what is behind @end is zero
 */
struct swaptbl_fill {
	struct folio *folio;
	unsigned long slot;
	pgoff_t index;
	unsigned int nr;
	loff_t end;
	bool zeroed;
};

/**
 * struct swaptbl_flight - folios on their way to the store, first in, first out
 * @folio: ring of folios, each with a reference, unlocked when it has arrived
 * @first: the oldest one
 * @nr: how many
 * @bytes: their size
 */
struct swaptbl_flight {
	struct folio *folio[SWAPTBL_DATA_FLIGHT];
	unsigned int first;
	unsigned int nr;
	size_t bytes;
};

/**
 * struct swaptbl_data - content of a data file
 * @lock: protects what follows; shared for reads, exclusive for changes. Taken
 *	outside of all locks of the engine.
 * @map: slot by page of the file, see data_map.c; nothing for a hole
 * @size: of the file, in bytes
 * @fill: see struct swaptbl_fill
 * @flight: see struct swaptbl_flight
 * @shrink_work: makes the cache small again; takes no lock of these
 * @dev: the device
 */
struct swaptbl_data {
	struct rw_semaphore lock; /* all but @shrink_work and @dev */
	struct xarray map;
	loff_t size;
	struct swaptbl_fill fill;
	struct swaptbl_flight flight;
	struct work_struct shrink_work;
	struct swaptbl_device *dev;
};

/**
 * struct swaptbl_reader - what one reader is up to, a hint
 * @next: page of the file behind its last read
 * @ahead: up to where pages were asked for already
 */
struct swaptbl_reader {
	pgoff_t next;
	pgoff_t ahead;
};

int swaptbl_data_create(struct swaptbl_device *dev);
void swaptbl_data_destroy(struct swaptbl_device *dev);
void swaptbl_data_add(struct swaptbl_device *dev);

ssize_t swaptbl_data_read(struct swaptbl_device *dev, struct iov_iter *iter,
			  loff_t pos, struct swaptbl_reader *reader);
ssize_t swaptbl_data_write(struct swaptbl_device *dev, struct iov_iter *iter,
			   loff_t pos);
int swaptbl_data_flush(struct swaptbl_device *dev);
int swaptbl_data_truncate(struct swaptbl_device *dev);
loff_t swaptbl_data_size(struct swaptbl_device *dev);

#endif /* _SWAPTBL_DATA_H */
