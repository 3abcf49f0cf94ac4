// SPDX-License-Identifier: GPL-2.0
/*
 * Root of the control and view: makes and destroys devices, keeps the last
 * refusal, and one directory per device.
 *
 * Removing a file waits for its running operations, and later ones fail. So an
 * operation of a device's file may use the device without a reference, and an
 * open file never delays the end of a device.
 */
#include <linux/cleanup.h>
#include <linux/ctype.h>
#include <linux/debugfs.h>
#include <linux/err.h>
#include <linux/fs.h>
#include <linux/kernel.h>
#include <linux/limits.h>
#include <linux/module.h>
#include <linux/mutex.h>
#include <linux/seq_file.h>
#include <linux/slab.h>
#include <linux/string.h>

#include "ctl.h"
#include "data.h"
#include "debugfs.h"
#include "device.h"
#include "entry.h"
#include "groups.h"
#include "parse.h"
#include "view.h"

static struct dentry *debugfs_root;

static DEFINE_MUTEX(last_error_lock);
static char last_error[192];

/* What a writer sent may be quoted in it: one line of printable characters. */
static void make_printable(char *text)
{
	for (; *text; text++)
		if (!isascii(*text) || !isprint(*text))
			*text = '?';
}

/**
 * swaptbl_refuse() - note a refused write
 * @file: the file, below the root
 * @err: negative errno
 * @why: the reason, may be empty
 *
 * Context: Process context. May sleep.
 * Return: @err.
 */
int swaptbl_refuse(const char *file, int err, const struct swaptbl_why *why)
{
	guard(mutex)(&last_error_lock);
	scnprintf(last_error, sizeof(last_error), "%s: %pe: %s", file,
		  ERR_PTR(err), swaptbl_why_text(why, err));
	make_printable(last_error);
	return err;
}

static int last_error_show(struct seq_file *m, void *unused)
{
	guard(mutex)(&last_error_lock);
	seq_printf(m, "%s\n", last_error[0] ? last_error : "none");
	return 0;
}
DEFINE_SHOW_ATTRIBUTE(last_error);

/**
 * swaptbl_control_write() - a write to a file that takes one line
 * @file: name of the file, below the root
 * @ubuf: the line
 * @len: its length in bytes
 * @pos: where it is written
 * @run: does what it asks for
 *
 * Writes leave the position at 0, so that each is a command of its own. Another
 * position means that the writer takes the file for one that holds text.
 *
 * Context: Process context. May sleep.
 * Return: @len, or the error that it was refused with.
 */
ssize_t swaptbl_control_write(const char *file, const char __user *ubuf, size_t len,
			      loff_t pos,
			      int (*run)(char *line, struct swaptbl_why *why))
{
	struct swaptbl_why why = {};
	char *line;
	int err;

	if (pos) {
		err = swaptbl_why(&why, -EINVAL, "write at an offset");
		return swaptbl_refuse(file, err, &why);
	}
	line = swaptbl_line_get(ubuf, len, &why);
	if (IS_ERR(line))
		return swaptbl_refuse(file, PTR_ERR(line), &why);
	err = run(line, &why);
	kfree(line);
	return err ? swaptbl_refuse(file, err, &why) : len;
}

static int create_device(const struct swaptbl_params *params,
			 struct swaptbl_why *why)
{
	struct swaptbl_device *dev;
	const char *text = NULL;

	dev = swaptbl_device_create(params, &text);
	if (!IS_ERR(dev))
		return 0;
	if (text)
		return swaptbl_why(why, PTR_ERR(dev), "%s", text);
	return PTR_ERR(dev);
}

/* Keys that only one sort of store has, and those that all have. */
#define CREATE_OWN_ARGS	2
#define CREATE_ARGS	(CREATE_OWN_ARGS + 2)

static int create_parse(char *line, struct swaptbl_arg *args, unsigned int nr,
			struct swaptbl_params *params, struct swaptbl_why *why)
{
	long bits = SWAPTBL_COUNT_BITS_MAX, prio = 0;
	int err;

	args[nr++] = (struct swaptbl_arg){
		.key = "count_bits", .num = &bits,
		.min = SWAPTBL_COUNT_BITS_MIN, .max = SWAPTBL_COUNT_BITS_MAX };
	args[nr++] = (struct swaptbl_arg){
		.key = "prio", .num = &prio, .min = SHRT_MIN, .max = SHRT_MAX };
	err = swaptbl_args_parse(line, args, nr, why);
	params->count_bits = bits;
	params->prio = prio;
	return err;
}

static int create_ram(char *line, struct swaptbl_why *why)
{
	struct swaptbl_params params = {};
	long slots = 0;
	struct swaptbl_arg args[CREATE_ARGS] = {
		{ .key = "slots", .num = &slots, .min = SWAPTBL_SLOTS_MIN,
		  .max = SWAPTBL_SLOTS_MAX, .required = true },
	};
	int err = create_parse(line, args, 1, &params, why);

	params.nr_slots = slots;
	return err ?: create_device(&params, why);
}

