// SPDX-License-Identifier: GPL-2.0
/*
 * Files of a group: its lists, its statistics, its limit.
 */
#include <linux/debugfs.h>
#include <linux/err.h>
#include <linux/fs.h>
#include <linux/kernel.h>
#include <linux/mmzone.h>
#include <linux/module.h>
#include <linux/seq_file.h>
#include <linux/slab.h>
#include <linux/string.h>

#include "ctl_file.h"
#include "group.h"
#include "group_reclaim.h"
#include "groups.h"
#include "lruvec.h"
#include "parse.h"

static void zone_show(struct seq_file *m, struct swaptbl_lruvec *lruvec, int zid)
{
	struct zone *zone = &NODE_DATA(lruvec->nid)->node_zones[zid];
	enum lru_list lru;

	if (!populated_zone(zone))
		return;
	seq_printf(m, "%d %s", lruvec->nid, zone->name);
	for_each_lru(lru)
		seq_printf(m, " %lu", READ_ONCE(lruvec->size[zid][lru]));
	seq_putc(m, '\n');
}

/* Without the locks: a folio on its way may be in both of two lists, or none. */
static int lruvecs_show(struct seq_file *m, void *unused)
{
	struct swaptbl_group_dir *gdir = m->private;
	struct swaptbl_lruvec *lruvec;
	enum lru_list lru;
	int nid, zid;

	seq_puts(m, "# node zone");
	for_each_lru(lru)
		seq_printf(m, " %s",
			   swaptbl_lru_stat_name(SWAPTBL_LRU_STAT_LISTS + lru));
	seq_putc(m, '\n');
	rcu_read_lock();
	for_each_node_state(nid, N_MEMORY) {
		lruvec = swaptbl_handle_own_lruvec(gdir->group->handle, nid);
		for (zid = 0; lruvec && zid < MAX_NR_ZONES; zid++)
			zone_show(m, lruvec, zid);
	}
	rcu_read_unlock();
	return 0;
}
DEFINE_SHOW_ATTRIBUTE(lruvecs);

static void gen_show(struct seq_file *m, const struct swaptbl_lruvec *lruvec,
		     unsigned long seq, unsigned int age)
{
	const struct swaptbl_lru_gens *gens = lruvec->gens;
	unsigned int type, gen = swaptbl_lru_gen(seq);
	unsigned long size;
	int zid;

	seq_printf(m, "%d %lu %s", lruvec->nid, seq,
		   age < SWAPTBL_LRU_GENS_ACTIVE ? "active" : "inactive");
	for (type = 0; type < ANON_AND_FILE; type++) {
		size = 0;
		for (zid = 0; zid < MAX_NR_ZONES; zid++)
			size += READ_ONCE(gens->size[gen][type][zid]);
		if ((long)(seq - READ_ONCE(gens->min_seq[type])) < 0)
			seq_puts(m, " -");
		else
			seq_printf(m, " %lu", size);
	}
	seq_putc(m, '\n');
}

/* Without the locks, as above. */
static void gens_show(struct seq_file *m, const struct swaptbl_lruvec *lruvec)
{
	unsigned long seq = READ_ONCE(lruvec->gens->max_seq);
	unsigned int age;

	for (age = 0; age < SWAPTBL_LRU_GENS; age++)
		gen_show(m, lruvec, seq - age, age);
}

static int generations_show(struct seq_file *m, void *unused)
{
	struct swaptbl_group_dir *gdir = m->private;
	struct swaptbl_lruvec *lruvec;
	int nid;

	seq_puts(m, "# node generation class anon file\n");
	rcu_read_lock();
	for_each_node_state(nid, N_MEMORY) {
		lruvec = swaptbl_handle_own_lruvec(gdir->group->handle, nid);
		if (lruvec && lruvec->gens)
			gens_show(m, lruvec);
	}
	rcu_read_unlock();
	return 0;
}
DEFINE_SHOW_ATTRIBUTE(generations);

