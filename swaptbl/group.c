// SPDX-License-Identifier: GPL-2.0
/*
 * Groups: creation, removal and lookup.
 *
 * A group is removed in three steps. First it is marked as dying, so that nobody
 * removes it twice or makes a child of it. Then its lists, sizes and statistics go to
 * its parent, node by node. Then it leaves the tree, and only from then on its parent
 * may be removed in turn: so the one that takes over exists throughout. What was taken
 * from the tree, lruvecs above all, is freed a grace period later.
 *
 * Nothing of that sleeps or takes longer for more folios.
 */
#include <kunit/visibility.h>
#include <linux/err.h>
#include <linux/nodemask.h>
#include <linux/overflow.h>
#include <linux/slab.h>

#include "compat.h"
#include "group.h"
#include "handle.h"
#include "lru.h"
#include "lruvec.h"
#include "reparent.h"
#include "sync.h"

static void lruvecs_free(struct swaptbl_group *group)
{
	int nid;

	for_each_node(nid)
		swaptbl_lruvec_free(group->lruvec[nid]);
}

static int lruvecs_alloc(struct swaptbl_group *group)
{
	int nid;

	for_each_node(nid) {
		group->lruvec[nid] = swaptbl_lruvec_alloc(group, nid);
		if (!group->lruvec[nid])
			return -ENOMEM;
	}
	return 0;
}

static void tree_put(struct swaptbl_tree *tree)
{
	if (refcount_dec_and_test(&tree->ref))
		kfree(tree);
}

/* Made, but in no tree yet; the references are dropped by the last put. */
static struct swaptbl_group *group_alloc(struct swaptbl_tree *tree,
					 struct swaptbl_group *parent, long limit)
{
	struct swaptbl_group *group = NULL;

	if (!swaptbl_should_fail(SWAPTBL_MEM_GROUP, GFP_KERNEL))
		group = kzalloc(struct_size(group, lruvec, nr_node_ids),
				GFP_KERNEL);
	if (!group)
		return ERR_PTR(-ENOMEM);
	group->handle = swaptbl_handle_create(parent ? parent->handle : NULL);
	if (IS_ERR(group->handle)) {
		int err = PTR_ERR(group->handle);

		kfree(group);
		return ERR_PTR(err);
	}
	group->id = group->handle->id;
	group->tree = tree;
	group->parent = parent;
	group->depth = parent ? parent->depth + 1 : 0;
	group->limit = limit;
	refcount_set(&group->ref, 1);
	INIT_LIST_HEAD(&group->children);
	INIT_LIST_HEAD(&group->sibling);
	refcount_inc(&tree->ref);
	if (parent)
		refcount_inc(&parent->ref);
	return group;
}

/* From here on folios can be charged to it. */
static void __publish(struct swaptbl_group *group)
{
	struct swaptbl_handle *handle = group->handle;
	int nid;

	lockdep_assert_held(&group->tree->lock);
	for_each_node(nid)
		rcu_assign_pointer(handle->lruvec[nid], group->lruvec[nid]);
	rcu_assign_pointer(handle->group, group);
	WRITE_ONCE(group->tree->nr_groups, group->tree->nr_groups + 1);
}

/**
 * swaptbl_group_put() - drop a reference
 * @group: the group
 *
 * The last one of a removed group frees what is left of it, and may let go of its
 * parent.
 *
 * Context: Any context.
 */
void swaptbl_group_put(struct swaptbl_group *group)
{
	struct swaptbl_group *parent;

	while (group && refcount_dec_and_test(&group->ref)) {
		parent = group->parent;
		swaptbl_handle_kill(group->handle);
		tree_put(group->tree);
		kfree_rcu(group, rcu);
		group = parent;
	}
}
EXPORT_SYMBOL_IF_KUNIT(swaptbl_group_put);

/**
 * swaptbl_group_get() - look up a group by id
 * @id: the id, any value
 *
 * Context: Any context. Undo with swaptbl_group_put().
 * Return: the group with a reference, or NULL if there is none, or it was removed.
 */
struct swaptbl_group *swaptbl_group_get(unsigned int id)
{
	struct swaptbl_group *group = NULL;
	struct swaptbl_handle *handle;

	rcu_read_lock();
	handle = swaptbl_handle_find(id);
	if (handle)
		group = rcu_dereference(handle->group);
	if (group && !refcount_inc_not_zero(&group->ref))
		group = NULL;
	rcu_read_unlock();
	return group;
}
EXPORT_SYMBOL_IF_KUNIT(swaptbl_group_get);