static int create_bdev(char *line, struct swaptbl_why *why)
{
	struct swaptbl_params params = {};
	long discard = 0;
	struct swaptbl_arg args[CREATE_ARGS] = {
		{ .key = "path", .str = &params.path, .required = true },
		{ .key = "discard", .num = &discard, .max = 1 },
	};
	int err = create_parse(line, args, CREATE_OWN_ARGS, &params, why);

	params.discard = discard;
	return err ?: create_device(&params, why);
}

static int create_run(char *line, struct swaptbl_why *why)
{
	const char *store = swaptbl_word_next(&line);

	if (!strcmp(store, "ram"))
		return create_ram(line, why);
	if (!strcmp(store, "bdev"))
		return create_bdev(line, why);
	return swaptbl_why(why, -EINVAL, "unknown store: %.32s", store);
}

static ssize_t create_write(struct file *file, const char __user *ubuf,
			    size_t len, loff_t *ppos)
{
	return swaptbl_control_write("create", ubuf, len, *ppos, create_run);
}

static const struct file_operations create_fops = {
	.owner = THIS_MODULE,
	.open = simple_open,
	.write = create_write,
};

/* "dev" and a number as debugfs shows it: no sign, no leading zero. */
static int parse_device(const char *name, unsigned int *type,
			struct swaptbl_why *why)
{
	const char *num = name + strlen("dev");
	int err = -EINVAL;

	if (!strncmp(name, "dev", strlen("dev")) && isdigit(num[0]) &&
	    (num[0] != '0' || !num[1]))
		err = kstrtouint(num, 10, type);
	if (err == -EINVAL)
		return swaptbl_why(why, err, "not a device name: %.32s", name);
	if (err || *type >= SWAPTBL_DEVICES_MAX)
		return swaptbl_why(why, -ENODEV, "no such device: %.32s", name);
	return 0;
}

static int destroy_run(char *line, struct swaptbl_why *why)
{
	const char *name = swaptbl_word_next(&line);
	const char *drop = swaptbl_word_next(&line);
	const char *junk = swaptbl_word_next(&line);
	unsigned int type;
	int err;

	if (drop && strcmp(drop, "drop"))
		junk = drop;
	if (junk)
		return swaptbl_why(why, -EINVAL, "unknown word: %.32s", junk);
	err = parse_device(name, &type, why);
	if (err)
		return err;
	err = swaptbl_device_destroy(type, drop);
	if (err == -EBUSY)
		swaptbl_why(why, err, drop ? "exclusive slots are used" :
			    "slots are used: they have counts or are exclusive");
	else if (err == -ENODEV)
		swaptbl_why(why, err, "no such device: %.32s", name);
	return err;
}

/* What a signal ended can be begun again; a shell gets one for each of its jobs. */
static ssize_t destroy_write(struct file *file, const char __user *ubuf,
			     size_t len, loff_t *ppos)
{
	ssize_t ret = swaptbl_control_write("destroy", ubuf, len, *ppos,
					    destroy_run);

	return ret == -EINTR ? -ERESTARTSYS : ret;
}

static const struct file_operations destroy_fops = {
	.owner = THIS_MODULE,
	.open = simple_open,
	.write = destroy_write,
};

/**
 * swaptbl_debugfs_create() - make the root directory and its files
 *
 * Context: Process context. May sleep.
 */
void swaptbl_debugfs_create(void)
{
	debugfs_root = debugfs_create_dir("swaptbl", NULL);
	debugfs_create_file("create", 0200, debugfs_root, NULL, &create_fops);
	debugfs_create_file("destroy", 0200, debugfs_root, NULL, &destroy_fops);
	debugfs_create_file("last_error", 0400, debugfs_root, NULL,
			    &last_error_fops);
	swaptbl_groups_add(debugfs_root);
}

/**
 * swaptbl_debugfs_destroy() - undo swaptbl_debugfs_create()
 *
 * The directories of devices go too.
 *
 * Context: Process context. May sleep.
 */
void swaptbl_debugfs_destroy(void)
{
	swaptbl_groups_remove();
	debugfs_remove(debugfs_root);
	debugfs_root = NULL;
}

/**
 * swaptbl_debugfs_add() - make the directory of a device
 * @dev: the device
 *
 * Context: Process context. May sleep.
 */
void swaptbl_debugfs_add(struct swaptbl_device *dev)
{
	char name[16];

	scnprintf(name, sizeof(name), "dev%u", dev->type);
	dev->dir = debugfs_create_dir(name, debugfs_root);
	swaptbl_view_add(dev);
	swaptbl_knobs_add(dev);
	swaptbl_ctl_add(dev);
	swaptbl_data_add(dev);
}

/**
 * swaptbl_debugfs_remove() - undo swaptbl_debugfs_add()
 * @dev: the device
 *
 * Waits for the operations that run on its files; nobody gets at the device
 * through them afterwards, also not through files that are still open.
 *
 * Context: Process context. May sleep.
 */
void swaptbl_debugfs_remove(struct swaptbl_device *dev)
{
	if (debugfs_root)
		debugfs_remove(dev->dir);
	dev->dir = NULL;
}
