// SPDX-License-Identifier: GPL-2.0
/*
 * The tree of groups that debugfs shows and drives: groups/, and a directory per group.
 */
#include <linux/cleanup.h>
#include <linux/debugfs.h>
#include <linux/err.h>
#include <linux/fs.h>
#include <linux/kernel.h>
#include <linux/mm.h>
#include <linux/module.h>
#include <linux/pagemap.h>
#include <linux/seq_file.h>
#include <linux/slab.h>
#include <linux/xarray.h>

#include "compat.h"
#include "ctl_file.h"
#include "entry.h"
#include "folio.h"
#include "group.h"
#include "group_verify.h"
#include "groups.h"
#include "handle.h"
#include "lru.h"
#include "lruvec.h"
#include "parse.h"

static struct swaptbl_tree *tree;
static struct dentry *groups_dir;

static bool lru_gen;
module_param(lru_gen, bool, 0444);
MODULE_PARM_DESC(lru_gen, "Groups have generations instead of active and inactive lists");

/* Directories by id of the group, which is not another's as long as one is there. */
static DEFINE_XARRAY(dirs);
static DEFINE_MUTEX(dirs_lock);

static struct swaptbl_group_dir *dir_alloc(struct swaptbl_group *group)
{
	struct swaptbl_group_dir *gdir = kzalloc_obj(*gdir);

	if (!gdir)
		return NULL;
	gdir->group = group;
	mutex_init(&gdir->lock);
	INIT_LIST_HEAD(&gdir->isolated);
	return gdir;
}

/* On success the directory has the caller's reference to the group. */
static int dir_add(struct swaptbl_group *group)
{
	struct swaptbl_group_dir *gdir = dir_alloc(group);
	char name[16];
	int err = -ENOMEM;

	lockdep_assert_held(&dirs_lock);
	if (gdir)
		err = xa_err(xa_store(&dirs, group->id, gdir, GFP_KERNEL));
	if (err) {
		kfree(gdir);
		return err;
	}
	scnprintf(name, sizeof(name), "%u", group->id);
	gdir->dir = debugfs_create_dir(name, groups_dir);
	swaptbl_group_views_add(gdir);
	swaptbl_group_ctl_add(gdir);
	return 0;
}

/*
 * Waits for the commands that run; what they have isolated goes where it belongs. The id
 * is not another's before that.
 */
static void dir_free(struct swaptbl_group_dir *gdir)
{
	debugfs_remove(gdir->dir);
	swaptbl_group_ctl_end(gdir);
	swaptbl_group_put(gdir->group);
	kfree(gdir);
}

static int create_group(struct swaptbl_group *parent, long limit,
			struct swaptbl_answer *answer)
{
	struct swaptbl_group *group = swaptbl_group_create(parent, limit);
	unsigned int id;
	int err;

	if (IS_ERR(group))
		return PTR_ERR(group);
	id = group->id;
	guard(mutex)(&dirs_lock);
	err = dir_add(group);
	if (!err) {
		swaptbl_answer(answer, "%u\n", id);
		return 0;
	}
	swaptbl_group_remove(group);
	swaptbl_group_put(group);
	return err;
}

/* Enough for an id. */
#define ANSWER_SIZE	16

static int create_command(void *object, char *line, struct swaptbl_answer *answer,
			  struct swaptbl_why *why)
{
	long id = tree->root->id, limit = SWAPTBL_GROUP_NO_LIMIT;
	struct swaptbl_arg args[] = {
		{ .key = "parent", .num = &id, .min = 1, .max = SWAPTBL_GROUP_MAX },
		{ .key = "limit", .num = &limit, .max = LONG_MAX },
	};
	const char *word = swaptbl_word_next(&line);
	struct swaptbl_group *parent;
	int err;

	if (strcmp(word, "group"))
		return swaptbl_why(why, -EINVAL, "not a group: %.32s", word);
	err = swaptbl_args_parse(line, args, ARRAY_SIZE(args), why) ?:
	      swaptbl_answer_room(answer, ANSWER_SIZE);
	if (err)
		return err;
	parent = swaptbl_group_get(id);
	if (!parent)
		return swaptbl_why(why, -ESRCH, "no such group: %ld", id);
	err = create_group(parent, limit, answer);
	swaptbl_group_put(parent);
	return err;
}

