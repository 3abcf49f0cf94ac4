/* SPDX-License-Identifier: GPL-2.0 */
/*
 * How the pages of a data file come into slots and to the store.
 */
#ifndef _SWAPTBL_DATA_FILL_H
#define _SWAPTBL_DATA_FILL_H

#include <linux/types.h>

struct folio;
struct iov_iter;
struct swaptbl_data;
struct swaptbl_device;

ssize_t swaptbl_fill_write(struct swaptbl_device *dev, struct iov_iter *iter,
			   loff_t pos);
void swaptbl_fill_end(struct swaptbl_device *dev);
size_t swaptbl_fill_copy(struct folio *folio, size_t offset, size_t len,
			 struct iov_iter *iter);

void swaptbl_flight_send(struct swaptbl_data *data, struct folio *folio);
void swaptbl_flight_reap(struct swaptbl_data *data);
void swaptbl_flight_drain(struct swaptbl_data *data);

#endif /* _SWAPTBL_DATA_FILL_H */
