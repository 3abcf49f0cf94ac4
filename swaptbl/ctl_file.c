// SPDX-License-Identifier: GPL-2.0
/*
 * Files that take commands: one per write, its answer to a read of the same open file.
 *
 * A command over many things stops at the first that fails. If none was done the write
 * is refused; otherwise it succeeds, and the last line of the answer says "stopped" and
 * why.
 */
#include <linux/err.h>
#include <linux/fs.h>
#include <linux/kernel.h>
#include <linux/mm.h>
#include <linux/mutex.h>
#include <linux/sched/signal.h>
#include <linux/slab.h>
#include <linux/stdarg.h>

#include "compat.h"
#include "ctl_file.h"
#include "parse.h"

/**
 * struct ctl_file - one open ctl file
 * @type: its sort
 * @object: what its commands are for
 * @lock: protects what follows, and orders the commands of the file
 * @answer: of the last command, empty if it was refused
 */
struct ctl_file {
	const struct swaptbl_ctl_type *type;
	void *object;
	struct mutex lock; /* see above */
	struct swaptbl_answer answer;
};

/**
 * swaptbl_answer_room() - make room for an answer
 * @answer: the answer, empty
 * @size: how many bytes it can have
 *
 * Context: Process context. May sleep.
 * Return: 0 or -ENOMEM.
 */
int swaptbl_answer_room(struct swaptbl_answer *answer, size_t size)
{
	answer->size = size;
	answer->buf = kvmalloc(size, GFP_KERNEL);
	return answer->buf ? 0 : -ENOMEM;
}

/**
 * swaptbl_answer() - add to the answer to a command
 * @answer: the answer; what does not fit is lost
 * @fmt: printf format
 *
 * Context: Any context.
 */
void swaptbl_answer(struct swaptbl_answer *answer, const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	answer->len += vscnprintf(answer->buf + answer->len,
				  answer->size - answer->len, fmt, args);
	va_end(args);
}

/**
 * swaptbl_answer_stopped() - end a command that may have stopped half way
 * @answer: the answer
 * @err: why it stopped, or 0
 * @done: what was done until then
 *
 * Half done is done: the answer says so, and the error becomes success.
 *
 * Context: Any context.
 * Return: 0; or @err if nothing was done.
 */
int swaptbl_answer_stopped(struct swaptbl_answer *answer, int err, long done)
{
	if (!err || !done)
		return err;
	swaptbl_answer(answer, "stopped %pe\n", ERR_PTR(err));
	return 0;
}

/**
 * swaptbl_ctl_breathe() - give way between two steps of a command
 *
 * Context: Process context. May sleep.
 * Return: 0; -EINTR if the task was killed.
 */
int swaptbl_ctl_breathe(void)
{
	cond_resched();
	return fatal_signal_pending(current) ? -EINTR : 0;
}

static void drop_answer(struct ctl_file *ctl)
{
	kvfree(ctl->answer.buf);
	ctl->answer = (struct swaptbl_answer){};
}

static int command(struct ctl_file *ctl, const char __user *ubuf, size_t len,
		   struct swaptbl_why *why)
{
	char *line = swaptbl_line_get(ubuf, len, why);
	int err;

	if (IS_ERR(line))
		return PTR_ERR(line);
	err = ctl->type->command(ctl->object, line, &ctl->answer, why);
	kfree(line);
	return err;
}

/**
 * swaptbl_ctl_write() - a command
 * @file: the file
 * @ubuf: the line
 * @len: its length in bytes
 * @ppos: set to the head of the answer
 *
 * Context: Process context. May sleep.
 * Return: @len, or the error that the command was refused with.
 */
ssize_t swaptbl_ctl_write(struct file *file, const char __user *ubuf, size_t len,
			  loff_t *ppos)
{
	struct ctl_file *ctl = file->private_data;
	struct swaptbl_why why = {};
	char name[32];
	int err;

	if (mutex_lock_killable(&ctl->lock))
		return -EINTR;
	drop_answer(ctl);
	err = command(ctl, ubuf, len, &why);
	if (err)
		drop_answer(ctl);
	mutex_unlock(&ctl->lock);
	/* The read that follows starts at the head of the answer. */
	*ppos = 0;
	if (!err)
		return len;
	ctl->type->name(ctl->object, name, sizeof(name));
	return swaptbl_refuse(name, err, &why);
}

/**
 * swaptbl_ctl_read() - the answer to the last command
 * @file: the file
 * @ubuf: where to
 * @len: how many bytes
 * @ppos: from where on
 *
 * Context: Process context. May sleep.
 * Return: bytes read; -EINTR or -EFAULT.
 */
ssize_t swaptbl_ctl_read(struct file *file, char __user *ubuf, size_t len,
			 loff_t *ppos)
{
	struct ctl_file *ctl = file->private_data;
	ssize_t ret;

	if (mutex_lock_killable(&ctl->lock))
		return -EINTR;
	ret = simple_read_from_buffer(ubuf, len, ppos, ctl->answer.buf,
				      ctl->answer.len);
	mutex_unlock(&ctl->lock);
	return ret;
}

/**
 * swaptbl_ctl_open() - open a ctl file
 * @file: the file
 * @object: what its commands are for
 * @type: its sort
 *
 * Context: Process context. May sleep.
 * Return: 0 or -ENOMEM.
 */
int swaptbl_ctl_open(struct file *file, void *object,
		     const struct swaptbl_ctl_type *type)
{
	struct ctl_file *ctl = kzalloc_obj(*ctl);

	if (!ctl)
		return -ENOMEM;
	mutex_init(&ctl->lock);
	ctl->type = type;
	ctl->object = object;
	file->private_data = ctl;
	return 0;
}

/**
 * swaptbl_ctl_release() - undo swaptbl_ctl_open()
 * @inode: of the file
 * @file: the file
 *
 * Context: Process context. May sleep.
 * Return: 0.
 */
int swaptbl_ctl_release(struct inode *inode, struct file *file)
{
	struct ctl_file *ctl = file->private_data;

	drop_answer(ctl);
	kfree(ctl);
	return 0;
}
