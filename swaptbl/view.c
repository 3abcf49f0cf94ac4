// SPDX-License-Identifier: GPL-2.0
/*
 * What a device looks like from outside. debugfs keeps the device in place
 * while one of these files is being read, see debugfs.c.
 */
#include <linux/cache.h>
#include <linux/debugfs.h>
#include <linux/err.h>
#include <linux/fs.h>
#include <linux/math64.h>
#include <linux/module.h>
#include <linux/sched.h>
#include <linux/seq_file.h>
#include <linux/string_helpers.h>

#include "cluster.h"
#include "count.h"
#include "data.h"
#include "device.h"
#include "overflow.h"
#include "stats.h"
#include "store.h"
#include "verify.h"
#include "view.h"
#include "workingset.h"

/* The longest report of verify: 64 lines, so that it runs once per read. */
#define VERIFY_SIZE	SZ_16K

/**
 * swaptbl_cluster_next() - next cluster that exists
 * @dev: the device
 * @index: where to start
 *
 * A device with few used slots is an array of NULL pointers: 2^19 of them take
 * a millisecond.
 *
 * Context: Any context. The caller keeps @dev in place.
 * Return: the cluster, or NULL if there is none from @index on.
 */
struct swaptbl_cluster *swaptbl_cluster_next(struct swaptbl_device *dev,
					     unsigned int index)
{
	struct swaptbl_cluster *ci = NULL;

	while (!ci && index < dev->nr_clusters)
		ci = READ_ONCE(dev->clusters[index++]);
	return ci;
}

/**
 * swaptbl_list_name() - name of a list
 * @list: an enum swaptbl_list
 *
 * Context: Any context.
 * Return: the name.
 */
const char *swaptbl_list_name(unsigned int list)
{
	static const char * const names[] = {
		[SWAPTBL_LIST_NONE] = "none",
		[SWAPTBL_LIST_FREE] = "free",
		[SWAPTBL_LIST_NONFULL] = "nonfull",
		[SWAPTBL_LIST_FRAG] = "frag",
		[SWAPTBL_LIST_FULL] = "full",
		[SWAPTBL_LIST_DISCARD] = "discard",
		[SWAPTBL_LIST_DISCARDING] = "discarding",
	};

	return list < ARRAY_SIZE(names) ? names[list] : "unknown";
}

/* Text of another's making: one line, whatever is in it. */
static void show_text(struct seq_file *m, const char *name, const char *text)
{
	seq_printf(m, "%s ", name);
	if (text && *text)
		seq_escape_mem(m, text, strlen(text),
			       ESCAPE_OCTAL | ESCAPE_NP | ESCAPE_APPEND, "\\");
	else
		seq_putc(m, '-');
	seq_putc(m, '\n');
}

static void show_identity(struct seq_file *m, struct swaptbl_device *dev)
{
	seq_printf(m, "type %u\n", dev->type);
	seq_printf(m, "state %s\n", swaptbl_device_state_name(dev));
	seq_printf(m, "store %s\n", dev->store->name);
	show_text(m, "path", dev->path);
	show_text(m, "label", dev->header.label);
	if (dev->path)
		seq_printf(m, "uuid %pU\n", &dev->header.uuid);
	else
		seq_puts(m, "uuid -\n");
	seq_printf(m, "prio %d\n", dev->prio);
	seq_printf(m, "count_bits %u\n", dev->count_bits);
	seq_printf(m, "count_limit %lu\n", swaptbl_count_limit(dev));
	seq_printf(m, "discard %d\n", dev->discards);
}

static void show_slots(struct seq_file *m, struct swaptbl_device *dev)
{
	unsigned long usable = dev->nr_slots - dev->nr_bad;
	unsigned long used = atomic_long_read(&dev->nr_used);

	seq_printf(m, "slots %lu\n", dev->nr_slots);
	seq_printf(m, "bad %lu\n", dev->nr_bad);
	seq_printf(m, "used %lu\n", used);
	seq_printf(m, "free %lu\n", usable - min(used, usable));
}

static size_t idle_bytes(struct swaptbl_device *dev)
{
	return sizeof(*dev) + sizeof(*dev->data) +
	       dev->nr_clusters * sizeof(dev->clusters[0]) +
	       dev->header.nr_bad * sizeof(dev->header.bad[0]) +
	       num_possible_cpus() * sizeof(*dev->pcpu);
}

