/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The swap header that mkswap writes.
 */
#ifndef _SWAPTBL_HEADER_H
#define _SWAPTBL_HEADER_H

#include <linux/types.h>

struct swaptbl_header;

int swaptbl_header_parse(const void *buf, size_t len, u64 bytes,
			 struct swaptbl_header *header, const char **why);
void swaptbl_header_release(struct swaptbl_header *header);

#endif /* _SWAPTBL_HEADER_H */
