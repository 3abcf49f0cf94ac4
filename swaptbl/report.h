/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What an oracle has to say.
 */
#ifndef _SWAPTBL_REPORT_H
#define _SWAPTBL_REPORT_H

#include <linux/compiler_attributes.h>
#include <linux/types.h>

struct seq_file;

/**
 * struct swaptbl_report - broken invariants
 * @m: where they are printed; the log if NULL
 * @what: kind of what is walked, for the log
 * @number: of what is walked, for the log
 * @quiet: only count them
 * @errors: how many so far
 */
struct swaptbl_report {
	struct seq_file *m;
	const char *what;
	unsigned int number;
	bool quiet;
	unsigned int errors;
};

__printf(3, 4) void swaptbl_report_broken(struct swaptbl_report *report,
					  const char *name, const char *fmt, ...);
void swaptbl_report_end(const struct swaptbl_report *report);

#endif /* _SWAPTBL_REPORT_H */