static size_t overflow_bytes(struct swaptbl_device *dev)
{
	struct swaptbl_cluster *ci = swaptbl_cluster_next(dev, 0);
	size_t bytes = 0;

	while (ci) {
		swaptbl_cluster_lock_found(ci);
		bytes += swaptbl_overflow_size(&ci->overflow);
		swaptbl_cluster_unlock(ci);
		cond_resched();
		ci = swaptbl_cluster_next(dev, ci->index + 1);
	}
	return bytes;
}

static void show_metadata(struct seq_file *m, struct swaptbl_device *dev)
{
	long clusters = swaptbl_stat_sum(dev, SWAPTBL_STAT_CLUSTERS);
	long tables = swaptbl_stat_sum(dev, SWAPTBL_STAT_TABLES);
	size_t idle = idle_bytes(dev);
	u32 rest;
	u64 per_slot;

	per_slot = div_u64_rem(div64_ul((u64)idle * 10000, dev->nr_slots),
			       10000, &rest);
	seq_printf(m, "clusters %ld\n", clusters);
	seq_printf(m, "clusters_max %u\n", dev->nr_clusters);
	seq_printf(m, "bytes_idle %zu\n", idle);
	seq_printf(m, "bytes_idle_per_slot %llu.%04u\n", per_slot, rest);
	seq_printf(m, "bytes_clusters %lu\n",
		   clusters * L1_CACHE_ALIGN(sizeof(struct swaptbl_cluster)));
	seq_printf(m, "bytes_tables %lu\n",
		   tables * sizeof(struct swaptbl_table));
	seq_printf(m, "bytes_overflow %zu\n", overflow_bytes(dev));
}

static int info_show(struct seq_file *m, void *unused)
{
	struct swaptbl_device *dev = m->private;

	show_identity(m, dev);
	show_slots(m, dev);
	show_metadata(m, dev);
	return 0;
}
DEFINE_SHOW_ATTRIBUTE(info);

static void show_counters(struct seq_file *m, struct swaptbl_device *dev,
			  enum swaptbl_stat first, enum swaptbl_stat end)
{
	enum swaptbl_stat stat;

	for (stat = first; stat < end; stat++)
		seq_printf(m, "%s %ld\n", swaptbl_stat_name(stat),
			   swaptbl_stat_sum(dev, stat));
}

static int stats_show(struct seq_file *m, void *unused)
{
	show_counters(m, m->private, 0, SWAPTBL_STAT_FIRST_CACHE);
	return 0;
}
DEFINE_SHOW_ATTRIBUTE(stats);

static int cache_show(struct seq_file *m, void *unused)
{
	show_counters(m, m->private, SWAPTBL_STAT_FIRST_CACHE,
		      SWAPTBL_STAT_FIRST_IO);
	return 0;
}
DEFINE_SHOW_ATTRIBUTE(cache);

static int io_show(struct seq_file *m, void *unused)
{
	show_counters(m, m->private, SWAPTBL_STAT_FIRST_IO,
		      SWAPTBL_STAT_FIRST_WORKINGSET);
	return 0;
}
DEFINE_SHOW_ATTRIBUTE(io);

static int workingset_show(struct seq_file *m, void *unused)
{
	struct swaptbl_device *dev = m->private;

	seq_printf(m, "age %lu\n",
		   (unsigned long)atomic_long_read(&dev->age));
	seq_printf(m, "budget %lu\n", swaptbl_workingset_budget(dev));
	show_counters(m, dev, SWAPTBL_STAT_FIRST_WORKINGSET, SWAPTBL_NR_STATS);
	return 0;
}
DEFINE_SHOW_ATTRIBUTE(workingset);

static void show_list(struct seq_file *m, struct swaptbl_device *dev,
		      enum swaptbl_list name, int order,
		      const struct swaptbl_cluster_list *list)
{
	unsigned int nr;

	spin_lock(&dev->list_lock);
	nr = list->nr;
	spin_unlock(&dev->list_lock);
	seq_printf(m, "%s ", swaptbl_list_name(name));
	if (order < 0)
		seq_puts(m, "- ");
	else
		seq_printf(m, "%d ", order);
	seq_printf(m, "%u\n", nr);
}

