// SPDX-License-Identifier: GPL-2.0
/*
 * The ctl file of a group: folios for its lists, and what is done with them.
 */
#include <linux/debugfs.h>
#include <linux/err.h>
#include <linux/fs.h>
#include <linux/kernel.h>
#include <linux/mm.h>
#include <linux/module.h>
#include <linux/pagemap.h>
#include <linux/random.h>
#include <linux/string.h>

#include "charge.h"
#include "compat.h"
#include "ctl_file.h"
#include "device.h"
#include "folio.h"
#include "geometry.h"
#include "group.h"
#include "group_reclaim.h"
#include "groups.h"
#include "lru.h"
#include "lruvec.h"
#include "parse.h"

/* Folios that one command may name. */
#define NR_MAX		BIT(30)

/* Longest answer. */
#define ANSWER_SIZE	64

/**
 * struct group_cmd - a command
 * @gdir: the group's directory
 * @lru: which list
 * @nr: how many folios, pages or rounds
 * @order: of new folios
 * @node: of the folios, NUMA_NO_NODE for any
 * @dev: device whose slots new folios are bound to, negative for none
 * @done: what was done so far
 * @why: where to say why it failed, if the errno does not
 */
struct group_cmd {
	struct swaptbl_group_dir *gdir;
	enum lru_list lru;
	long nr;
	long order;
	long node;
	long dev;
	long done;
	struct swaptbl_why *why;
};

/* Data that is nowhere else, unless it is bound to slots: dirty. */
static int folio_begin(struct group_cmd *cmd, struct swaptbl_device *dev,
		       struct folio *folio)
{
	int err = swaptbl_folio_charge(folio, cmd->gdir->group);

	if (err)
		return err;
	folio_set_dirty(folio);
	if (dev)
		err = swaptbl_folio_alloc_swap_on(dev, folio) ?:
		      swaptbl_folio_dup_swap(folio, NULL, GFP_KERNEL);
	if (!err)
		return swaptbl_folio_add_lru(folio, cmd->lru);
	if (swaptbl_folio_bound(folio))
		swaptbl_folio_free_swap(folio);
	else
		swaptbl_folio_uncharge(folio);
	return err;
}

static int populate_one(struct group_cmd *cmd, struct swaptbl_device *dev)
{
	gfp_t gfp = GFP_HIGHUSER | __GFP_ZERO | __GFP_RETRY_MAYFAIL | __GFP_NOWARN;
	struct folio *folio;
	int err;

	if (cmd->node == NUMA_NO_NODE)
		folio = folio_alloc(gfp, cmd->order);
	else
		folio = __folio_alloc_node(gfp | __GFP_THISNODE, cmd->order,
					   cmd->node);
	if (!folio)
		return -ENOMEM;
	swaptbl_folio_init(folio);
	folio_lock(folio);
	err = folio_begin(cmd, dev, folio);
	folio_unlock(folio);
	/* The list's reference is what holds it. */
	folio_put(folio);
	return err;
}

static int populate_all(struct group_cmd *cmd, struct swaptbl_device *dev)
{
	int err = 0;

	for (; !err && cmd->done < cmd->nr; cmd->done += !err)
		err = swaptbl_ctl_breathe() ?: populate_one(cmd, dev);
	swaptbl_lru_drain_all();
	return err;
}

static int run_populate(struct group_cmd *cmd, struct swaptbl_answer *answer)
{
	struct swaptbl_device *dev = NULL;
	int err;

	if (cmd->dev >= 0) {
		dev = swaptbl_device_get(cmd->dev);
		if (IS_ERR(dev))
			return PTR_ERR(dev);
	}
	err = populate_all(cmd, dev);
	if (dev)
		swaptbl_device_put(dev);
	swaptbl_answer(answer, "populated %ld\n", cmd->done);
	return err;
}

/* The nodes that a command is about, one by one. */
static bool next_nid(const struct group_cmd *cmd, int *nid)
{
	if (cmd->node != NUMA_NO_NODE) {
		*nid = *nid < 0 ? cmd->node : MAX_NUMNODES;
		return *nid < MAX_NUMNODES;
	}
	*nid = *nid < 0 ? first_node(node_states[N_MEMORY]) :
			  next_node(*nid, node_states[N_MEMORY]);
	return *nid < MAX_NUMNODES;
}

