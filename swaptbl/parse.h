/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Command lines: one per write, words of key=value.
 */
#ifndef _SWAPTBL_PARSE_H
#define _SWAPTBL_PARSE_H

#include <linux/compiler_attributes.h>
#include <linux/types.h>

/* Longest command line, its newline included: a path of a device and room. */
#define SWAPTBL_LINE_MAX	512

/**
 * struct swaptbl_why - what is wrong with a request, for a person
 * @text: the reason; empty if the errno says it all
 */
struct swaptbl_why {
	char text[96];
};

/**
 * struct swaptbl_arg - one key that a command knows
 * @key: its name
 * @num: where a number goes, or NULL; keeps its default if the key is absent
 * @str: where text goes that is not a number
 * @min: smallest number
 * @max: largest number
 * @required: the command makes no sense without it
 * @seen: the key was there
 */
struct swaptbl_arg {
	const char *key;
	long *num;
	const char **str;
	long min;
	long max;
	bool required;
	bool seen;
};

__printf(3, 4) int swaptbl_why(struct swaptbl_why *why, int err,
			       const char *fmt, ...);
const char *swaptbl_why_text(const struct swaptbl_why *why, int err);

char *swaptbl_line_get(const char __user *ubuf, size_t len,
		       struct swaptbl_why *why);
char *swaptbl_word_next(char **line);
int swaptbl_args_parse(char *line, struct swaptbl_arg *args, unsigned int nr,
		       struct swaptbl_why *why);

#endif /* _SWAPTBL_PARSE_H */
