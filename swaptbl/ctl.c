// SPDX-License-Identifier: GPL-2.0
/*
 * The ctl file of a device: one command per write, its result to a read of the
 * same open file.
 *
 * A command over many slots stops at the first that fails. If none was done the
 * write is refused; otherwise it succeeds, and the last line of the result says
 * "stopped" and why.
 */
#include <linux/cleanup.h>
#include <linux/debugfs.h>
#include <linux/err.h>
#include <linux/fs.h>
#include <linux/kernel.h>
#include <linux/mm.h>
#include <linux/module.h>
#include <linux/mutex.h>
#include <linux/pagemap.h>
#include <linux/sched/signal.h>
#include <linux/slab.h>
#include <linux/string.h>

#include "cache.h"
#include "cluster.h"
#include "count.h"
#include "ctl.h"
#include "device.h"
#include "entry.h"
#include "folio.h"
#include "parse.h"

/* Slots, or folios, that one command may name. */
#define CTL_NR_MAX	65536L

/* Room for the longest line of a result, an offset and a count. */
#define CTL_LINE	32

/**
 * struct ctl_file - one open ctl file
 * @dev: the device
 * @lock: protects what follows, and orders the commands of the file
 * @buf: result of the last command, NULL if it was refused
 * @size: size of @buf
 * @len: length of the result
 */
struct ctl_file {
	struct swaptbl_device *dev;
	struct mutex lock; /* see above */
	char *buf;
	size_t size;
	size_t len;
};

/**
 * struct ctl_cmd - one command
 * @run: does it
 * @offset: first slot
 * @nr: how many slots or folios
 * @order: of the folios
 * @group: their owner
 * @why: where to say why it failed, if the errno does not
 */
struct ctl_cmd {
	int (*run)(struct ctl_file *ctl, const struct ctl_cmd *cmd);
	long offset;
	long nr;
	long order;
	long group;
	struct swaptbl_why *why;
};

__printf(2, 3)
static void ctl_print(struct ctl_file *ctl, const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	ctl->len += vscnprintf(ctl->buf + ctl->len, ctl->size - ctl->len, fmt,
			       args);
	va_end(args);
}

static void ctl_drop_result(struct ctl_file *ctl)
{
	kvfree(ctl->buf);
	ctl->buf = NULL;
	ctl->len = 0;
}

/* Half done is done: says so, and turns the error into success. */
static int ctl_stopped(struct ctl_file *ctl, int err, long done)
{
	if (!err || !done)
		return err;
	ctl_print(ctl, "stopped %pe\n", ERR_PTR(err));
	return 0;
}

static int ctl_breathe(void)
{
	cond_resched();
	return fatal_signal_pending(current) ? -EINTR : 0;
}

/* The reference that the table takes is what holds the folio from here on. */
static int alloc_folio(struct swaptbl_device *dev, const struct ctl_cmd *cmd,
		       unsigned long *offset)
{
	struct folio *folio;
	int err;

	/* These pages belong to no task: killing one would not help. */
	folio = folio_alloc(GFP_KERNEL | __GFP_RETRY_MAYFAIL | __GFP_NOWARN,
			    cmd->order);
	if (!folio)
		return -ENOMEM;
	folio_lock(folio);
	folio->index = cmd->group;
	err = swaptbl_folio_alloc_swap_on(dev, folio);
	*offset = swp_offset(folio->swap);
	folio_unlock(folio);
	folio_put(folio);
	return err;
}

static int run_alloc(struct ctl_file *ctl, const struct ctl_cmd *cmd)
{
	unsigned long offset;
	int err = 0;
	long i;

	for (i = 0; i < cmd->nr; i++) {
		err = ctl_breathe() ?: alloc_folio(ctl->dev, cmd, &offset);
		if (err)
			break;
		ctl_print(ctl, "%lu\n", offset);
	}
	return ctl_stopped(ctl, err, i);
}

