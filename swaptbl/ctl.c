// SPDX-License-Identifier: GPL-2.0
/*
 * The ctl file of a device. What its commands do is in ctl_slots.c and ctl_folios.c.
 */
#include <linux/debugfs.h>
#include <linux/err.h>
#include <linux/fs.h>
#include <linux/kernel.h>
#include <linux/mm.h>
#include <linux/module.h>
#include <linux/string.h>

#include "ctl.h"
#include "ctl_file.h"
#include "device.h"
#include "entry.h"
#include "parse.h"

/* Slots, or folios, that one command may name. */
#define CTL_NR_MAX	65536L

/* Room for the longest line of an answer, an offset and a count. */
#define CTL_LINE	32

/* Keys of the commands, and other things to know of them. */
enum {
	KEY_OFFSET	= BIT(0),
	KEY_NR		= BIT(1),
	KEY_NR_NEEDED	= BIT(2),
	KEY_ORDER	= BIT(3),
	KEY_ORDER_NEEDED = BIT(4),
	KEY_FOLIO	= BIT(5),
	NR_OF_PAGES	= BIT(6),
	ONE_LINE	= BIT(7),
};

static const struct ctl_name {
	const char *name;
	unsigned int keys;
	int (*run)(struct swaptbl_device *dev, const struct swaptbl_cmd *cmd,
		   struct swaptbl_answer *answer);
} ctl_names[] = {
	{ "alloc", KEY_ORDER | KEY_ORDER_NEEDED | KEY_NR | KEY_NR_NEEDED |
		   KEY_FOLIO, swaptbl_run_alloc },
	{ "dup", KEY_OFFSET | KEY_NR, swaptbl_run_dup },
	{ "put", KEY_OFFSET | KEY_NR, swaptbl_run_put },
	{ "free", KEY_OFFSET | KEY_NR | ONE_LINE, swaptbl_run_free },
	{ "count", KEY_OFFSET | KEY_NR, swaptbl_run_count },
	{ "exclusive alloc", KEY_NR, swaptbl_run_exclusive_alloc },
	{ "exclusive free", KEY_OFFSET | KEY_NR | ONE_LINE,
	  swaptbl_run_exclusive_free },
	{ "evict", KEY_OFFSET | KEY_NR | ONE_LINE, swaptbl_run_evict },
	{ "shrink", KEY_NR | KEY_NR_NEEDED | NR_OF_PAGES | ONE_LINE,
	  swaptbl_run_shrink },
	{ "swapin", KEY_OFFSET | KEY_NR | KEY_ORDER, swaptbl_run_swapin },
	{ "crc", KEY_OFFSET | KEY_NR, swaptbl_run_crc },
	{ "split", KEY_OFFSET | KEY_ORDER | KEY_ORDER_NEEDED | ONE_LINE,
	  swaptbl_run_split },
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

/* Return: number of @args set up. */
static unsigned int add_folio_args(struct swaptbl_arg *args, unsigned int keys,
				   struct swaptbl_cmd *cmd)
{
	unsigned int nr = 0;

	if (keys & KEY_ORDER)
		args[nr++] = (struct swaptbl_arg){
			.key = "order", .num = &cmd->order,
			.max = SWAPTBL_CLUSTER_ORDER,
			.required = keys & KEY_ORDER_NEEDED };
	if (keys & KEY_FOLIO) {
		args[nr++] = (struct swaptbl_arg){
			.key = "group", .num = &cmd->group,
			.max = SWAPTBL_GROUP_MAX };
		args[nr++] = (struct swaptbl_arg){
			.key = "fill", .num = &cmd->fill, .max = U8_MAX };
	}
	return nr;
}

static int parse_keys(char *line, unsigned int keys,
		      const struct swaptbl_device *dev, struct swaptbl_cmd *cmd,
		      struct swaptbl_why *why)
{
	struct swaptbl_arg args[5];
	unsigned int nr = 0;

	if (keys & KEY_OFFSET)
		args[nr++] = (struct swaptbl_arg){
			.key = "offset", .num = &cmd->offset,
			.max = dev->nr_slots - 1, .required = true };
	if (keys & KEY_NR)
		args[nr++] = (struct swaptbl_arg){
			.key = "nr", .num = &cmd->nr, .min = 1,
			.max = keys & NR_OF_PAGES ? SWAPTBL_SLOTS_MAX :
						    CTL_NR_MAX,
			.required = keys & KEY_NR_NEEDED };
	nr += add_folio_args(args + nr, keys, cmd);
	return swaptbl_args_parse(line, args, nr, why);
}

static int ctl_parse(char *line, const struct swaptbl_device *dev,
		     struct swaptbl_cmd *cmd, struct swaptbl_why *why)
{
	const struct ctl_name *name = parse_name(&line, why);
	unsigned long left;
	int err;

	if (!name)
		return -EINVAL;
	cmd->run = name->run;
	err = parse_keys(line, name->keys, dev, cmd, why);
	/* One more, to say that it stopped. */
	cmd->lines = 1 + (name->keys & ONE_LINE ? 1 : cmd->nr);
	if (err || !(name->keys & KEY_OFFSET))
		return err;
	left = dev->nr_slots - cmd->offset;
	if (cmd->nr > left)
		return swaptbl_why(why, -ERANGE, "only %lu slots from there on",
				   left);
	return 0;
}

/* The reference refuses a device that is going away, and pins its slots. */
static int ctl_run(struct swaptbl_device *dev, const struct swaptbl_cmd *cmd,
		   struct swaptbl_answer *answer)
{
	int err = swaptbl_answer_room(answer, cmd->lines * CTL_LINE);

	if (err)
		return err;
	dev = swaptbl_device_get(dev->type);
	if (IS_ERR(dev))
		return PTR_ERR(dev);
	err = cmd->run(dev, cmd, answer);
	swaptbl_device_put(dev);
	return err;
}

static int ctl_command(void *object, char *line, struct swaptbl_answer *answer,
		       struct swaptbl_why *why)
{
	struct swaptbl_cmd cmd = { .nr = 1, .why = why };

	return ctl_parse(line, object, &cmd, why) ?: ctl_run(object, &cmd, answer);
}

static void ctl_name(const void *object, char *name, size_t size)
{
	const struct swaptbl_device *dev = object;

	scnprintf(name, size, "dev%u/ctl", dev->type);
}

static const struct swaptbl_ctl_type ctl_type = {
	.command = ctl_command,
	.name = ctl_name,
};

static int ctl_open(struct inode *inode, struct file *file)
{
	return swaptbl_ctl_open(file, inode->i_private, &ctl_type);
}

static const struct file_operations ctl_fops = {
	.owner = THIS_MODULE,
	.open = ctl_open,
	.read = swaptbl_ctl_read,
	.write = swaptbl_ctl_write,
	.llseek = no_seek_end_llseek,
	.release = swaptbl_ctl_release,
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
