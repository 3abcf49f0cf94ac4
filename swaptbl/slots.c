// SPDX-License-Identifier: GPL-2.0
/*
 * The used slots of a device, one line each.
 *
 * What a cluster holds is copied with its lock held once, and printed without.
 * A line says what was true at one moment; the next one may be of a later.
 */
#include <linux/cleanup.h>
#include <linux/err.h>
#include <linux/fs.h>
#include <linux/mm.h>
#include <linux/module.h>
#include <linux/sched.h>
#include <linux/seq_file.h>
#include <linux/slab.h>

#include "cluster.h"
#include "device.h"
#include "entry.h"
#include "folio.h"
#include "view.h"

/**
 * struct slot_copy - one slot as it was
 * @word: its word; free if there is nothing to show
 * @units: units in the overflow store
 * @group: owner, of a cached slot
 * @order: order of the folio, of a cached slot; else of the cluster
 * @flags: of a cached slot, an enum swaptbl_folio_flag as a bit each
 * @clean: of a cached slot, the store has the data too
 */
struct slot_copy {
	unsigned long word;
	u32 units;
	unsigned int group;
	unsigned int order;
	unsigned long flags;
	bool clean;
};

/**
 * struct slots_iter - an open file
 * @dev: the device
 * @index: cluster that @slot was copied from
 * @slot: its slots
 */
struct slots_iter {
	struct swaptbl_device *dev;
	unsigned int index;
	struct slot_copy slot[SWAPTBL_CLUSTER_SLOTS];
};

/* The reference that the table has keeps the folio, and its order, in place. */
static void __copy_slot(struct swaptbl_cluster *ci, unsigned int slot,
			struct slot_copy *copy)
{
	struct folio *folio;

	lockdep_assert_held(&ci->lock);
	copy->word = __swaptbl_word_get(ci, slot);
	copy->units = swaptbl_overflow_get(&ci->overflow, slot);
	copy->order = ci->order;
	copy->group = 0;
	copy->flags = 0;
	copy->clean = false;
	if (!swaptbl_entry_is_cached(copy->word))
		return;
	folio = swaptbl_entry_to_folio(copy->word);
	copy->group = swaptbl_folio_group(folio);
	copy->order = folio_order(folio);
	copy->flags = swaptbl_folio_flags(folio);
	copy->clean = folio_test_uptodate(folio) && !folio_test_dirty(folio);
}

static void slots_copy(struct slots_iter *iter, unsigned int index)
{
	unsigned long offset = (unsigned long)index * SWAPTBL_CLUSTER_SLOTS;
	struct swaptbl_cluster *ci;
	unsigned int slot;

	iter->index = index;
	ci = swaptbl_cluster_lock(iter->dev, offset);
	for (slot = 0; slot < SWAPTBL_CLUSTER_SLOTS; slot++)
		__copy_slot(ci, slot, &iter->slot[slot]);
	swaptbl_cluster_unlock(ci);
	cond_resched();
}

/* First used slot from @slot on; SWAPTBL_CLUSTER_SLOTS if there is none. */
static unsigned int slots_used_from(const struct slots_iter *iter,
				    unsigned int slot)
{
	while (slot < SWAPTBL_CLUSTER_SLOTS && !iter->slot[slot].word)
		slot++;
	return slot;
}

/* Position 0 is the heading, slot n has n + 1. */
static void *slots_find(struct slots_iter *iter, loff_t *pos, bool copied)
{
	unsigned long offset = *pos - 1;
	struct swaptbl_cluster *ci;
	unsigned int slot;

	while (offset < iter->dev->nr_slots) {
		ci = swaptbl_cluster_next(iter->dev,
					  swaptbl_cluster_index(offset));
		if (!ci)
			return NULL;
		offset = max(offset, swaptbl_cluster_start(ci));
		if (!copied || iter->index != ci->index)
			slots_copy(iter, ci->index);
		copied = true;
		slot = slots_used_from(iter, swaptbl_slot(offset));
		offset = swaptbl_cluster_start(ci) + slot;
		*pos = (loff_t)offset + 1;
		if (slot < SWAPTBL_CLUSTER_SLOTS)
			return offset < iter->dev->nr_slots ? pos : NULL;
	}
	return NULL;
}

