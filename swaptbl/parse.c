// SPDX-License-Identifier: GPL-2.0
/*
 * Command lines of the control files: strict, bounded, no lock held.
 */
#include <linux/err.h>
#include <linux/errno.h>
#include <linux/kernel.h>
#include <linux/slab.h>
#include <linux/stdarg.h>
#include <linux/string.h>
#include <linux/uaccess.h>

#include "parse.h"

/**
 * swaptbl_why() - say what is wrong
 * @why: where to
 * @err: negative errno that goes with it
 * @fmt: printf format of the reason
 *
 * Context: Any context.
 * Return: @err.
 */
int swaptbl_why(struct swaptbl_why *why, int err, const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	vscnprintf(why->text, sizeof(why->text), fmt, args);
	va_end(args);
	return err;
}

static const char *errno_text(int err)
{
	switch (err) {
	case -EINVAL:
		return "slot of a kind that this does not apply to";
	case -ERANGE:
		return "beyond what the device has";
	case -ENOENT:
		return "slot without a reference";
	case -EOVERFLOW:
		return "count at its maximum";
	case -ENOMEM:
		return "no memory";
	case -ENOSPC:
		return "no free slot";
	case -E2BIG:
		return "no free run of that order";
	case -EDQUOT:
		return "limit of the group or of one above it";
	case -EPERM:
		return "the root of the tree stays";
	case -ENOTEMPTY:
		return "the group has children";
	case -EMLINK:
		return "more levels than there can be";
	case -ESRCH:
		return "no such group, or it was removed";
	case -ENODEV:
		return "no such device";
	case -ESHUTDOWN:
		return "device is going away";
	case -EBUSY:
		return "in use";
	case -EUSERS:
		return "all numbers are taken";
	case -EINTR:
		return "interrupted";
	case -EIO:
		return "the store cannot be read or written";
	case -EFBIG:
		return "beyond the largest file";
	case -EFAULT:
		return "memory of the writer cannot be read";
	default:
		return "failed";
	}
}

/**
 * swaptbl_why_text() - the reason, or what the errno means here
 * @why: reason, may be empty
 * @err: negative errno
 *
 * Context: Any context.
 * Return: text.
 */
const char *swaptbl_why_text(const struct swaptbl_why *why, int err)
{
	return why->text[0] ? why->text : errno_text(err);
}

static int line_check(char *line, size_t len, struct swaptbl_why *why)
{
	if (strlen(line) != len)
		return swaptbl_why(why, -EINVAL, "NUL byte in the line");
	if (line[len - 1] == '\n')
		line[len - 1] = '\0';
	if (strchr(line, '\n'))
		return swaptbl_why(why, -EINVAL, "more than one line");
	if (!line[strspn(line, " ")])
		return swaptbl_why(why, -EINVAL, "empty line");
	return 0;
}

/**
 * swaptbl_line_get() - copy the one line of a write
 * @ubuf: user buffer
 * @len: its length
 * @why: says what is wrong
 *
 * Context: Process context. May sleep.
 * Return: the line without its newline, to be freed by kfree(); -EINVAL,
 * -EFAULT or -ENOMEM as an error pointer.
 */
char *swaptbl_line_get(const char __user *ubuf, size_t len,
		       struct swaptbl_why *why)
{
	char *line;
	int err;

	if (!len)
		return ERR_PTR(swaptbl_why(why, -EINVAL, "empty write"));
	if (len > SWAPTBL_LINE_MAX)
		return ERR_PTR(swaptbl_why(why, -EINVAL,
					   "longer than %d bytes",
					   SWAPTBL_LINE_MAX));
	line = memdup_user_nul(ubuf, len);
	if (IS_ERR(line))
		return line;
	err = line_check(line, len, why);
	if (!err)
		return line;
	kfree(line);
	return ERR_PTR(err);
}

/**
 * swaptbl_word_next() - split the next word off a line
 * @line: rest of the line; moved on
 *
 * Context: Any context.
 * Return: the word or NULL at the end of the line.
 */
char *swaptbl_word_next(char **line)
{
	char *word;

	do {
		word = strsep(line, " ");
	} while (word && !*word);
	return word;
}

static struct swaptbl_arg *arg_find(struct swaptbl_arg *args, unsigned int nr,
				    const char *key)
{
	unsigned int i;

	for (i = 0; i < nr; i++)
		if (!strcmp(args[i].key, key))
			return &args[i];
	return NULL;
}

static int arg_number(struct swaptbl_arg *arg, const char *value,
		      struct swaptbl_why *why)
{
	long num;
	int err = kstrtol(value, 10, &num);

	if (err == -ERANGE || (!err && (num < arg->min || num > arg->max)))
		return swaptbl_why(why, -ERANGE, "%s is not within %ld to %ld",
				   arg->key, arg->min, arg->max);
	if (err)
		return swaptbl_why(why, -EINVAL, "%s is not a number: %.32s",
				   arg->key, value);
	*arg->num = num;
	return 0;
}

static int arg_set(struct swaptbl_arg *arg, char *value,
		   struct swaptbl_why *why)
{
	if (arg->seen)
		return swaptbl_why(why, -EINVAL, "%s given twice", arg->key);
	arg->seen = true;
	if (!value || !*value)
		return swaptbl_why(why, -EINVAL, "%s without a value", arg->key);
	if (arg->num)
		return arg_number(arg, value, why);
	*arg->str = value;
	return 0;
}

static int args_complete(const struct swaptbl_arg *args, unsigned int nr,
			 struct swaptbl_why *why)
{
	unsigned int i;

	for (i = 0; i < nr; i++)
		if (args[i].required && !args[i].seen)
			return swaptbl_why(why, -EINVAL, "%s is missing",
					   args[i].key);
	return 0;
}

/**
 * swaptbl_args_parse() - read the key=value words of a line
 * @line: rest of the line, or NULL; text arguments point into it
 * @args: what the command knows
 * @nr: number of @args
 * @why: says what is wrong
 *
 * Context: Any context.
 * Return: 0, -EINVAL, or -ERANGE for a number outside its limits.
 */
int swaptbl_args_parse(char *line, struct swaptbl_arg *args, unsigned int nr,
		       struct swaptbl_why *why)
{
	struct swaptbl_arg *arg;
	char *word, *key;
	int err;

	while ((word = swaptbl_word_next(&line))) {
		key = strsep(&word, "=");
		arg = arg_find(args, nr, key);
		if (!arg)
			return swaptbl_why(why, -EINVAL, "unknown word: %.32s",
					   key);
		err = arg_set(arg, word, why);
		if (err)
			return err;
	}
	return args_complete(args, nr, why);
}