static void create_name(const void *object, char *name, size_t size)
{
	strscpy(name, "groups/create", size);
}

static const struct swaptbl_ctl_type create_type = {
	.command = create_command,
	.name = create_name,
};

static int create_open(struct inode *inode, struct file *file)
{
	return swaptbl_ctl_open(file, NULL, &create_type);
}

static const struct file_operations create_fops = {
	.owner = THIS_MODULE,
	.open = create_open,
	.read = swaptbl_ctl_read,
	.write = swaptbl_ctl_write,
	.llseek = no_seek_end_llseek,
	.release = swaptbl_ctl_release,
};

/* The folios go at once, also while commands run that have some of them. */
static struct swaptbl_group_dir *remove_group(unsigned int id)
{
	struct swaptbl_group_dir *gdir;
	int err;

	guard(mutex)(&dirs_lock);
	gdir = xa_load(&dirs, id);
	if (!gdir)
		return ERR_PTR(-ESRCH);
	err = swaptbl_group_remove(gdir->group);
	if (err)
		return ERR_PTR(err);
	xa_erase(&dirs, id);
	return gdir;
}

static int destroy_group(unsigned int id, struct swaptbl_why *why)
{
	struct swaptbl_group_dir *gdir = remove_group(id);

	if (gdir == ERR_PTR(-ESRCH))
		return swaptbl_why(why, -ESRCH, "no such group: %u", id);
	if (IS_ERR(gdir))
		return PTR_ERR(gdir);
	dir_free(gdir);
	return 0;
}

static int destroy_run(char *line, struct swaptbl_why *why)
{
	const char *word = swaptbl_word_next(&line);
	const char *junk = swaptbl_word_next(&line);
	unsigned int id;
	int err = kstrtouint(word, 10, &id);

	if (junk)
		return swaptbl_why(why, -EINVAL, "unknown word: %.32s", junk);
	if (err == -ERANGE)
		return swaptbl_why(why, -ESRCH, "no such group: %.32s", word);
	if (err)
		return swaptbl_why(why, -EINVAL, "not a group: %.32s", word);
	return destroy_group(id, why);
}

static ssize_t destroy_write(struct file *file, const char __user *ubuf,
			     size_t len, loff_t *ppos)
{
	return swaptbl_control_write("groups/destroy", ubuf, len, *ppos, destroy_run);
}

static const struct file_operations destroy_fops = {
	.owner = THIS_MODULE,
	.open = simple_open,
	.write = destroy_write,
};

/**
 * struct row - a line of the tree
 * @id: of the group
 * @depth: levels above it
 * @usage: pages
 * @swap: slots
 * @limit: pages
 * @failures: charges refused
 */
struct row {
	unsigned int id;
	unsigned int depth;
	long usage;
	long swap;
	long limit;
	long failures;
};

/* Down to the first child, along to the next sibling, or up until there is one. */
static struct swaptbl_group *__preorder_next(struct swaptbl_group *group)
{
	lockdep_assert_held(&tree->lock);
	if (!list_empty(&group->children))
		return list_first_entry(&group->children, struct swaptbl_group,
					sibling);
	while (group->parent && list_is_last(&group->sibling, &group->parent->children))
		group = group->parent;
	return group->parent ? list_next_entry(group, sibling) : NULL;
}

/* Return: how many rows there are, of which the first @max were filled in. */
static unsigned long tree_rows(struct row *row, unsigned long max)
{
	struct swaptbl_group *group;
	unsigned long nr = 0;

	guard(spinlock)(&tree->lock);
	for (group = tree->root; group; group = __preorder_next(group)) {
		if (nr++ >= max)
			continue;
		*row++ = (struct row){
			.id = group->id,
			.depth = group->depth,
			.usage = atomic_long_read(&group->usage),
			.swap = atomic_long_read(&group->swap),
			.limit = READ_ONCE(group->limit),
			.failures = atomic_long_read(&group->failures),
		};
	}
	return nr;
}

static void row_show(struct seq_file *m, const struct row *row)
{
	seq_printf(m, "%*s%u %ld %ld ", 2 * row->depth, "", row->id, row->usage,
		   row->swap);
	if (row->limit == SWAPTBL_GROUP_NO_LIMIT)
		seq_puts(m, "max");
	else
		seq_printf(m, "%ld", row->limit);
	seq_printf(m, " %ld\n", row->failures);
}

