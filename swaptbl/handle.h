/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Handles: how folios and swapped slots name their group, and go on naming it after
 * it was removed.
 *
 * A group has one handle, with a number, its id. A folio points to the handle, the
 * shadow of a swapped slot has the id. Per node the handle says which lruvec the
 * folios of that node are on. Removal of the group clears that, one pointer per node,
 * and from then on the answer is the parent handle's: that redirects all folios.
 *
 * A folio asks for the node that it lies on, so that one which was copied to another
 * node finds the lruvec there, however far a removal has come.
 */
#ifndef _SWAPTBL_HANDLE_H
#define _SWAPTBL_HANDLE_H

#include <linux/percpu-refcount.h>
#include <linux/rcupdate.h>
#include <linux/types.h>

struct swaptbl_group;
struct swaptbl_lruvec;

/**
 * struct swaptbl_handle - name of a group
 * @ref: one of the group while it exists, one of each child's handle, one of each
 *	folio and each used slot that name it
 * @id: number, 1 to SWAPTBL_GROUP_MAX; not given to another as long as @ref is held
 * @parent: handle of the parent group, NULL for a root's; constant, with a reference
 * @group: the group; NULL once it was removed
 * @rcu: frees it
 * @lruvec: by node, where its folios are; NULL once they are where those of @parent
 *	are. Cleared under the lru_lock of the lruvec that it was, and never set again.
 */
struct swaptbl_handle {
	struct percpu_ref ref;
	unsigned int id;
	struct swaptbl_handle *parent;
	struct swaptbl_group __rcu *group;
	struct rcu_head rcu;
	struct swaptbl_lruvec __rcu *lruvec[];
};

int swaptbl_handles_create(void);
void swaptbl_handles_destroy(void);
unsigned long swaptbl_handles_nr(void);

struct swaptbl_handle *swaptbl_handle_create(struct swaptbl_handle *parent);
void swaptbl_handle_kill(struct swaptbl_handle *handle);
struct swaptbl_handle *swaptbl_handle_find(unsigned int id);
bool swaptbl_handle_next(unsigned int *id);
struct swaptbl_group *swaptbl_handle_group(const struct swaptbl_handle *handle);

struct swaptbl_lruvec *
swaptbl_handle_lruvec_above(const struct swaptbl_handle *handle, int nid);

static inline void swaptbl_handle_get_many(struct swaptbl_handle *handle,
					   unsigned long nr)
{
	percpu_ref_get_many(&handle->ref, nr);
}

static inline void swaptbl_handle_put_many(struct swaptbl_handle *handle,
					   unsigned long nr)
{
	percpu_ref_put_many(&handle->ref, nr);
}

/* The lruvec of the group itself; NULL once it was removed. As below. */
static inline struct swaptbl_lruvec *
swaptbl_handle_own_lruvec(const struct swaptbl_handle *handle, int nid)
{
	return rcu_dereference_check(handle->lruvec[nid], rcu_read_lock_any_held());
}

/*
 * The lruvec that folios of this handle are on, on node @nid. Stable only under its
 * lru_lock, see lruvec.c. The caller is in an RCU read-side section, of any kind, and has
 * a reference to the handle. NULL only if the tree is gone.
 */
static inline struct swaptbl_lruvec *
swaptbl_handle_lruvec(const struct swaptbl_handle *handle, int nid)
{
	struct swaptbl_lruvec *lruvec = swaptbl_handle_own_lruvec(handle, nid);

	return likely(lruvec) ? lruvec : swaptbl_handle_lruvec_above(handle, nid);
}

#endif /* _SWAPTBL_HANDLE_H */