static int stats_show(struct seq_file *m, void *unused)
{
	long local[SWAPTBL_NR_LRU_STATS], total[SWAPTBL_NR_LRU_STATS];
	struct swaptbl_group_dir *gdir = m->private;
	struct swaptbl_group *group = gdir->group;
	unsigned int i;

	swaptbl_group_stats(group, local, total);
	seq_puts(m, "# name local total\n");
	for (i = 0; i < SWAPTBL_NR_LRU_STATS; i++)
		seq_printf(m, "%s %ld %ld\n", swaptbl_lru_stat_name(i), local[i],
			   total[i]);
	seq_printf(m, "usage - %ld\n", atomic_long_read(&group->usage));
	seq_printf(m, "swap - %ld\n", atomic_long_read(&group->swap));
	seq_printf(m, "charge_fail - %ld\n", atomic_long_read(&group->failures));
	seq_printf(m, "limit_reclaim - %ld\n", atomic_long_read(&group->reclaims));
	return 0;
}
DEFINE_SHOW_ATTRIBUTE(stats);

static int limit_show(struct seq_file *m, void *unused)
{
	struct swaptbl_group_dir *gdir = m->private;
	long limit = READ_ONCE(gdir->group->limit);

	if (limit == SWAPTBL_GROUP_NO_LIMIT)
		seq_puts(m, "max\n");
	else
		seq_printf(m, "%ld\n", limit);
	return 0;
}

static int limit_parse(char *line, long *limit, struct swaptbl_why *why)
{
	char *word = swaptbl_word_next(&line);
	char *junk = swaptbl_word_next(&line);
	int err;

	if (junk)
		return swaptbl_why(why, -EINVAL, "unknown word: %.32s", junk);
	*limit = SWAPTBL_GROUP_NO_LIMIT;
	if (!strcmp(word, "max"))
		return 0;
	err = kstrtol(word, 10, limit);
	if (err == -ERANGE || (!err && *limit < 0))
		return swaptbl_why(why, -ERANGE, "limit is not within 0 to %ld",
				   LONG_MAX);
	if (err)
		return swaptbl_why(why, -EINVAL, "limit is not a number: %.32s",
				   word);
	return 0;
}

/* What is over the new limit goes, as far as it can; the limit holds for new charges. */
static void limit_set(struct swaptbl_group *group, long limit)
{
	long over;

	WRITE_ONCE(group->limit, limit);
	over = atomic_long_read(&group->usage) - limit;
	if (over > 0)
		swaptbl_group_reclaim(group, over);
}

static ssize_t limit_write(struct file *file, const char __user *ubuf, size_t len,
			   loff_t *ppos)
{
	struct swaptbl_group_dir *gdir = file_inode(file)->i_private;
	struct swaptbl_why why = {};
	char *line, name[32];
	long limit;
	int err;

	line = swaptbl_line_get(ubuf, len, &why);
	err = PTR_ERR_OR_ZERO(line);
	if (!err) {
		err = limit_parse(line, &limit, &why);
		kfree(line);
	}
	if (!err) {
		limit_set(gdir->group, limit);
		return len;
	}
	scnprintf(name, sizeof(name), "groups/%u/limit", gdir->group->id);
	return swaptbl_refuse(name, err, &why);
}

static int limit_open(struct inode *inode, struct file *file)
{
	return single_open(file, limit_show, inode->i_private);
}

static const struct file_operations limit_fops = {
	.owner = THIS_MODULE,
	.open = limit_open,
	.read = seq_read,
	.write = limit_write,
	.llseek = seq_lseek,
	.release = single_release,
};

/**
 * swaptbl_group_views_add() - make the files of a group that show it
 * @gdir: the group's directory
 *
 * Context: Process context. May sleep.
 */
void swaptbl_group_views_add(struct swaptbl_group_dir *gdir)
{
	debugfs_create_file("lruvecs", 0400, gdir->dir, gdir, &lruvecs_fops);
	if (gdir->group->tree->kind == SWAPTBL_TREE_GENS)
		debugfs_create_file("generations", 0400, gdir->dir, gdir,
				    &generations_fops);
	debugfs_create_file("stats", 0400, gdir->dir, gdir, &stats_fops);
	debugfs_create_file("limit", 0600, gdir->dir, gdir, &limit_fops);
}