static void *slots_start(struct seq_file *m, loff_t *pos)
{
	return *pos ? slots_find(m->private, pos, false) : SEQ_START_TOKEN;
}

static void *slots_next(struct seq_file *m, void *v, loff_t *pos)
{
	++*pos;
	return slots_find(m->private, pos, v != SEQ_START_TOKEN);
}

static void slots_stop(struct seq_file *m, void *v)
{
}

static const char *kind_name(unsigned long word)
{
	if (swaptbl_entry_is_swapped(word))
		return "swapped";
	if (swaptbl_entry_is_cached(word))
		return "cached";
	if (swaptbl_entry_is_bad(word))
		return "bad";
	return swaptbl_entry_is_exclusive(word) ? "exclusive" : "unknown";
}

static void show_flags(struct seq_file *m, const struct slot_copy *copy,
		       bool workingset)
{
	const char *sep = "";

	if (swaptbl_entry_is_overflowed(copy->word))
		swaptbl_show_flag(m, &sep, "overflow");
	if (swaptbl_entry_is_zero(copy->word))
		swaptbl_show_flag(m, &sep, "zero");
	if (workingset || copy->flags & BIT(SWAPTBL_FOLIO_WORKINGSET))
		swaptbl_show_flag(m, &sep, "workingset");
	if (copy->clean)
		swaptbl_show_flag(m, &sep, "clean");
	if (copy->flags & BIT(SWAPTBL_FOLIO_READAHEAD))
		swaptbl_show_flag(m, &sep, "readahead");
	if (copy->flags & BIT(SWAPTBL_FOLIO_ACTIVE))
		swaptbl_show_flag(m, &sep, "active");
	if (!*sep)
		seq_putc(m, '-');
}

static void show_counted(struct seq_file *m, const struct slots_iter *iter,
			 const struct slot_copy *copy)
{
	unsigned long count = swaptbl_entry_count(copy->word) +
			      (unsigned long)copy->units * iter->dev->count_carry;
	struct swaptbl_shadow shadow = { .group = copy->group };

	seq_printf(m, " %lu %u ", count, copy->order);
	if (swaptbl_entry_is_cached(copy->word)) {
		seq_printf(m, "%u pfn:%lx ", shadow.group,
			   swaptbl_entry_to_pfn(copy->word));
	} else {
		swaptbl_entry_to_shadow(copy->word, &shadow);
		seq_printf(m, "%u age:%lu ", shadow.group, shadow.age);
	}
	show_flags(m, copy, shadow.workingset);
}

static int slots_show(struct seq_file *m, void *v)
{
	const struct slots_iter *iter = m->private;
	const struct slot_copy *copy;
	unsigned long offset;

	if (v == SEQ_START_TOKEN) {
		seq_puts(m, SWAPTBL_SLOTS_HEADING);
		return 0;
	}
	offset = *(loff_t *)v - 1;
	copy = &iter->slot[swaptbl_slot(offset)];
	seq_printf(m, "%lu %s", offset, kind_name(copy->word));
	if (swaptbl_entry_is_counted(copy->word))
		show_counted(m, iter, copy);
	else
		seq_puts(m, " - - - - -");
	seq_putc(m, '\n');
	return 0;
}

static const struct seq_operations slots_seq_ops = {
	.start = slots_start,
	.next = slots_next,
	.stop = slots_stop,
	.show = slots_show,
};

static int slots_open(struct inode *inode, struct file *file)
{
	struct slots_iter *iter __free(kvfree) =
		kvmalloc(sizeof(*iter), GFP_KERNEL);
	int err;

	if (!iter)
		return -ENOMEM;
	iter->dev = inode->i_private;
	err = seq_open(file, &slots_seq_ops);
	if (err)
		return err;
	((struct seq_file *)file->private_data)->private = no_free_ptr(iter);
	return 0;
}

static int slots_release(struct inode *inode, struct file *file)
{
	kvfree(((struct seq_file *)file->private_data)->private);
	return seq_release(inode, file);
}

const struct file_operations swaptbl_slots_fops = {
	.owner = THIS_MODULE,
	.open = slots_open,
	.read = seq_read,
	.llseek = seq_lseek,
	.release = slots_release,
};