static int tree_show(struct seq_file *m, void *unused)
{
	unsigned long max = tree_rows(NULL, 0), nr, i;
	struct row *rows;

	rows = kvcalloc(max, sizeof(*rows), GFP_KERNEL);
	if (!rows)
		return -ENOMEM;
	nr = min(tree_rows(rows, max), max);
	seq_puts(m, "# group usage swap limit failures\n");
	for (i = 0; i < nr; i++)
		row_show(m, &rows[i]);
	seq_printf(m, "# %lu groups, %lu removed, %lu ids in use\n", nr,
		   READ_ONCE(tree->removals), swaptbl_handles_nr());
	kvfree(rows);
	return 0;
}
DEFINE_SHOW_ATTRIBUTE(tree);

static int verify_show(struct seq_file *m, void *unused)
{
	swaptbl_tree_verify(tree, m);
	return 0;
}
DEFINE_SHOW_ATTRIBUTE(verify);

/**
 * swaptbl_groups_create() - make the tree
 *
 * Context: Process context. May sleep.
 * Return: 0, or as swaptbl_tree_create().
 */
int swaptbl_groups_create(void)
{
	tree = swaptbl_tree_create(lru_gen ? SWAPTBL_TREE_GENS : SWAPTBL_TREE_LISTS);
	return PTR_ERR_OR_ZERO(tree);
}

/**
 * swaptbl_groups_add() - make the directory of all groups
 * @root: where to
 *
 * Context: Process context. May sleep.
 */
void swaptbl_groups_add(struct dentry *root)
{
	groups_dir = debugfs_create_dir("groups", root);
	debugfs_create_file("create", 0600, groups_dir, NULL, &create_fops);
	debugfs_create_file("destroy", 0200, groups_dir, NULL, &destroy_fops);
	debugfs_create_file("tree", 0400, groups_dir, NULL, &tree_fops);
	debugfs_create_file("verify", 0400, groups_dir, NULL, &verify_fops);
	guard(mutex)(&dirs_lock);
	refcount_inc(&tree->root->ref);
	if (dir_add(tree->root))
		swaptbl_group_put(tree->root);
}

/**
 * swaptbl_groups_remove() - undo swaptbl_groups_add()
 *
 * Context: Process context. May sleep.
 */
void swaptbl_groups_remove(void)
{
	struct swaptbl_group_dir *gdir;
	unsigned long id;

	debugfs_remove(groups_dir);
	xa_for_each(&dirs, id, gdir) {
		xa_erase(&dirs, id);
		/* The directory has gone with the one above it. */
		gdir->dir = NULL;
		dir_free(gdir);
	}
}

static void drop_folios(struct folio_batch *fbatch)
{
	struct folio *folio;
	unsigned int i;

	for (i = 0; i < folio_batch_count(fbatch); i++) {
		folio = fbatch->folios[i];
		folio_lock(folio);
		swaptbl_folio_release_lru(folio);
		folio_unlock(folio);
		folio_put(folio);
	}
}

static void drop_list(struct swaptbl_group *group, int nid, enum lru_list lru)
{
	struct folio_batch fbatch;

	do {
		folio_batch_init(&fbatch);
		swaptbl_isolate_lru_folios(group, nid, lru, &fbatch);
		drop_folios(&fbatch);
		cond_resched();
	} while (folio_batch_count(&fbatch));
}

/* All that is left is the root's then. */
static void remove_groups(void)
{
	struct swaptbl_group *group;
	unsigned int id;

	while (READ_ONCE(tree->nr_groups) > 1) {
		id = 0;
		while ((group = swaptbl_group_next(tree->root, &id))) {
			swaptbl_group_remove(group);
			swaptbl_group_put(group);
		}
	}
}

/**
 * swaptbl_groups_destroy() - undo swaptbl_groups_create()
 *
 * With all that is in it. No folio is bound to slots any more.
 *
 * Context: Process context. May sleep.
 */
void swaptbl_groups_destroy(void)
{
	enum lru_list lru;
	int nid;

	remove_groups();
	swaptbl_lru_drain_all();
	for_each_node(nid)
		for_each_lru(lru)
			drop_list(tree->root, nid, lru);
	WARN_ON_ONCE(swaptbl_tree_destroy(tree));
}