static int run_count(struct ctl_file *ctl, const struct ctl_cmd *cmd)
{
	long count;
	int err = 0;
	long i;

	for (i = 0; i < cmd->nr; i++) {
		err = ctl_breathe();
		if (err)
			break;
		count = swaptbl_count(ctl->dev, cmd->offset + i);
		if (count < 0)
			return count;
		ctl_print(ctl, "%lu %ld\n", cmd->offset + i, count);
	}
	return ctl_stopped(ctl, err, i);
}

/* The counts after a change; a slot that it freed has none. */
static void show_counts(struct ctl_file *ctl, const struct ctl_cmd *cmd)
{
	long count, i;

	for (i = 0; i < cmd->nr; i++) {
		count = swaptbl_count(ctl->dev, cmd->offset + i);
		ctl_print(ctl, "%lu %ld\n", cmd->offset + i, max(count, 0L));
		cond_resched();
	}
}

static int run_dup(struct ctl_file *ctl, const struct ctl_cmd *cmd)
{
	int err = swaptbl_dup_entries(ctl->dev, cmd->offset, cmd->nr,
				      SWAPTBL_DUP_CACHED, GFP_KERNEL);

	if (!err)
		show_counts(ctl, cmd);
	return err;
}

static int run_put(struct ctl_file *ctl, const struct ctl_cmd *cmd)
{
	int err = swaptbl_put_entries(ctl->dev, cmd->offset, cmd->nr);

	if (!err)
		show_counts(ctl, cmd);
	return err;
}

static bool folio_has_slot(struct folio *folio, unsigned int type,
			   unsigned long offset)
{
	return swaptbl_folio_bound(folio) && swp_type(folio->swap) == type &&
	       offset - swp_offset(folio->swap) < folio_nr_pages(folio);
}

/* Why there is no folio in a slot. */
static int no_folio(struct swaptbl_device *dev, unsigned long offset,
		    struct swaptbl_why *why)
{
	struct swaptbl_cluster *ci = swaptbl_cluster_lock(dev, offset);
	unsigned long word = 0;

	if (ci) {
		word = __swaptbl_word_get(ci, swaptbl_slot(offset));
		swaptbl_cluster_unlock(ci);
	}
	if (swaptbl_entry_is_bad(word) || swaptbl_entry_is_exclusive(word))
		return swaptbl_why(why, -EINVAL, "slot %lu is bad or exclusive",
				   offset);
	return swaptbl_why(why, -ENOENT, "no folio in slot %lu", offset);
}

/* Frees all slots of the folio at *@offset, and moves *@offset behind them. */
static int free_folio(struct swaptbl_device *dev, unsigned long *offset)
{
	struct folio *folio = swaptbl_cache_get_folio(dev, *offset);
	unsigned long next;
	int err = -ENOENT;

	if (!folio)
		return -ENOENT;
	folio_lock(folio);
	/* It may have left the slot before the lock was taken. */
	if (folio_has_slot(folio, dev->type, *offset)) {
		next = swp_offset(folio->swap) + folio_nr_pages(folio);
		err = swaptbl_folio_free_swap(folio);
		if (!err)
			*offset = next;
	}
	folio_unlock(folio);
	folio_put(folio);
	return err;
}

static int run_free(struct ctl_file *ctl, const struct ctl_cmd *cmd)
{
	unsigned long offset = cmd->offset, last = offset + cmd->nr - 1;
	long folios = 0;
	int err;

	do {
		err = ctl_breathe() ?: free_folio(ctl->dev, &offset);
		folios += !err;
	} while (!err && offset <= last);
	if (err == -ENOENT)
		err = no_folio(ctl->dev, offset, cmd->why);
	else if (err == -EBUSY)
		swaptbl_why(cmd->why, err, "the folio of slot %lu has counts",
			    offset);
	if (folios)
		ctl_print(ctl, "freed %ld\n", folios);
	return ctl_stopped(ctl, err, folios);
}

