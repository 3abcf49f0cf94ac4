/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Commands of the ctl file of a device.
 */
#ifndef _SWAPTBL_CTL_H
#define _SWAPTBL_CTL_H

#include <linux/types.h>

#include "ctl_file.h"

struct swaptbl_device;

/**
 * struct swaptbl_cmd - a command of the ctl file
 * @run: does it
 * @offset: first slot
 * @nr: how many slots, folios or pages
 * @order: of the folios
 * @group: their owner
 * @fill: what each of their bytes is
 * @lines: how many lines the answer can have
 * @why: where to say why it failed, if the errno does not
 */
struct swaptbl_cmd {
	int (*run)(struct swaptbl_device *dev, const struct swaptbl_cmd *cmd,
		   struct swaptbl_answer *answer);
	long offset;
	long nr;
	long order;
	long group;
	long fill;
	long lines;
	struct swaptbl_why *why;
};

void swaptbl_ctl_add(struct swaptbl_device *dev);
int swaptbl_no_folio(struct swaptbl_device *dev, unsigned long offset,
		     struct swaptbl_why *why);

void swaptbl_ctl_counts(struct swaptbl_device *dev, const struct swaptbl_cmd *cmd,
			struct swaptbl_answer *answer);

int swaptbl_run_alloc(struct swaptbl_device *dev, const struct swaptbl_cmd *cmd,
		      struct swaptbl_answer *answer);
int swaptbl_run_count(struct swaptbl_device *dev, const struct swaptbl_cmd *cmd,
		      struct swaptbl_answer *answer);
int swaptbl_run_dup(struct swaptbl_device *dev, const struct swaptbl_cmd *cmd,
		    struct swaptbl_answer *answer);
int swaptbl_run_put(struct swaptbl_device *dev, const struct swaptbl_cmd *cmd,
		    struct swaptbl_answer *answer);
int swaptbl_run_free(struct swaptbl_device *dev, const struct swaptbl_cmd *cmd,
		     struct swaptbl_answer *answer);
int swaptbl_run_exclusive_alloc(struct swaptbl_device *dev,
				const struct swaptbl_cmd *cmd,
				struct swaptbl_answer *answer);
int swaptbl_run_exclusive_free(struct swaptbl_device *dev,
			       const struct swaptbl_cmd *cmd,
			       struct swaptbl_answer *answer);
int swaptbl_run_evict(struct swaptbl_device *dev, const struct swaptbl_cmd *cmd,
		      struct swaptbl_answer *answer);
int swaptbl_run_shrink(struct swaptbl_device *dev, const struct swaptbl_cmd *cmd,
		       struct swaptbl_answer *answer);
int swaptbl_run_swapin(struct swaptbl_device *dev, const struct swaptbl_cmd *cmd,
		       struct swaptbl_answer *answer);
int swaptbl_run_crc(struct swaptbl_device *dev, const struct swaptbl_cmd *cmd,
		    struct swaptbl_answer *answer);
int swaptbl_run_split(struct swaptbl_device *dev, const struct swaptbl_cmd *cmd,
		      struct swaptbl_answer *answer);

#endif /* _SWAPTBL_CTL_H */