static int group_link(struct swaptbl_group *group)
{
	struct swaptbl_tree *tree = group->tree;
	int err = 0;

	spin_lock(&tree->lock);
	if (group->parent->dying) {
		err = -ESRCH;
	} else {
		list_add_tail(&group->sibling, &group->parent->children);
		__publish(group);
	}
	spin_unlock(&tree->lock);
	return err;
}

/**
 * swaptbl_group_create() - make a group
 * @parent: its parent
 * @limit: most pages that may be charged to it, or SWAPTBL_GROUP_NO_LIMIT
 *
 * Context: Process context. May sleep. The caller has a reference to @parent.
 * Return: the group, with a reference to be dropped by swaptbl_group_put(); it exists
 * until swaptbl_group_remove(). Or -ERANGE if @limit is negative, -EMLINK if @parent is
 * SWAPTBL_GROUP_DEPTH_MAX levels deep, -ESRCH if it was removed, -EUSERS if all ids are
 * taken, -ENOMEM, as an error pointer.
 */
struct swaptbl_group *swaptbl_group_create(struct swaptbl_group *parent, long limit)
{
	struct swaptbl_group *group;
	int err;

	if (limit < 0)
		return ERR_PTR(-ERANGE);
	if (parent->depth >= SWAPTBL_GROUP_DEPTH_MAX)
		return ERR_PTR(-EMLINK);
	group = group_alloc(parent->tree, parent, limit);
	if (IS_ERR(group))
		return group;
	/* Before others can remove the group, which drops the first one. */
	refcount_inc(&group->ref);
	err = lruvecs_alloc(group) ?: group_link(group);
	if (!err)
		return group;
	lruvecs_free(group);
	swaptbl_group_put(group);
	swaptbl_group_put(group);
	return ERR_PTR(err);
}
EXPORT_SYMBOL_IF_KUNIT(swaptbl_group_create);

static int remove_begin(struct swaptbl_group *group)
{
	int err = 0;

	if (!group->parent)
		return -EPERM;
	spin_lock(&group->tree->lock);
	if (group->dying)
		err = -ESRCH;
	else if (!list_empty(&group->children))
		err = -ENOTEMPTY;
	else
		WRITE_ONCE(group->dying, true);
	spin_unlock(&group->tree->lock);
	return err;
}

/* Whoever counted on a lruvec that he had looked up before the removal is done. */
static void group_free_rcu(struct rcu_head *rcu)
{
	struct swaptbl_group *group = container_of(rcu, struct swaptbl_group, rcu);
	int nid;

	for_each_node(nid)
		swaptbl_lru_stats_flush(group->lruvec[nid]);
	lruvecs_free(group);
	swaptbl_group_put(group);
}

static void remove_end(struct swaptbl_group *group)
{
	struct swaptbl_tree *tree = group->tree;

	spin_lock(&tree->lock);
	list_del(&group->sibling);
	RCU_INIT_POINTER(group->handle->group, NULL);
	WRITE_ONCE(tree->nr_groups, tree->nr_groups - 1);
	WRITE_ONCE(tree->removals, tree->removals + 1);
	/* Before the lock goes: who destroys the tree next waits for this. */
	call_rcu(&group->rcu, group_free_rcu);
	spin_unlock(&tree->lock);
}

/**
 * swaptbl_group_remove() - remove a group
 * @group: the group
 *
 * Its folios become the parent's, those in batches and those that are isolated too.
 * What names it goes on doing so, and gets to the first ancestor that exists. Takes as
 * long for any number of folios.
 *
 * Context: Any context but interrupts. The caller has a reference to @group and no
 * lru_lock.
 * Return: 0; or, with nothing changed, -EPERM if it is a root, -ENOTEMPTY if it has
 * children, -ESRCH if it was removed.
 */
int swaptbl_group_remove(struct swaptbl_group *group)
{
	int err = remove_begin(group);

	if (err)
		return err;
	swaptbl_sync(SWAPTBL_GROUP_DYING);
	swaptbl_lru_drain_all();
	swaptbl_reparent(group);
	remove_end(group);
	return 0;
}
EXPORT_SYMBOL_IF_KUNIT(swaptbl_group_remove);

static bool is_below(const struct swaptbl_group *group,
		     const struct swaptbl_group *top)
{
	while (group && group != top)
		group = group->parent;
	return group;
}

/**
 * swaptbl_group_next() - walk a group and all below it
 * @top: where the walk begins
 * @id: id of the last one that was seen, 0 to begin; set to that of the result
 *
 * In the order of their ids. Groups that come or go meanwhile may be seen or not.
 *
 * Context: Any context. The caller has a reference to @top.
 * Return: the next group, with a reference, or NULL at the end.
 */
struct swaptbl_group *swaptbl_group_next(struct swaptbl_group *top, unsigned int *id)
{
	struct swaptbl_group *group;

