// SPDX-License-Identifier: GPL-2.0
/*
 * What an oracle has to say: each broken invariant by name, and how many.
 */
#include <linux/printk.h>
#include <linux/seq_file.h>
#include <linux/stdarg.h>

#include "report.h"

/* More lines than these help nobody; the rest is only counted. */
#define REPORT_LINES	64

/**
 * swaptbl_report_broken() - report a broken invariant
 * @report: the report
 * @name: of the invariant
 * @fmt: printf format of what is wrong
 *
 * Context: Any context that the seq_file or the log can be written in.
 */
void swaptbl_report_broken(struct swaptbl_report *report, const char *name,
			   const char *fmt, ...)
{
	struct va_format vaf = { .fmt = fmt };
	va_list args;

	if (report->errors++ >= REPORT_LINES || report->quiet)
		return;
	va_start(args, fmt);
	vaf.va = &args;
	if (report->m)
		seq_printf(report->m, "%s: %pV\n", name, &vaf);
	else
		pr_warn("swaptbl: verify %s%u: %s: %pV\n", report->what,
			report->number, name, &vaf);
	va_end(args);
}

/**
 * swaptbl_report_end() - say how many invariants are broken
 * @report: the report
 *
 * Context: As swaptbl_report_broken().
 */
void swaptbl_report_end(const struct swaptbl_report *report)
{
	if (!report->m)
		return;
	if (report->errors > REPORT_LINES)
		seq_printf(report->m, "... and %u more\n",
			   report->errors - REPORT_LINES);
	seq_printf(report->m, "%u errors\n", report->errors);
}