/* No more than are wanted; the last ones singly, as one page is one folio. */
static unsigned int isolate_some(struct group_cmd *cmd, int nid,
				 struct folio_batch *fbatch)
{
	struct swaptbl_group *group = cmd->gdir->group;

	folio_batch_init(fbatch);
	if (cmd->nr - cmd->done < folio_batch_space(fbatch))
		return swaptbl_isolate_lru_pages(group, nid, cmd->lru, 1, fbatch);
	return swaptbl_isolate_lru_folios(group, nid, cmd->lru, fbatch);
}

/* @fn takes over the references to isolated folios. */
static int for_isolated(struct group_cmd *cmd,
			void (*fn)(struct group_cmd *cmd, struct folio *folio))
{
	struct folio_batch fbatch;
	unsigned int i, nr;
	int err, nid = -1;

	swaptbl_lru_drain_all();
	while (cmd->done < cmd->nr && next_nid(cmd, &nid)) {
		do {
			err = swaptbl_ctl_breathe();
			if (err)
				return err;
			nr = isolate_some(cmd, nid, &fbatch);
			for (i = 0; i < nr; i++)
				fn(cmd, fbatch.folios[i]);
			cmd->done += nr;
		} while (nr && cmd->done < cmd->nr);
	}
	return 0;
}

static void keep(struct group_cmd *cmd, struct folio *folio)
{
	mutex_lock(&cmd->gdir->lock);
	list_add_tail(&folio->lru, &cmd->gdir->isolated);
	mutex_unlock(&cmd->gdir->lock);
}

static int run_isolate(struct group_cmd *cmd, struct swaptbl_answer *answer)
{
	int err = for_isolated(cmd, keep);

	swaptbl_answer(answer, "isolated %ld\n", cmd->done);
	return err;
}

static int run_putback(struct group_cmd *cmd, struct swaptbl_answer *answer)
{
	struct folio *folio, *next;

	mutex_lock(&cmd->gdir->lock);
	list_for_each_entry_safe(folio, next, &cmd->gdir->isolated, lru) {
		if (cmd->done == cmd->nr)
			break;
		if (swaptbl_folio_lru_list(folio) != cmd->lru ||
		    (cmd->node != NUMA_NO_NODE && folio_nid(folio) != cmd->node))
			continue;
		list_del(&folio->lru);
		swaptbl_folio_putback_lru(folio);
		cmd->done++;
	}
	mutex_unlock(&cmd->gdir->lock);
	swaptbl_answer(answer, "putback %ld\n", cmd->done);
	return 0;
}

/* The count that populate took goes with the folio. */
static void drop(struct group_cmd *cmd, struct folio *folio)
{
	folio_lock(folio);
	if (swaptbl_folio_bound(folio)) {
		swaptbl_folio_put_swap(folio, NULL);
		swaptbl_folio_free_swap(folio);
	}
	swaptbl_folio_release_lru(folio);
	folio_unlock(folio);
	folio_put(folio);
}

static int run_drop(struct group_cmd *cmd, struct swaptbl_answer *answer)
{
	int err = for_isolated(cmd, drop);

	swaptbl_answer(answer, "dropped %ld\n", cmd->done);
	return err;
}

/* From the cold ends of the active lists. What is moved is not found there again. */
static int age_list(struct group_cmd *cmd, int nid, enum lru_list lru)
{
	struct folio_batch fbatch;
	unsigned int i, nr;

	do {
		folio_batch_init(&fbatch);
		nr = swaptbl_get_lru_folios(cmd->gdir->group, nid, lru, &fbatch);
		for (i = 0; i < nr; i++) {
			if (cmd->done < cmd->nr &&
			    !swaptbl_folio_deactivate(fbatch.folios[i]))
				cmd->done++;
			folio_put(fbatch.folios[i]);
		}
		swaptbl_lru_drain_all();
		if (swaptbl_ctl_breathe())
			return -EINTR;
	} while (nr && cmd->done < cmd->nr);
	return 0;
}

static int run_age(struct group_cmd *cmd, struct swaptbl_answer *answer)
{
	int err = 0, nid = -1;

	swaptbl_lru_drain_all();
	while (!err && next_nid(cmd, &nid))
		err = age_list(cmd, nid, LRU_ACTIVE_FILE) ?:
		      age_list(cmd, nid, LRU_ACTIVE_ANON);
	swaptbl_answer(answer, "aged %ld\n", cmd->done);
	return err;
}