	while (swaptbl_handle_next(id)) {
		group = swaptbl_group_get(*id);
		if (!group)
			continue;
		if (is_below(group, top))
			return group;
		swaptbl_group_put(group);
	}
	return NULL;
}
EXPORT_SYMBOL_IF_KUNIT(swaptbl_group_next);

static unsigned long handle_lru_size(const struct swaptbl_handle *handle)
{
	struct swaptbl_lruvec *lruvec;
	unsigned long size = 0;
	enum lru_list lru;
	int nid;

	for_each_node(nid) {
		lruvec = swaptbl_handle_own_lruvec(handle, nid);
		if (!lruvec)
			continue;
		for_each_evictable_lru(lru)
			size += swaptbl_lruvec_lru_size(lruvec, lru,
							MAX_NR_ZONES - 1);
	}
	return size;
}

/**
 * swaptbl_groups_lru_size() - size of the lists of all groups, but unevictable ones
 *
 * Context: Any context.
 * Return: pages, for a guess: nothing is locked.
 */
unsigned long swaptbl_groups_lru_size(void)
{
	struct swaptbl_handle *handle;
	unsigned long size = 0;
	unsigned int id = 0;

	rcu_read_lock();
	while (swaptbl_handle_next(&id)) {
		handle = swaptbl_handle_find(id);
		if (handle)
			size += handle_lru_size(handle);
	}
	rcu_read_unlock();
	return size;
}
EXPORT_SYMBOL_IF_KUNIT(swaptbl_groups_lru_size);

static struct swaptbl_tree *tree_alloc(enum swaptbl_tree_kind kind)
{
	struct swaptbl_tree *tree = NULL;

	if (!swaptbl_should_fail(SWAPTBL_MEM_TREE, GFP_KERNEL))
		tree = kzalloc_obj(*tree);
	if (!tree)
		return NULL;
	spin_lock_init(&tree->lock);
	spin_lock_init(&tree->stat_lock);
	tree->kind = kind;
	refcount_set(&tree->ref, 1);
	return tree;
}

/**
 * swaptbl_tree_create() - make a tree with a root
 * @kind: what the lists of all its groups are
 *
 * Context: Process context. May sleep. Undo with swaptbl_tree_destroy().
 * Return: the tree; -ENOMEM, or -EUSERS if all ids are taken, as an error pointer.
 */
struct swaptbl_tree *swaptbl_tree_create(enum swaptbl_tree_kind kind)
{
	struct swaptbl_tree *tree = tree_alloc(kind);
	struct swaptbl_group *root;
	int err;

	if (!tree)
		return ERR_PTR(-ENOMEM);
	root = group_alloc(tree, NULL, SWAPTBL_GROUP_NO_LIMIT);
	err = PTR_ERR_OR_ZERO(root);
	if (!err)
		err = lruvecs_alloc(root);
	if (!err) {
		tree->root = root;
		spin_lock(&tree->lock);
		__publish(root);
		spin_unlock(&tree->lock);
		return tree;
	}
	if (!IS_ERR(root)) {
		lruvecs_free(root);
		swaptbl_group_put(root);
	}
	tree_put(tree);
	return ERR_PTR(err);
}
EXPORT_SYMBOL_IF_KUNIT(swaptbl_tree_create);

static int root_leave(struct swaptbl_tree *tree)
{
	struct swaptbl_group *root = tree->root;
	int err = 0, nid;

	spin_lock(&tree->lock);
	if (!list_empty(&root->children))
		err = -ENOTEMPTY;
	else if (atomic_long_read(&root->usage))
		err = -EBUSY;
	else
		WRITE_ONCE(root->dying, true);
	spin_unlock(&tree->lock);
	if (err)
		return err;
	/* Groups that were removed collect for the root until they are freed. */
	rcu_barrier();
	for_each_node(nid)
		RCU_INIT_POINTER(root->handle->lruvec[nid], NULL);
	RCU_INIT_POINTER(root->handle->group, NULL);
	return 0;
}

/**
 * swaptbl_tree_destroy() - undo swaptbl_tree_create()
 * @tree: the tree
 *
 * Context: Process context. May sleep.
 * Return: 0; or, with nothing changed, -ENOTEMPTY if a group is left, -EBUSY if a folio
 * is charged.
 */
int swaptbl_tree_destroy(struct swaptbl_tree *tree)
{
	struct swaptbl_group *root = tree->root;
	int err;

	swaptbl_lru_drain_all();
	err = root_leave(tree);
	if (err)
		return err;
	synchronize_rcu();
	lruvecs_free(root);
	swaptbl_group_put(root);
	tree_put(tree);
	return 0;
}
EXPORT_SYMBOL_IF_KUNIT(swaptbl_tree_destroy);
