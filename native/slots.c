// SPDX-License-Identifier: GPL-2.0
/*
 * The used slots of one of the kernel's devices, one line each, as the engine's own file
 * shows its own; and the clusters that have some.
 *
 * The device is pinned from the start of a read to its end. What a cluster holds is copied
 * with its lock held once, and printed without: 512 slots at most, and no more than to look
 * at them. A folio that is in the swap cache cannot leave it meanwhile.
 */
#include <linux/cgroup.h>
#include <linux/debugfs.h>
#include <linux/fs.h>
#include <linux/memcontrol.h>
#include <linux/mm.h>
#include <linux/module.h>
#include <linux/sched.h>
#include <linux/seq_file.h>
#include <linux/sizes.h>
#include <linux/slab.h>

#include "../swaptbl/compat.h"
#include "../swaptbl/view.h"
#include "layout.h"
#include "slots.h"

#if SWAPTBL_NATIVE_LAYOUT
#include "device.h"

/**
 * struct slot_copy - one slot as it was
 * @word: its word; 0 if it was free
 * @count: its count
 * @order: of the folio, of a cached slot; else of the cluster
 * @owner: inode number of the cgroup, of a cached slot; else 0
 * @workingset: of a cached slot
 * @clean: likewise
 */
struct slot_copy {
	unsigned long word;
	unsigned int count;
	unsigned int order;
	unsigned long owner;
	bool workingset;
	bool clean;
};

/* The lines of some clusters. */
#define SLOTS_ROOM	SZ_64K

/**
 * struct slots_iter - an open file
 * @type: of the device
 * @si: the device, while it is read
 * @index: cluster that @slot was copied from
 * @slot: its slots
 */
struct slots_iter {
	unsigned int type;
	struct swap_info_struct *si;
	unsigned int index;
	struct slot_copy slot[NATIVE_CLUSTER_SLOTS];
};

#if IS_ENABLED(CONFIG_MEMCG)
static unsigned long owner_of(struct folio *folio)
{
	struct mem_cgroup *memcg;
	unsigned long owner = 0;

	rcu_read_lock();
	memcg = folio_memcg(folio);
	if (memcg)
		owner = cgroup_ino(memcg->css.cgroup);
	rcu_read_unlock();
	return owner;
}
#else
static unsigned long owner_of(struct folio *folio)
{
	return 0;
}
#endif

static void copy_folio(struct slot_copy *copy)
{
	struct folio *folio = pfn_folio(native_word_pfn(copy->word));

	copy->order = folio_order(folio);
	copy->owner = owner_of(folio);
	copy->workingset = folio_test_workingset(folio);
	copy->clean = folio_test_uptodate(folio) && !folio_test_dirty(folio);
}

static void __copy_slot(const struct native_cluster *ci, atomic_long_t *table,
			unsigned int slot, struct slot_copy *copy)
{
	lockdep_assert_held(&ci->lock);
	memset(copy, 0, sizeof(*copy));
	copy->word = table ? atomic_long_read(&table[slot]) : 0;
	if (!copy->word || copy->word == NATIVE_BAD)
		return;
	copy->order = ci->order;
	copy->count = native_word_count(copy->word);
	if (copy->count == NATIVE_COUNT_MAX && ci->extend_table)
		copy->count = ci->extend_table[slot];
	if (native_is_cached(copy->word))
		copy_folio(copy);
}

static void slots_copy(struct slots_iter *iter, unsigned int index)
{
	struct native_cluster *ci = native_cluster(iter->si, index);
	atomic_long_t *table;
	unsigned int slot;

	iter->index = index;
	spin_lock_irq(&ci->lock);
	table = rcu_dereference_protected(ci->table, lockdep_is_held(&ci->lock));
	for (slot = 0; slot < NATIVE_CLUSTER_SLOTS; slot++)
		__copy_slot(ci, table, slot, &iter->slot[slot]);
	spin_unlock_irq(&ci->lock);
	cond_resched();
}

/* Clusters with nothing in them are passed by without a lock. */
static unsigned int used_cluster_from(const struct slots_iter *iter, unsigned int index)
{
	unsigned int nr = native_nr_clusters(iter->si);

	while (index < nr && !READ_ONCE(native_cluster(iter->si, index)->count)) {
		if (!(++index % SZ_1K))
			cond_resched();
	}
	return index;
}