static int run_exclusive_alloc(struct ctl_file *ctl, const struct ctl_cmd *cmd)
{
	swp_entry_t entry;
	int err = 0;
	long i;

	for (i = 0; i < cmd->nr; i++) {
		err = ctl_breathe() ?:
		      swaptbl_alloc_exclusive(ctl->dev->type, &entry);
		if (err)
			break;
		ctl_print(ctl, "%lu\n", swp_offset(entry));
	}
	return ctl_stopped(ctl, err, i);
}

static int run_exclusive_free(struct ctl_file *ctl, const struct ctl_cmd *cmd)
{
	int err = 0;
	long i;

	for (i = 0; i < cmd->nr; i++) {
		err = ctl_breathe() ?:
		      swaptbl_free_exclusive(swp_entry(ctl->dev->type,
						       cmd->offset + i));
		if (err)
			break;
	}
	if (err == -ENOENT)
		swaptbl_why(cmd->why, err, "slot %ld is free", cmd->offset + i);
	if (i)
		ctl_print(ctl, "freed %ld\n", i);
	return ctl_stopped(ctl, err, i);
}

/* Keys of the commands, as bits of struct ctl_name. */
enum {
	KEY_OFFSET	= 1,
	KEY_NR		= 2,
	KEY_NR_NEEDED	= 4,
	KEY_FOLIO	= 8,
};

static const struct ctl_name {
	const char *name;
	unsigned int keys;
	int (*run)(struct ctl_file *ctl, const struct ctl_cmd *cmd);
} ctl_names[] = {
	{ "alloc", KEY_FOLIO | KEY_NR | KEY_NR_NEEDED, run_alloc },
	{ "dup", KEY_OFFSET | KEY_NR, run_dup },
	{ "put", KEY_OFFSET | KEY_NR, run_put },
	{ "free", KEY_OFFSET | KEY_NR, run_free },
	{ "count", KEY_OFFSET | KEY_NR, run_count },
	{ "exclusive alloc", KEY_NR, run_exclusive_alloc },
	{ "exclusive free", KEY_OFFSET | KEY_NR, run_exclusive_free },
};

static const struct ctl_name *find_name(const char *name)
{
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(ctl_names); i++)
		if (!strcmp(ctl_names[i].name, name))
			return &ctl_names[i];
	return NULL;
}

static const struct ctl_name *parse_name(char **line, struct swaptbl_why *why)
{
	const char *word = swaptbl_word_next(line), *second = NULL;
	const struct ctl_name *name;
	char two[32];

	if (!strcmp(word, "exclusive")) {
		second = swaptbl_word_next(line);
		scnprintf(two, sizeof(two), "%s %s", word, second ?: "");
	}
	name = find_name(second ? two : word);
	if (!name)
		swaptbl_why(why, -EINVAL, "unknown command: %.32s",
			    second ? two : word);
	return name;
}

static int parse_keys(char *line, unsigned int keys, const struct ctl_file *ctl,
		      struct ctl_cmd *cmd, struct swaptbl_why *why)
{
	struct swaptbl_arg args[4];
	unsigned int nr = 0;

	if (keys & KEY_OFFSET)
		args[nr++] = (struct swaptbl_arg){
			.key = "offset", .num = &cmd->offset,
			.max = ctl->dev->nr_slots - 1, .required = true };
	if (keys & KEY_NR)
		args[nr++] = (struct swaptbl_arg){
			.key = "nr", .num = &cmd->nr, .min = 1,
			.max = CTL_NR_MAX, .required = keys & KEY_NR_NEEDED };
	if (keys & KEY_FOLIO) {
		args[nr++] = (struct swaptbl_arg){
			.key = "order", .num = &cmd->order,
			.max = SWAPTBL_CLUSTER_ORDER, .required = true };
		args[nr++] = (struct swaptbl_arg){
			.key = "group", .num = &cmd->group,
			.max = SWAPTBL_GROUP_MAX };
	}
	return swaptbl_args_parse(line, args, nr, why);
}

static int ctl_parse(char *line, const struct ctl_file *ctl,
		     struct ctl_cmd *cmd, struct swaptbl_why *why)
{
	const struct ctl_name *name = parse_name(&line, why);
	unsigned long left;
	int err;

