/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The allocator's search for a run of slots.
 */
#ifndef _SWAPTBL_SEARCH_H
#define _SWAPTBL_SEARCH_H

#include <linux/types.h>

struct folio;
struct swaptbl_cluster;
struct swaptbl_device;
struct swaptbl_table;

/**
 * struct swaptbl_alloc_request - one allocation under way
 * @dev: the device
 * @folio: what gets the slots; NULL for an exclusive slot
 * @order: order of the run
 * @offset: first slot of the device, once found
 * @cluster: spare cluster, allocated while no lock was held
 * @table: spare table, likewise
 * @no_memory: there is no memory for spares; do without clusters that need one
 * @did_without: a cluster was left out for that
 * @truncated: a list had more clusters than one search looks into
 * @seq: the device's list_seq when this search began
 * @moves: clusters that this search moved on the lists
 * @repeats: searches that were repeated
 * @reclaim_left: clusters that may still be looked into for slots to reclaim
 */
struct swaptbl_alloc_request {
	struct swaptbl_device *dev;
	struct folio *folio;
	unsigned int order;
	unsigned long offset;
	struct swaptbl_cluster *cluster;
	struct swaptbl_table *table;
	bool no_memory;
	bool did_without;
	bool truncated;
	unsigned int seq;
	unsigned int moves;
	unsigned int repeats;
	unsigned int reclaim_left;
};

int __swaptbl_search_hint(struct swaptbl_alloc_request *req);
int __swaptbl_search(struct swaptbl_alloc_request *req);

#endif /* _SWAPTBL_SEARCH_H */