static int lists_show(struct seq_file *m, void *unused)
{
	struct swaptbl_device *dev = m->private;
	unsigned int i;

	seq_puts(m, "# list order clusters\n");
	show_list(m, dev, SWAPTBL_LIST_FREE, -1, &dev->free);
	for (i = 0; i < SWAPTBL_NR_ORDERS; i++)
		show_list(m, dev, SWAPTBL_LIST_NONFULL, i, &dev->nonfull[i]);
	for (i = 0; i < SWAPTBL_NR_ORDERS; i++)
		show_list(m, dev, SWAPTBL_LIST_FRAG, i, &dev->frag[i]);
	show_list(m, dev, SWAPTBL_LIST_FULL, -1, &dev->full);
	show_list(m, dev, SWAPTBL_LIST_DISCARD, -1, &dev->discard);
	return 0;
}
DEFINE_SHOW_ATTRIBUTE(lists);

static int verify_show(struct seq_file *m, void *unused)
{
	swaptbl_verify(m->private, m);
	return 0;
}

static int verify_open(struct inode *inode, struct file *file)
{
	return single_open_size(file, verify_show, inode->i_private,
				VERIFY_SIZE);
}

static const struct file_operations verify_fops = {
	.owner = THIS_MODULE,
	.open = verify_open,
	.read = seq_read,
	.llseek = seq_lseek,
	.release = single_release,
};

/* Position 0 is the heading, cluster n has n + 1. */
static void *clusters_find(struct swaptbl_device *dev, loff_t *pos)
{
	struct swaptbl_cluster *ci;

	ci = *pos <= dev->nr_clusters ? swaptbl_cluster_next(dev, *pos - 1) :
					NULL;
	if (ci)
		*pos = (loff_t)ci->index + 1;
	return ci;
}

static void *clusters_start(struct seq_file *m, loff_t *pos)
{
	return *pos ? clusters_find(m->private, pos) :
		      SEQ_START_TOKEN;
}

static void *clusters_next(struct seq_file *m, void *v, loff_t *pos)
{
	++*pos;
	return clusters_find(m->private, pos);
}

static void clusters_stop(struct seq_file *m, void *v)
{
}

/* seq_file has its memory already, so that it can be filled under the lock. */
static void __show_cluster(struct seq_file *m, struct swaptbl_cluster *ci)
{
	lockdep_assert_held(&ci->lock);
	seq_printf(m, "%u %s ", ci->index, swaptbl_list_name(ci->list));
	if (ci->order == SWAPTBL_ORDER_NONE)
		seq_puts(m, "-");
	else
		seq_printf(m, "%u", ci->order);
	seq_printf(m, " %u %u %u %u %zu %s\n", ci->nr_used, ci->nr_bad,
		   ci->nr_cached_only, ci->overflow.nr,
		   swaptbl_overflow_size(&ci->overflow),
		   __swaptbl_cluster_table(ci) ? "yes" : "no");
}

static int clusters_show(struct seq_file *m, void *v)
{
	struct swaptbl_cluster *ci = v;

	if (v == SEQ_START_TOKEN) {
		seq_puts(m, "# cluster list order used bad cached_only overflowed overflow_bytes table\n");
		return 0;
	}
	swaptbl_cluster_lock_found(ci);
	__show_cluster(m, ci);
	swaptbl_cluster_unlock(ci);
	return 0;
}

static const struct seq_operations clusters_sops = {
	.start = clusters_start,
	.next = clusters_next,
	.stop = clusters_stop,
	.show = clusters_show,
};
DEFINE_SEQ_ATTRIBUTE(clusters);

/**
 * swaptbl_view_add() - make the files that show a device
 * @dev: the device, with its directory
 *
 * Context: Process context. May sleep.
 */
void swaptbl_view_add(struct swaptbl_device *dev)
{
	debugfs_create_file("info", 0400, dev->dir, dev, &info_fops);
	debugfs_create_file("stats", 0400, dev->dir, dev, &stats_fops);
	debugfs_create_file("cache", 0400, dev->dir, dev, &cache_fops);
	debugfs_create_file("io", 0400, dev->dir, dev, &io_fops);
	debugfs_create_file("workingset", 0400, dev->dir, dev,
			    &workingset_fops);
	debugfs_create_file("lists", 0400, dev->dir, dev, &lists_fops);
	debugfs_create_file("verify", 0400, dev->dir, dev, &verify_fops);
	debugfs_create_file("clusters", 0400, dev->dir, dev, &clusters_fops);
	debugfs_create_file("slots", 0400, dev->dir, dev, &swaptbl_slots_fops);
}