	if (!name)
		return -EINVAL;
	cmd->run = name->run;
	err = parse_keys(line, name->keys, ctl, cmd, why);
	if (err || !(name->keys & KEY_OFFSET))
		return err;
	left = ctl->dev->nr_slots - cmd->offset;
	if (cmd->nr > left)
		return swaptbl_why(why, -ERANGE, "only %lu slots from there on",
				   left);
	return 0;
}

/* The reference refuses a device that is going away, and pins its slots. */
static int ctl_run(struct ctl_file *ctl, const struct ctl_cmd *cmd)
{
	struct swaptbl_device *dev;
	int err;

	ctl->size = (cmd->nr + 1) * CTL_LINE;
	ctl->buf = kvmalloc(ctl->size, GFP_KERNEL);
	if (!ctl->buf)
		return -ENOMEM;
	dev = swaptbl_device_get(ctl->dev->type);
	if (IS_ERR(dev))
		return PTR_ERR(dev);
	err = cmd->run(ctl, cmd);
	swaptbl_device_put(dev);
	return err;
}

static int ctl_command(struct ctl_file *ctl, const char __user *ubuf,
		       size_t len, struct swaptbl_why *why)
{
	struct ctl_cmd cmd = { .nr = 1, .why = why };
	char *line;
	int err;

	line = swaptbl_line_get(ubuf, len, why);
	if (IS_ERR(line))
		return PTR_ERR(line);
	err = ctl_parse(line, ctl, &cmd, why);
	kfree(line);
	return err ?: ctl_run(ctl, &cmd);
}

static ssize_t ctl_write(struct file *file, const char __user *ubuf, size_t len,
			 loff_t *ppos)
{
	struct ctl_file *ctl = file->private_data;
	struct swaptbl_why why = {};
	char name[16];
	int err;

	if (mutex_lock_killable(&ctl->lock))
		return -EINTR;
	ctl_drop_result(ctl);
	err = ctl_command(ctl, ubuf, len, &why);
	if (err)
		ctl_drop_result(ctl);
	mutex_unlock(&ctl->lock);
	/* The read that follows starts at the head of the result. */
	*ppos = 0;
	if (!err)
		return len;
	scnprintf(name, sizeof(name), "dev%u/ctl", ctl->dev->type);
	return swaptbl_refuse(name, err, &why);
}

static ssize_t ctl_read(struct file *file, char __user *ubuf, size_t len,
			loff_t *ppos)
{
	struct ctl_file *ctl = file->private_data;
	ssize_t ret;

	if (mutex_lock_killable(&ctl->lock))
		return -EINTR;
	ret = simple_read_from_buffer(ubuf, len, ppos, ctl->buf, ctl->len);
	mutex_unlock(&ctl->lock);
	return ret;
}

static int ctl_open(struct inode *inode, struct file *file)
{
	struct ctl_file *ctl = kzalloc(sizeof(*ctl), GFP_KERNEL);

	if (!ctl)
		return -ENOMEM;
	mutex_init(&ctl->lock);
	ctl->dev = inode->i_private;
	file->private_data = ctl;
	return 0;
}

static int ctl_release(struct inode *inode, struct file *file)
{
	struct ctl_file *ctl = file->private_data;

	ctl_drop_result(ctl);
	kfree(ctl);
	return 0;
}

static const struct file_operations ctl_fops = {
	.owner = THIS_MODULE,
	.open = ctl_open,
	.read = ctl_read,
	.write = ctl_write,
	.llseek = no_seek_end_llseek,
	.release = ctl_release,
};

/**
 * swaptbl_ctl_add() - make the ctl file of a device
 * @dev: the device, with its directory
 *
 * Context: Process context. May sleep.
 */
void swaptbl_ctl_add(struct swaptbl_device *dev)
{
	debugfs_create_file("ctl", 0600, dev->dir, dev, &ctl_fops);
}
