/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What the kernel's swap code is called by: functions that it does not export.
 */
#ifndef _SWAPTBL_NATIVE_SYMBOLS_H
#define _SWAPTBL_NATIVE_SYMBOLS_H

#include <linux/build_bug.h>
#include <linux/container_of.h>
#include <linux/gfp_types.h>
#include <linux/mm_types.h>
#include <linux/swap.h>
#include <linux/types.h>

#include "../swaptbl/compat.h"

/*
 * By their names, NULL if the running kernel has none; but for charge, which is
 * __mem_cgroup_charge(), and lruvec_lock, which is folio_lruvec_lock(), and so on. Types
 * are those of Linux 7.1 to 7.3, see compat.h.
 */
struct native_symbols {
	int (*folio_alloc_swap)(struct folio *folio);
	int (*folio_dup_swap)(struct folio *folio, struct page *subpage);
	void (*folio_put_swap)(struct folio *folio, struct page *subpage);
	bool (*folio_free_swap)(struct folio *folio);
	int (*swap_dup_entry_direct)(swp_entry_t entry);
	void (*swap_put_entries_direct)(swp_entry_t entry, int nr);
	int (*swp_swapcount)(swp_entry_t entry);
	struct folio *(*swap_cache_get_folio)(swp_entry_t entry);
	void (*swap_update_readahead)(struct folio *folio, struct vm_area_struct *vma,
				      unsigned long addr);
	void (*swap_cache_del_folio)(struct folio *folio);
	int (*charge)(struct folio *folio, struct mm_struct *mm, gfp_t gfp);
	struct swap_info_struct *(*get_swap_device)(swp_entry_t entry);
	struct swap_info_struct **swap_info;
	struct lruvec *(*lruvec_lock)(struct folio *folio);
	struct lruvec *(*lruvec_lock_irq)(struct folio *folio);
	struct lruvec *(*lruvec_lock_irqsave)(struct folio *folio, unsigned long *flags);
};

/* Those that a header of the kernel declares too, which the compiler can compare. */
#if SWAPTBL_NATIVE_CALLS
#define NATIVE_TYPE(name)	typeof_member(struct native_symbols, name)
static_assert(__same_type(&folio_free_swap, NATIVE_TYPE(folio_free_swap)));
static_assert(__same_type(&swap_dup_entry_direct, NATIVE_TYPE(swap_dup_entry_direct)));
static_assert(__same_type(&swap_put_entries_direct,
			  NATIVE_TYPE(swap_put_entries_direct)));
static_assert(__same_type(&swp_swapcount, NATIVE_TYPE(swp_swapcount)));
static_assert(__same_type(&get_swap_device, NATIVE_TYPE(get_swap_device)));
#endif

extern struct native_symbols native;

/**
 * struct native_symbol - one of them
 * @name: its name
 * @proto: type of a function, as native_btf_function() has it; NULL of a variable
 * @use: what is missing without it
 * @place: the pointer to it
 */
struct native_symbol {
	const char *name;
	const char *proto;
	const char *use;
	void *place;
};

int native_symbols_find(unsigned long lookup);
unsigned long native_symbol_find(const struct native_symbol *symbol);

#endif /* _SWAPTBL_NATIVE_SYMBOLS_H */
