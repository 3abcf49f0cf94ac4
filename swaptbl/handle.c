// SPDX-License-Identifier: GPL-2.0
/*
 * Handles: names of groups that outlive them.
 */
#include <kunit/visibility.h>
#include <linux/err.h>
#include <linux/nodemask.h>
#include <linux/overflow.h>
#include <linux/slab.h>
#include <linux/wait.h>
#include <linux/xarray.h>

#include "entry.h"
#include "folio.h"
#include "handle.h"
#include "sync.h"

/* By id. Handles go in any context, as their last reference does. */
static DEFINE_XARRAY_FLAGS(handles, XA_FLAGS_ALLOC1 | XA_FLAGS_LOCK_IRQ);
static atomic_long_t nr_handles;
static DECLARE_WAIT_QUEUE_HEAD(handles_gone);
static struct kmem_cache *handle_cache;

/**
 * swaptbl_handles_create() - make what handles come from
 *
 * A pointer to a handle has room for the flags of a folio in its lowest bits.
 *
 * Context: Process context. May sleep.
 * Return: 0 or -ENOMEM.
 */
int swaptbl_handles_create(void)
{
	size_t size = struct_size_t(struct swaptbl_handle, lruvec, nr_node_ids);

	handle_cache = kmem_cache_create("swaptbl_handle", size,
					 BIT(SWAPTBL_FOLIO_NR_FLAGS), 0, NULL);
	return handle_cache ? 0 : -ENOMEM;
}

/**
 * swaptbl_handles_destroy() - undo swaptbl_handles_create()
 *
 * Waits for those that are on their way: no group is left, and nothing names one.
 *
 * Context: Process context. May sleep.
 */
void swaptbl_handles_destroy(void)
{
	wait_event(handles_gone, !swaptbl_handles_nr());
	rcu_barrier();
	kmem_cache_destroy(handle_cache);
	xa_destroy(&handles);
}

/**
 * swaptbl_handles_nr() - how many ids are taken
 *
 * Context: Any context.
 * Return: handles of groups, and of removed groups that are still named.
 */
unsigned long swaptbl_handles_nr(void)
{
	return atomic_long_read(&nr_handles);
}
EXPORT_SYMBOL_IF_KUNIT(swaptbl_handles_nr);

static void handle_free_rcu(struct rcu_head *rcu)
{
	struct swaptbl_handle *handle = container_of(rcu, struct swaptbl_handle,
						     rcu);

	percpu_ref_exit(&handle->ref);
	kmem_cache_free(handle_cache, handle);
	if (atomic_long_dec_and_test(&nr_handles))
		wake_up_all(&handles_gone);
}

/* The last reference is gone: nothing names the id, so it is free. */
static void handle_release(struct percpu_ref *ref)
{
	struct swaptbl_handle *handle = container_of(ref, struct swaptbl_handle,
						     ref);
	unsigned long flags;

	xa_lock_irqsave(&handles, flags);
	__xa_erase(&handles, handle->id);
	xa_unlock_irqrestore(&handles, flags);
	if (handle->parent)
		swaptbl_handle_put_many(handle->parent, 1);
	call_rcu(&handle->rcu, handle_free_rcu);
}

static struct swaptbl_handle *handle_alloc(void)
{
	struct swaptbl_handle *handle = NULL;

	if (!swaptbl_should_fail(SWAPTBL_MEM_HANDLE, GFP_KERNEL))
		handle = kmem_cache_zalloc(handle_cache, GFP_KERNEL);
	if (!handle)
		return NULL;
	if (!swaptbl_should_fail(SWAPTBL_MEM_HANDLE_REF, GFP_KERNEL) &&
	    !percpu_ref_init(&handle->ref, handle_release, 0, GFP_KERNEL))
		return handle;
	kmem_cache_free(handle_cache, handle);
	return NULL;
}

