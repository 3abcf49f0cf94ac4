// SPDX-License-Identifier: GPL-2.0
/*
 * Finding them. kallsyms_lookup_name() knows all names; it is not exported either, so a
 * kprobe says where it is, or whoever inserts the module, from /proc/kallsyms.
 */
#define pr_fmt(fmt) "swaptbl_native: " fmt

#include <linux/align.h>
#include <linux/build_bug.h>
#include <linux/errno.h>
#include <linux/kconfig.h>
#include <linux/kprobes.h>
#include <linux/printk.h>
#include <linux/sprintf.h>
#include <linux/string.h>

#include "btf.h"
#include "symbols.h"

struct native_symbols native;

/* The type is compared with that of the pointer here, and with the running kernel's there. */
#define FUNCTION(name, pointer, use, type, ...)					\
	{ name, #type "(" #__VA_ARGS__ ")", use, (void *)&(pointer) +		\
	  BUILD_BUG_ON_ZERO(!__same_type(typeof(pointer),			\
					 typeof(type) (*)(__VA_ARGS__))) }

static const struct native_symbol symbols[] = {
	FUNCTION("folio_alloc_swap", native.folio_alloc_swap, "alloc", int, struct folio *),
	FUNCTION("folio_dup_swap", native.folio_dup_swap, "dup_folio",
		 int, struct folio *, struct page *),
	FUNCTION("folio_put_swap", native.folio_put_swap, "put_folio",
		 void, struct folio *, struct page *),
	FUNCTION("folio_free_swap", native.folio_free_swap, "free", bool, struct folio *),
	FUNCTION("swap_dup_entry_direct", native.swap_dup_entry_direct, "dup",
		 int, swp_entry_t),
	FUNCTION("swap_put_entries_direct", native.swap_put_entries_direct, "put, put_range",
		 void, swp_entry_t, int),
	FUNCTION("swp_swapcount", native.swp_swapcount, "count", int, swp_entry_t),
	FUNCTION("swap_cache_get_folio", native.swap_cache_get_folio, "lookup",
		 struct folio *, swp_entry_t),
	FUNCTION("swap_update_readahead", native.swap_update_readahead, "swapin",
		 void, struct folio *, struct vm_area_struct *, unsigned long),
	FUNCTION("swap_cache_del_folio", native.swap_cache_del_folio, "delete",
		 void, struct folio *),
	FUNCTION("__mem_cgroup_charge", native.charge, "owners of new folios",
		 int, struct folio *, struct mm_struct *, gfp_t),
	FUNCTION("get_swap_device", native.get_swap_device, "the view of devices",
		 struct swap_info_struct *, swp_entry_t),
	{ "swap_info", NULL, "the view of devices", &native.swap_info },
	FUNCTION("folio_lruvec_lock", native.lruvec_lock, "lruvec_lock",
		 struct lruvec *, struct folio *),
	FUNCTION("folio_lruvec_lock_irq", native.lruvec_lock_irq, "lruvec_lock_irq",
		 struct lruvec *, struct folio *),
	FUNCTION("folio_lruvec_lock_irqsave", native.lruvec_lock_irqsave,
		 "lruvec_lock_irqsave", struct lruvec *, struct folio *, unsigned long *),
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

#define LOOKUP	"kallsyms_lookup_name"

static unsigned long (*lookup_name)(const char *name);

/* Whoever gave the address may have been wrong, or have had it of another boot. */
static bool is_lookup(unsigned long addr)
{
	char found[sizeof(LOOKUP "+0x0/")];

	scnprintf(found, sizeof(found), "%pS", (void *)addr);
	return !strcmp(found, LOOKUP "+0x0/");
}

static int find_lookup(unsigned long addr)
{
	if (addr && !is_lookup(addr)) {
		pr_err("kallsyms=: %pS is not the start of %s()\n", (void *)addr, LOOKUP);
		return -EINVAL;
	}
	addr = addr ?: probe(LOOKUP);
	if (!addr || !is_lookup(addr)) {
		pr_err("nothing can be looked up: give kallsyms=\n");
		return -ENOENT;
	}
	lookup_name = (void *)addr;
	return 0;
}

/**
 * native_symbol_find() - find a function or variable of the kernel's, by its name
 * @symbol: which
 *
 * If there is none, or BTF says that a function has another type, that is said, and what
 * will be missing. Tests get at this by symbol_get(), which wants it to be for GPL only.
 *
 * Context: Process context. May sleep. After native_symbols_find().
 * Return: its address, or 0.
 */
unsigned long native_symbol_find(const struct native_symbol *symbol)
{
	unsigned long addr = lookup_name(symbol->name);
	struct native_seen seen;
	int err;

	if (!addr) {
		pr_warn("no %s() here: without %s\n", symbol->name, symbol->use);
		return 0;
	}
	if (!symbol->proto)
		return addr;
	err = native_btf_function(symbol->name, symbol->proto, &seen);
	if (!err || err == -ENODATA)
		return addr;
	pr_warn("%s(): BTF has %s, not %s: without %s\n", symbol->name, seen.text,
		symbol->proto, symbol->use);
	return 0;
}
EXPORT_SYMBOL_SWAPTBL(native_symbol_find);

/**
 * native_symbols_find() - find what the kernel's swap code is called by
 * @lookup: address of kallsyms_lookup_name(), 0 to find that too
 *
 * What is missing is said by name, and NULL.
 *
 * Context: Process context. May sleep.
 * Return: 0; -EINVAL if something else is at @lookup; -ENOENT if nothing can be looked up.
 */
int native_symbols_find(unsigned long lookup)
{
	const struct native_symbol *symbol;
	int err = find_lookup(lookup);

	if (err)
		return err;
	if (native_btf_find(lookup_name))
		pr_info("no BTF here: checked against the kernel's version only\n");
	else
		pr_info("checked against the kernel's version and BTF\n");
	for (symbol = symbols; symbol < symbols + ARRAY_SIZE(symbols); symbol++)
		*(unsigned long *)symbol->place = native_symbol_find(symbol);
	return 0;
}
