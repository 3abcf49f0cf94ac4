// SPDX-License-Identifier: GPL-2.0
/*
 * Finding them. kallsyms_lookup_name() knows all names; it is not exported either, so a
 * kprobe says where it is, or whoever inserts the module, from /proc/kallsyms.
 */
#define pr_fmt(fmt) "swaptbl_native: " fmt

#include <linux/align.h>
#include <linux/errno.h>
#include <linux/kconfig.h>
#include <linux/kprobes.h>
#include <linux/printk.h>
#include <linux/stddef.h>

#include "symbols.h"

struct native_symbols native;

/* By name: where in struct native_symbols, and what is missing without it. */
static const struct symbol {
	const char *name;
	size_t place;
	const char *use;
} symbols[] = {
	{ "folio_alloc_swap", offsetof(struct native_symbols, folio_alloc_swap),
	  "alloc" },
	{ "folio_dup_swap", offsetof(struct native_symbols, folio_dup_swap),
	  "dup_folio" },
	{ "folio_put_swap", offsetof(struct native_symbols, folio_put_swap),
	  "put_folio" },
	{ "folio_free_swap", offsetof(struct native_symbols, folio_free_swap),
	  "free" },
	{ "swap_dup_entry_direct",
	  offsetof(struct native_symbols, swap_dup_entry_direct), "dup" },
	{ "swap_put_entries_direct",
	  offsetof(struct native_symbols, swap_put_entries_direct), "put, put_range" },
	{ "swp_swapcount", offsetof(struct native_symbols, swp_swapcount), "count" },
	{ "swap_cache_get_folio",
	  offsetof(struct native_symbols, swap_cache_get_folio), "lookup" },
	{ "swap_update_readahead",
	  offsetof(struct native_symbols, swap_update_readahead), "swapin" },
	{ "swap_cache_del_folio",
	  offsetof(struct native_symbols, swap_cache_del_folio), "delete" },
	{ "__mem_cgroup_charge", offsetof(struct native_symbols, charge),
	  "owners of new folios" },
	{ "get_swap_device", offsetof(struct native_symbols, get_swap_device),
	  "the view of devices" },
	{ "swap_info", offsetof(struct native_symbols, swap_info),
	  "the view of devices" },
	{ "folio_lruvec_lock", offsetof(struct native_symbols, lruvec_lock),
	  "lruvec_lock" },
	{ "folio_lruvec_lock_irq", offsetof(struct native_symbols, lruvec_lock_irq),
	  "lruvec_lock_irq" },
	{ "folio_lruvec_lock_irqsave",
	  offsetof(struct native_symbols, lruvec_lock_irqsave), "lruvec_lock_irqsave" },
};

/*
 * Where branches are tracked, a probe is behind the landing pad that a call has to hit;
 * functions are aligned there.
 */
static unsigned long function_start(unsigned long addr)
{
	return IS_ENABLED(CONFIG_X86_KERNEL_IBT) ? ALIGN_DOWN(addr, 16) : addr;
}

static unsigned long probe(const char *name)
{
	struct kprobe kp = { .symbol_name = name };
	unsigned long addr;

	if (register_kprobe(&kp))
		return 0;
	addr = (unsigned long)kp.addr;
	unregister_kprobe(&kp);
	return function_start(addr);
}

/**
 * native_symbols_find() - find what the kernel's swap code is called by
 * @lookup: address of kallsyms_lookup_name(), 0 to find that too
 *
 * What is missing is said by name, and NULL.
 *
 * Context: Process context. May sleep.
 * Return: 0, or -ENOENT if nothing can be looked up.
 */
int native_symbols_find(unsigned long lookup)
{
	unsigned long (*lookup_name)(const char *name);
	const struct symbol *symbol;
	unsigned long addr;

	lookup = lookup ?: probe("kallsyms_lookup_name");
	if (!lookup)
		return -ENOENT;
	lookup_name = (void *)lookup;
	for (symbol = symbols; symbol < symbols + ARRAY_SIZE(symbols); symbol++) {
		addr = lookup_name(symbol->name);
		*(unsigned long *)((char *)&native + symbol->place) = addr;
		if (!addr)
			pr_warn("no %s() here: without %s\n", symbol->name,
				symbol->use);
	}
	return 0;
}
