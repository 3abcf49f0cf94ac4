// SPDX-License-Identifier: GPL-2.0
/*
 * Whether the kernel's structures are what they are read as: what layout.h has, and what
 * the headers had that this was built with.
 */
#define pr_fmt(fmt) "swaptbl_native: " fmt

#include <linux/array_size.h>
#include <linux/errno.h>
#include <linux/printk.h>
#include <linux/stddef.h>
#include <linux/swap.h>

#include "../swaptbl/compat.h"
#include "btf.h"
#include "layout.h"

/**
 * native_struct_is_known() - whether the view may read a structure
 * @known: what it is taken to be
 *
 * If BTF has it otherwise, that is said.
 *
 * Context: Process context. After native_symbols_find().
 * Return: whether it may: there is no BTF, or it agrees.
 */
bool native_struct_is_known(const struct native_struct *known)
{
	struct native_seen seen;
	int err = native_btf_struct(known, &seen);

	if (!err || err == -ENODATA)
		return true;
	pr_warn("struct %s: BTF has %s: without the view of devices\n", known->name,
		seen.text);
	return false;
}
EXPORT_SYMBOL_SWAPTBL(native_struct_is_known);

#if SWAPTBL_NATIVE_LAYOUT
#define MEMBER(where, name, type)	{ #name, #type, offsetof(where, name) }

static const struct native_member cluster_members[] = {
	MEMBER(struct native_cluster, lock, spinlock_t),
	MEMBER(struct native_cluster, count, u16),
	MEMBER(struct native_cluster, flags, u8),
	MEMBER(struct native_cluster, order, u8),
	MEMBER(struct native_cluster, table, atomic_long_t *),
	MEMBER(struct native_cluster, extend_table, unsigned int *),
	MEMBER(struct native_cluster, list, struct list_head),
};

static const struct native_member device_members[] = {
	MEMBER(struct swap_info_struct, users, struct percpu_ref),
	MEMBER(struct swap_info_struct, prio, short),
	MEMBER(struct swap_info_struct, type, signed char),
	MEMBER(struct swap_info_struct, max, unsigned int),
	MEMBER(struct swap_info_struct, cluster_info, struct swap_cluster_info *),
	MEMBER(struct swap_info_struct, free_clusters, struct list_head),
	MEMBER(struct swap_info_struct, full_clusters, struct list_head),
	MEMBER(struct swap_info_struct, pages, unsigned int),
	MEMBER(struct swap_info_struct, inuse_pages, atomic_long_t),
	MEMBER(struct swap_info_struct, lock, spinlock_t),
};

static const struct native_struct structs[] = {
	{ "swap_cluster_info", sizeof(struct native_cluster), cluster_members,
	  ARRAY_SIZE(cluster_members) },
	{ "swap_info_struct", sizeof(struct swap_info_struct), device_members,
	  ARRAY_SIZE(device_members) },
};

const struct native_layout native_layout = { structs, ARRAY_SIZE(structs) };
#else
const struct native_layout native_layout;
#endif

/**
 * native_layout_is_known() - whether the view may read the kernel's structures
 * @layout: what they are taken to be
 *
 * If BTF has one of them otherwise, that is said.
 *
 * Context: Process context. After native_symbols_find().
 * Return: whether it may: where there is BTF, it agrees.
 */
bool native_layout_is_known(const struct native_layout *layout)
{
	unsigned int i;

	for (i = 0; i < layout->nr; i++) {
		if (!native_struct_is_known(&layout->known[i]))
			return false;
	}
	return true;
}