/* A generation each time, on every node. */
static int run_advance(struct group_cmd *cmd, struct swaptbl_answer *answer)
{
	int err = 0, nid;

	swaptbl_lru_drain_all();
	for (; !err && cmd->done < cmd->nr; cmd->done += !err) {
		err = swaptbl_ctl_breathe();
		nid = -1;
		while (!err && next_nid(cmd, &nid))
			err = swaptbl_group_age(cmd->gdir->group, nid);
	}
	if (err == -EOPNOTSUPP)
		return swaptbl_why(cmd->why, err, "these groups have no generations");
	swaptbl_answer(answer, "advanced %ld\n", cmd->done);
	return err;
}

static int run_reclaim(struct group_cmd *cmd, struct swaptbl_answer *answer)
{
	cmd->done = swaptbl_group_reclaim(cmd->gdir->group, cmd->nr);
	swaptbl_answer(answer, "reclaimed %ld\n", cmd->done);
	return 0;
}

static void churn_one(struct folio *folio)
{
	switch (get_random_u32_below(4)) {
	case 0:
		swaptbl_folio_activate(folio);
		break;
	case 1:
		swaptbl_folio_deactivate(folio);
		break;
	case 2:
		swaptbl_folio_rotate_lru(folio);
		break;
	default:
		if (!swaptbl_folio_isolate_lru(folio))
			swaptbl_folio_putback_lru(folio);
	}
}

/* Some of each list. They are worked on wherever they are, until the group is removed. */
static void churn_gather(struct group_cmd *cmd, struct folio_batch *fbatch)
{
	struct folio_batch some;
	enum lru_list lru;
	unsigned int i;
	int nid = -1;

	while (next_nid(cmd, &nid)) {
		for_each_evictable_lru(lru) {
			folio_batch_init(&some);
			swaptbl_get_lru_folios(cmd->gdir->group, nid, lru, &some);
			for (i = 0; i < folio_batch_count(&some); i++)
				if (i >= 3 || !folio_batch_space(fbatch))
					folio_put(some.folios[i]);
				else
					folio_batch_add(fbatch, some.folios[i]);
		}
	}
}

static int run_churn(struct group_cmd *cmd, struct swaptbl_answer *answer)
{
	struct folio_batch fbatch;
	unsigned int i, nr;
	int err = 0;

	swaptbl_lru_drain_all();
	folio_batch_init(&fbatch);
	churn_gather(cmd, &fbatch);
	nr = folio_batch_count(&fbatch);
	for (; nr && !err && cmd->done < cmd->nr; cmd->done++) {
		if (READ_ONCE(cmd->gdir->group->dying))
			break;
		for (i = 0; i < nr; i++)
			churn_one(fbatch.folios[i]);
		err = swaptbl_ctl_breathe();
	}
	swaptbl_lru_drain_all();
	for (i = 0; i < nr; i++)
		folio_put(fbatch.folios[i]);
	swaptbl_answer(answer, "churned %u folios %ld times\n", nr, cmd->done);
	return err;
}

/* Keys of the commands. */
enum {
	KEY_LRU		= BIT(0),
	KEY_NEW		= BIT(1),
	KEY_NODE	= BIT(2),
};

static const struct cmd_name {
	const char *name;
	unsigned int keys;
	int (*run)(struct group_cmd *cmd, struct swaptbl_answer *answer);
} cmd_names[] = {
	{ "populate", KEY_LRU | KEY_NODE | KEY_NEW, run_populate },
	{ "age", KEY_NODE, run_age },
	{ "advance", KEY_NODE, run_advance },
	{ "isolate", KEY_LRU | KEY_NODE, run_isolate },
	{ "putback", KEY_LRU | KEY_NODE, run_putback },
	{ "drop", KEY_LRU | KEY_NODE, run_drop },
	{ "reclaim", 0, run_reclaim },
	{ "churn", KEY_NODE, run_churn },
};

static const struct cmd_name *find_cmd(const char *word)
{
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(cmd_names); i++)
		if (!strcmp(cmd_names[i].name, word))
			return &cmd_names[i];
	return NULL;
}

