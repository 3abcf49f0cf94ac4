// SPDX-License-Identifier: GPL-2.0
/*
 * Files of a device that each hold one number which may be changed.
 */
#include <linux/debugfs.h>
#include <linux/err.h>
#include <linux/fs.h>
#include <linux/kernel.h>
#include <linux/module.h>
#include <linux/seq_file.h>
#include <linux/slab.h>
#include <linux/string.h>

#include "ctl.h"
#include "device.h"
#include "geometry.h"
#include "parse.h"
#include "view.h"

enum knob {
	KNOB_READAHEAD,
	KNOB_CACHE_MAX,
	KNOB_DATA_ORDER,
	KNOB_SHADOW_BUDGET,
	NR_KNOBS,
};

/* Names of the files, and largest values; the smallest is 0. */
static const struct {
	const char *name;
	long max;
} knobs[NR_KNOBS] = {
	[KNOB_READAHEAD] = { "readahead", SWAPTBL_CLUSTER_SLOTS },
	[KNOB_CACHE_MAX] = { "cache_max", SWAPTBL_SLOTS_MAX },
	[KNOB_DATA_ORDER] = { "data_order", SWAPTBL_CLUSTER_ORDER },
	[KNOB_SHADOW_BUDGET] = { "shadow_budget", SWAPTBL_SLOTS_MAX },
};

static unsigned long knob_get(const struct swaptbl_device *dev, enum knob knob)
{
	switch (knob) {
	case KNOB_READAHEAD:
		return READ_ONCE(dev->readahead);
	case KNOB_CACHE_MAX:
		return READ_ONCE(dev->cache_max);
	case KNOB_DATA_ORDER:
		return READ_ONCE(dev->data_order);
	default:
		return READ_ONCE(dev->shadow_budget);
	}
}

/* Who acts on it reads it without a lock. */
static void knob_set(struct swaptbl_device *dev, enum knob knob,
		     unsigned long value)
{
	switch (knob) {
	case KNOB_READAHEAD:
		WRITE_ONCE(dev->readahead, value);
		break;
	case KNOB_CACHE_MAX:
		WRITE_ONCE(dev->cache_max, value);
		break;
	case KNOB_DATA_ORDER:
		WRITE_ONCE(dev->data_order, value);
		break;
	default:
		WRITE_ONCE(dev->shadow_budget, value);
	}
}

/* The name of the file is the only thing that tells one from the other. */
static enum knob file_knob(const struct file *file)
{
	const char *name = file_dentry(file)->d_name.name;
	enum knob knob = 0;

	while (knob < NR_KNOBS - 1 && strcmp(knobs[knob].name, name))
		knob++;
	return knob;
}

static int parse_value(char *line, enum knob knob, long *value,
		       struct swaptbl_why *why)
{
	char *word = swaptbl_word_next(&line);
	char *junk = swaptbl_word_next(&line);
	int err = kstrtol(word, 10, value);

	if (junk)
		return swaptbl_why(why, -EINVAL, "unknown word: %.32s", junk);
	if (err == -ERANGE || (!err && (*value < 0 || *value > knobs[knob].max)))
		return swaptbl_why(why, -ERANGE, "%s is not within 0 to %ld",
				   knobs[knob].name, knobs[knob].max);
	if (err)
		return swaptbl_why(why, -EINVAL, "%s is not a number: %.32s",
				   knobs[knob].name, word);
	return 0;
}

static int knob_run(struct swaptbl_device *dev, enum knob knob,
		    const char __user *ubuf, size_t len, struct swaptbl_why *why)
{
	char *line = swaptbl_line_get(ubuf, len, why);
	long value;
	int err;

	if (IS_ERR(line))
		return PTR_ERR(line);
	err = parse_value(line, knob, &value, why);
	if (!err)
		knob_set(dev, knob, value);
	kfree(line);
	return err;
}

static ssize_t knob_write(struct file *file, const char __user *ubuf,
			  size_t len, loff_t *ppos)
{
	struct swaptbl_device *dev = file_inode(file)->i_private;
	enum knob knob = file_knob(file);
	struct swaptbl_why why = {};
	char name[32];
	int err;

	err = knob_run(dev, knob, ubuf, len, &why);
	if (!err)
		return len;
	scnprintf(name, sizeof(name), "dev%u/%s", dev->type,
		  knobs[knob].name);
	return swaptbl_refuse(name, err, &why);
}

static int knob_show(struct seq_file *m, void *unused)
{
	seq_printf(m, "%lu\n", knob_get(m->private, file_knob(m->file)));
	return 0;
}

static int knob_open(struct inode *inode, struct file *file)
{
	return single_open(file, knob_show, inode->i_private);
}

static const struct file_operations knob_fops = {
	.owner = THIS_MODULE,
	.open = knob_open,
	.read = seq_read,
	.write = knob_write,
	.llseek = seq_lseek,
	.release = single_release,
};

/**
 * swaptbl_knobs_add() - make the files of a device that hold a number to change
 * @dev: the device, with its directory
 *
 * Context: Process context. May sleep.
 */
void swaptbl_knobs_add(struct swaptbl_device *dev)
{
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(knobs); i++)
		debugfs_create_file(knobs[i].name, 0600, dev->dir, dev,
				    &knob_fops);
}