static int handle_number(struct swaptbl_handle *handle)
{
	const struct xa_limit limit = XA_LIMIT(1, SWAPTBL_GROUP_MAX);
	int err = -ENOMEM;

	if (!swaptbl_should_fail(SWAPTBL_MEM_ID, GFP_KERNEL))
		err = xa_alloc_irq(&handles, &handle->id, handle, limit,
				   GFP_KERNEL);
	return err == -EBUSY ? -EUSERS : err;
}

/**
 * swaptbl_handle_create() - make the handle of a group
 * @parent: handle of its parent, to which the caller has a reference, or NULL
 *
 * Its lruvecs and its group are the caller's to fill in.
 *
 * Context: Process context. May sleep. Undo with swaptbl_handle_kill().
 * Return: the handle; -ENOMEM, or -EUSERS if all ids are taken, as an error pointer.
 */
struct swaptbl_handle *swaptbl_handle_create(struct swaptbl_handle *parent)
{
	struct swaptbl_handle *handle = handle_alloc();
	int err;

	if (!handle)
		return ERR_PTR(-ENOMEM);
	err = handle_number(handle);
	if (err) {
		percpu_ref_exit(&handle->ref);
		kmem_cache_free(handle_cache, handle);
		return ERR_PTR(err);
	}
	atomic_long_inc(&nr_handles);
	handle->parent = parent;
	if (parent)
		swaptbl_handle_get_many(parent, 1);
	return handle;
}

/**
 * swaptbl_handle_kill() - drop the reference that the group had
 * @handle: the handle
 *
 * What names it may still get more references, and keeps it until it is done.
 *
 * Context: Any context.
 */
void swaptbl_handle_kill(struct swaptbl_handle *handle)
{
	percpu_ref_kill(&handle->ref);
}

/**
 * swaptbl_handle_find() - look up a handle by id
 * @id: the id, any value
 *
 * Context: Any context. The caller is in an RCU read-side section, or knows of
 * something that has a reference, as a used slot that names @id.
 * Return: the handle, maybe of a removed group, or NULL.
 */
struct swaptbl_handle *swaptbl_handle_find(unsigned int id)
{
	return id ? xa_load(&handles, id) : NULL;
}
EXPORT_SYMBOL_IF_KUNIT(swaptbl_handle_find);

/**
 * swaptbl_handle_next() - walk all ids that are taken
 * @id: the last one that was seen, 0 to begin; set to the next one
 *
 * Context: Any context.
 * Return: whether there is a next one.
 */
bool swaptbl_handle_next(unsigned int *id)
{
	unsigned long index = *id;
	bool found = xa_find_after(&handles, &index, SWAPTBL_GROUP_MAX, XA_PRESENT);

	*id = index;
	return found;
}
EXPORT_SYMBOL_IF_KUNIT(swaptbl_handle_next);

/**
 * swaptbl_handle_lruvec_above() - where the folios of a removed group are
 * @handle: its handle
 * @nid: the node
 *
 * Context: Any context. The caller is in an RCU read-side section, of any kind, and has a
 * reference to @handle.
 * Return: lruvec of the first ancestor that has one; NULL only if the tree is gone.
 */
struct swaptbl_lruvec *
swaptbl_handle_lruvec_above(const struct swaptbl_handle *handle, int nid)
{
	struct swaptbl_lruvec *lruvec = NULL;

	while (!lruvec && (handle = handle->parent))
		lruvec = swaptbl_handle_own_lruvec(handle, nid);
	return lruvec;
}
EXPORT_SYMBOL_IF_KUNIT(swaptbl_handle_lruvec_above);

/**
 * swaptbl_handle_group() - nearest group that exists
 * @handle: the handle, to which the caller has a reference
 *
 * Context: Any context. The caller is in an RCU read-side section.
 * Return: the group, or its nearest ancestor that was not removed; NULL only if the
 * tree is gone.
 */
struct swaptbl_group *swaptbl_handle_group(const struct swaptbl_handle *handle)
{
	struct swaptbl_group *group = NULL;

	for (; handle && !group; handle = handle->parent)
		group = rcu_dereference(handle->group);
	return group;
}
EXPORT_SYMBOL_IF_KUNIT(swaptbl_handle_group);
