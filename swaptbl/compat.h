/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Differences between the supported kernels, 6.12 and 7.1 and newer.
 */
#ifndef _SWAPTBL_COMPAT_H
#define _SWAPTBL_COMPAT_H

#include <linux/module.h>
#include <linux/slab.h>
#include <linux/version.h>
#include <linux/workqueue.h>

/* pagevec.h until its last pagevec was gone. */
#if __has_include("linux/folio_batch.h")
#include <linux/folio_batch.h>
#else
#include <linux/pagevec.h>
#endif

/* The one place that says which kernels are supported. */
#if LINUX_VERSION_CODE < KERNEL_VERSION(6, 12, 0) || \
	(LINUX_VERSION_CODE >= KERNEL_VERSION(6, 13, 0) && \
	 LINUX_VERSION_CODE < KERNEL_VERSION(7, 1, 0))
#error "swaptbl supports Linux 6.12 and 7.1 or newer"
#endif

/*
 * cdd30ebb1b9f ("module: Convert symbol namespace to string literal", 6.13):
 * before it, the macro makes the string itself. No symbol tells the two apart.
 */
#if LINUX_VERSION_CODE < KERNEL_VERSION(6, 13, 0)
#define SWAPTBL_IMPORT_NS(ns)	MODULE_IMPORT_NS(ns)
#else
#define SWAPTBL_IMPORT_NS(ns)	MODULE_IMPORT_NS(__stringify(ns))
#endif

/* Likewise. For other modules of this project; what only tests need is IF_KUNIT. */
#if LINUX_VERSION_CODE < KERNEL_VERSION(6, 13, 0)
#define EXPORT_SYMBOL_SWAPTBL(symbol)	EXPORT_SYMBOL_NS_GPL(symbol, SWAPTBL)
#else
#define EXPORT_SYMBOL_SWAPTBL(symbol)	EXPORT_SYMBOL_NS_GPL(symbol, "SWAPTBL")
#endif

/* The new name of the unbound workqueue is not in every 6.12.y. */
#if LINUX_VERSION_CODE < KERNEL_VERSION(6, 18, 0)
#define system_dfl_wq	system_unbound_wq
#endif

/*
 * What native/ calls and reads of the kernel's swap has no stable interface. It is known
 * from the first version that has it to the last one that was read: the functions of
 * native/symbols.h, and the structures of native/layout.h.
 */
#define SWAPTBL_NATIVE_CALLS \
	(IS_ENABLED(CONFIG_SWAP) && LINUX_VERSION_CODE >= KERNEL_VERSION(7, 1, 0) && \
	 LINUX_VERSION_CODE < KERNEL_VERSION(7, 4, 0))
#define SWAPTBL_NATIVE_LAYOUT \
	(IS_ENABLED(CONFIG_SWAP) && LINUX_VERSION_CODE >= KERNEL_VERSION(7, 3, 0) && \
	 LINUX_VERSION_CODE < KERNEL_VERSION(7, 4, 0))

/* Whether the running kernel may say itself what they are. */
#define SWAPTBL_NATIVE_BTF	(SWAPTBL_NATIVE_CALLS && IS_ENABLED(CONFIG_DEBUG_INFO_BTF))

/* Not in every 6.12.y; without a second argument it means GFP_KERNEL. */
#ifndef kzalloc_obj
#define kzalloc_obj(var)	kzalloc(sizeof(var), GFP_KERNEL)
#endif

#endif /* _SWAPTBL_COMPAT_H */