static int parse_list(const char *name, enum lru_list *found,
		      struct swaptbl_why *why)
{
	enum lru_list lru;

	for_each_lru(lru) {
		if (strcmp(swaptbl_lru_stat_name(SWAPTBL_LRU_STAT_LISTS + lru), name))
			continue;
		*found = lru;
		return 0;
	}
	return swaptbl_why(why, -EINVAL, "no such list: %.32s", name);
}

static int check_node(const struct group_cmd *cmd)
{
	if (cmd->node == NUMA_NO_NODE || node_state(cmd->node, N_MEMORY))
		return 0;
	return swaptbl_why(cmd->why, -ERANGE, "node %ld has no memory", cmd->node);
}

static int parse_keys(char *line, unsigned int keys, struct group_cmd *cmd)
{
	const char *list = NULL;
	struct swaptbl_arg args[5] = {
		{ .key = "nr", .num = &cmd->nr, .min = 1, .max = NR_MAX,
		  .required = true },
	};
	unsigned int nr = 1;
	int err;

	if (keys & KEY_NODE)
		args[nr++] = (struct swaptbl_arg){
			.key = "node", .num = &cmd->node,
			.max = MAX_NUMNODES - 1 };
	if (keys & KEY_LRU)
		args[nr++] = (struct swaptbl_arg){
			.key = "lru", .str = &list, .required = true };
	if (keys & KEY_NEW) {
		args[nr++] = (struct swaptbl_arg){
			.key = "order", .num = &cmd->order,
			.max = SWAPTBL_CLUSTER_ORDER };
		args[nr++] = (struct swaptbl_arg){
			.key = "dev", .num = &cmd->dev,
			.max = SWAPTBL_DEVICES_MAX - 1 };
	}
	err = swaptbl_args_parse(line, args, nr, cmd->why) ?: check_node(cmd);
	return err ?: (list ? parse_list(list, &cmd->lru, cmd->why) : 0);
}

static int group_command(void *object, char *line, struct swaptbl_answer *answer,
			 struct swaptbl_why *why)
{
	struct group_cmd cmd = {
		.gdir = object, .node = NUMA_NO_NODE, .dev = -1, .why = why,
	};
	const char *word = swaptbl_word_next(&line);
	const struct cmd_name *name = find_cmd(word);
	int err;

	if (!name)
		return swaptbl_why(why, -EINVAL, "unknown command: %.32s", word);
	err = parse_keys(line, name->keys, &cmd) ?:
	      swaptbl_answer_room(answer, ANSWER_SIZE);
	if (err)
		return err;
	err = name->run(&cmd, answer);
	return swaptbl_answer_stopped(answer, err, cmd.done);
}

static void group_name(const void *object, char *name, size_t size)
{
	const struct swaptbl_group_dir *gdir = object;

	scnprintf(name, size, "groups/%u/ctl", gdir->group->id);
}

static const struct swaptbl_ctl_type group_ctl_type = {
	.command = group_command,
	.name = group_name,
};

static int group_ctl_open(struct inode *inode, struct file *file)
{
	return swaptbl_ctl_open(file, inode->i_private, &group_ctl_type);
}

static const struct file_operations group_ctl_fops = {
	.owner = THIS_MODULE,
	.open = group_ctl_open,
	.read = swaptbl_ctl_read,
	.write = swaptbl_ctl_write,
	.llseek = no_seek_end_llseek,
	.release = swaptbl_ctl_release,
};

/**
 * swaptbl_group_ctl_add() - make the ctl file of a group
 * @gdir: the group's directory
 *
 * Context: Process context. May sleep.
 */
void swaptbl_group_ctl_add(struct swaptbl_group_dir *gdir)
{
	debugfs_create_file("ctl", 0600, gdir->dir, gdir, &group_ctl_fops);
}

/**
 * swaptbl_group_ctl_end() - put back what commands have isolated
 * @gdir: the group's directory, whose files are gone
 *
 * At the group that it belongs to by now.
 *
 * Context: Process context. May sleep.
 */
void swaptbl_group_ctl_end(struct swaptbl_group_dir *gdir)
{
	struct folio *folio, *next;

	list_for_each_entry_safe(folio, next, &gdir->isolated, lru) {
		list_del(&folio->lru);
		swaptbl_folio_putback_lru(folio);
	}
}