/* Position 0 is the heading, slot n has n + 1. */
static void *slots_find(struct slots_iter *iter, loff_t *pos, bool copied)
{
	unsigned long offset = *pos - 1, first;
	unsigned int index;

	while (offset < iter->si->max) {
		index = used_cluster_from(iter, offset / NATIVE_CLUSTER_SLOTS);
		first = (unsigned long)index * NATIVE_CLUSTER_SLOTS;
		offset = max(offset, first);
		if (offset >= iter->si->max)
			break;
		if (!copied || iter->index != index)
			slots_copy(iter, index);
		copied = true;
		while (offset < first + NATIVE_CLUSTER_SLOTS &&
		       !iter->slot[offset - first].word)
			offset++;
		*pos = (loff_t)offset + 1;
		if (offset < first + NATIVE_CLUSTER_SLOTS)
			return offset < iter->si->max ? pos : NULL;
	}
	return NULL;
}

static void *slots_start(struct seq_file *m, loff_t *pos)
{
	struct slots_iter *iter = m->private;

	iter->si = native_device_get(iter->type);
	if (!iter->si)
		return ERR_PTR(-ENODEV);
	return *pos ? slots_find(iter, pos, false) : SEQ_START_TOKEN;
}

static void *slots_next(struct seq_file *m, void *v, loff_t *pos)
{
	++*pos;
	return slots_find(m->private, pos, v != SEQ_START_TOKEN);
}

static void slots_stop(struct seq_file *m, void *v)
{
	struct slots_iter *iter = m->private;

	if (iter->si)
		native_device_put(iter->si);
	iter->si = NULL;
}

static void show_flags(struct seq_file *m, const struct slot_copy *copy)
{
	const char *sep = "";

	if (copy->count >= NATIVE_COUNT_MAX)
		swaptbl_show_flag(m, &sep, "overflow");
	if (NATIVE_HAS_ZERO && copy->word & NATIVE_ZERO_FLAG)
		swaptbl_show_flag(m, &sep, "zero");
	if (copy->workingset)
		swaptbl_show_flag(m, &sep, "workingset");
	if (copy->clean)
		swaptbl_show_flag(m, &sep, "clean");
	if (!*sep)
		seq_putc(m, '-');
}

/* What a shadow says is the workingset's secret: there is an age, but not which. */
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
	copy = &iter->slot[offset % NATIVE_CLUSTER_SLOTS];
	if (copy->word == NATIVE_BAD) {
		seq_printf(m, "%lu bad - - - - -\n", offset);
		return 0;
	}
	seq_printf(m, "%lu %s %u %u ", offset,
		   native_is_cached(copy->word) ? "cached" : "swapped", copy->count,
		   copy->order);
	if (native_is_cached(copy->word))
		seq_printf(m, "%lu pfn:%lx ", copy->owner, native_word_pfn(copy->word));
	else
		seq_puts(m, "- - ");
	show_flags(m, copy);
	seq_putc(m, '\n');
	return 0;
}

static const struct seq_operations slots_seq_ops = {
	.start = slots_start,
	.next = slots_next,
	.stop = slots_stop,
	.show = slots_show,
};

static const char *list_name(unsigned int list)
{
	static const char * const names[NATIVE_NR_LISTS] = {
		"none", "free", "nonfull", "frag", "full", "discard",
	};

	return list < NATIVE_NR_LISTS ? names[list] : "unknown";
}

/* Position 0 is the device, cluster n has n + 1. */
static void *clusters_find(struct slots_iter *iter, loff_t *pos)
{
	unsigned int index = used_cluster_from(iter, *pos - 1);

	*pos = (loff_t)index + 1;
	return index < native_nr_clusters(iter->si) ? pos : NULL;
}

static void *clusters_start(struct seq_file *m, loff_t *pos)
{
	struct slots_iter *iter = m->private;

	iter->si = native_device_get(iter->type);
	if (!iter->si)
		return ERR_PTR(-ENODEV);
	return *pos ? clusters_find(iter, pos) : SEQ_START_TOKEN;
}

static void *clusters_next(struct seq_file *m, void *v, loff_t *pos)
{
	++*pos;
	return clusters_find(m->private, pos);
}

static void show_device(struct seq_file *m, struct swap_info_struct *si)
{
	seq_printf(m, "type %d\npriority %d\nslots %u\nusable %u\nused %ld\n", si->type,
		   si->prio, si->max, si->pages,
		   atomic_long_read(&si->inuse_pages) & ~NATIVE_OFFLIST);
	seq_printf(m, "clusters %u\n# cluster used cached order list\n",
		   native_nr_clusters(si));
}

