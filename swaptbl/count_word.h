/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What a word says of its count, and whether a change touches the word alone. Pure: a word
 * in, an answer out.
 */
#ifndef _SWAPTBL_COUNT_WORD_H
#define _SWAPTBL_COUNT_WORD_H

#include <linux/errno.h>

#include "device.h"
#include "entry.h"

static inline bool swaptbl_word_has_count(unsigned long word)
{
	return word & (SWAPTBL_COUNT_MASK | SWAPTBL_OVERFLOW_FLAG);
}

/* Words that are neither free nor counted take no part in counting. */
static inline int swaptbl_word_counted_check(unsigned long word)
{
	if (swaptbl_entry_is_free(word))
		return -ENOENT;
	return swaptbl_entry_is_counted(word) ? 0 : -EINVAL;
}

/* The inline part of a word that has no room for one more count there. */
static inline unsigned long swaptbl_word_full(const struct swaptbl_device *dev)
{
	return swaptbl_entry_set_count(0, dev->count_max);
}

static inline bool swaptbl_word_dup_stays_inline(const struct swaptbl_device *dev,
						 unsigned long word)
{
	return swaptbl_entry_is_counted(word) && swaptbl_word_has_count(word) &&
	       (word & SWAPTBL_COUNT_MASK) != swaptbl_word_full(dev);
}

/* The result is at least 1: two inline, or one inline and O, which is the topmost bit. */
static inline bool swaptbl_word_put_stays_inline(unsigned long word)
{
	return swaptbl_entry_is_counted(word) && word & SWAPTBL_COUNT_MASK &&
	       swaptbl_word_has_count(word - SWAPTBL_COUNT_ONE);
}

#endif /* _SWAPTBL_COUNT_WORD_H */
