/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Files that show a device.
 */
#ifndef _SWAPTBL_VIEW_H
#define _SWAPTBL_VIEW_H

#include <linux/seq_file.h>
#include <linux/types.h>

struct file_operations;
struct swaptbl_cluster;
struct swaptbl_device;

extern const struct file_operations swaptbl_slots_fops;

void swaptbl_view_add(struct swaptbl_device *dev);
void swaptbl_knobs_add(struct swaptbl_device *dev);
struct swaptbl_cluster *swaptbl_cluster_next(struct swaptbl_device *dev,
					     unsigned int index);
const char *swaptbl_list_name(unsigned int list);

/* The file of slots, and that of native/ too. */
#define SWAPTBL_SLOTS_HEADING	"# offset kind count order owner pfn|age flags\n"

static inline void swaptbl_show_flag(struct seq_file *m, const char **sep, const char *name)
{
	seq_printf(m, "%s%s", *sep, name);
	*sep = ",";
}

#endif /* _SWAPTBL_VIEW_H */