static int clusters_show(struct seq_file *m, void *v)
{
	struct slots_iter *iter = m->private;
	const struct native_cluster *ci;
	unsigned int slot, cached = 0;
	unsigned int index;

	if (v == SEQ_START_TOKEN) {
		show_device(m, iter->si);
		return 0;
	}
	index = *(loff_t *)v - 1;
	ci = native_cluster(iter->si, index);
	slots_copy(iter, index);
	for (slot = 0; slot < NATIVE_CLUSTER_SLOTS; slot++)
		cached += native_is_cached(iter->slot[slot].word);
	seq_printf(m, "%u %u %u %u %s\n", index, READ_ONCE(ci->count), cached,
		   READ_ONCE(ci->order), list_name(READ_ONCE(ci->flags)));
	return 0;
}

static const struct seq_operations clusters_seq_ops = {
	.start = clusters_start,
	.next = clusters_next,
	.stop = slots_stop,
	.show = clusters_show,
};

/* -EUCLEAN: this kernel's clusters are not what is known of them. */
static int check_device(unsigned int type)
{
	struct swap_info_struct *si = native_device_get(type);
	int err = 0;

	if (!si)
		return -ENODEV;
	if (!native_device_is_known(si))
		err = -EUCLEAN;
	native_device_put(si);
	return err;
}

/*
 * Each read begins with a new copy of the cluster where the one before it ended, so let it
 * go on for more than a cluster. Without this memory seq_file takes a page.
 */
static void prepare_seq(struct seq_file *m, struct slots_iter *iter)
{
	m->private = iter;
	m->buf = kvmalloc(SLOTS_ROOM, GFP_KERNEL_ACCOUNT);
	m->size = m->buf ? SLOTS_ROOM : 0;
}

static int open_seq(struct inode *inode, struct file *file,
		    const struct seq_operations *ops)
{
	unsigned long type = (unsigned long)inode->i_private;
	struct slots_iter *iter;
	int err;

	err = check_device(type);
	if (err)
		return err;
	iter = kvzalloc_obj(*iter);
	if (!iter)
		return -ENOMEM;
	iter->type = type;
	err = seq_open(file, ops);
	if (err)
		kvfree(iter);
	else
		prepare_seq(file->private_data, iter);
	return err;
}

static int slots_open(struct inode *inode, struct file *file)
{
	return open_seq(inode, file, &slots_seq_ops);
}

static int summary_open(struct inode *inode, struct file *file)
{
	return open_seq(inode, file, &clusters_seq_ops);
}

static int iter_release(struct inode *inode, struct file *file)
{
	kvfree(((struct seq_file *)file->private_data)->private);
	return seq_release(inode, file);
}

static const struct file_operations slots_fops = {
	.owner = THIS_MODULE,
	.open = slots_open,
	.read = seq_read,
	.llseek = seq_lseek,
	.release = iter_release,
};

static const struct file_operations summary_fops = {
	.owner = THIS_MODULE,
	.open = summary_open,
	.read = seq_read,
	.llseek = seq_lseek,
	.release = iter_release,
};

#define NR_TYPES	MAX_SWAPFILES

static void files_add(unsigned int type, struct dentry *dir)
{
	void *data = (void *)(unsigned long)type;

	debugfs_create_file("slots", 0400, dir, data, &slots_fops);
	debugfs_create_file("summary", 0400, dir, data, &summary_fops);
}
#else
#define NR_TYPES	0

static void files_add(unsigned int type, struct dentry *dir)
{
}
#endif

/**
 * native_slots_add() - make the files of all types
 * @dir: where to
 * @layout: what the structures that they show are taken to be
 *
 * Also of those that nothing is swapped to under: a device may come later. None on a kernel
 * whose structures are not known, or are not what @layout says.
 *
 * Context: Process context. May sleep.
 */
void native_slots_add(struct dentry *dir, const struct native_layout *layout)
{
	unsigned int type;
	char name[16];

	if (!native_layout_is_known(layout))
		return;
	for (type = 0; type < NR_TYPES; type++) {
		scnprintf(name, sizeof(name), "%u", type);
		files_add(type, debugfs_create_dir(name, dir));
	}
}
EXPORT_SYMBOL_SWAPTBL(native_slots_add);
