/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Files that take commands.
 */
#ifndef _SWAPTBL_CTL_FILE_H
#define _SWAPTBL_CTL_FILE_H

#include <linux/compiler_attributes.h>
#include <linux/types.h>

struct file;
struct swaptbl_why;

/**
 * struct swaptbl_answer - what a command has to say
 * @buf: text
 * @size: size of @buf in bytes
 * @len: length of the text in bytes
 */
struct swaptbl_answer {
	char *buf;
	size_t size;
	size_t len;
};

/**
 * struct swaptbl_ctl_type - a sort of ctl file
 * @command: do what a line asks for; makes room for the answer first
 * @name: of the file, below the root, for what is said of refusals
 */
struct swaptbl_ctl_type {
	int (*command)(void *object, char *line, struct swaptbl_answer *answer,
		       struct swaptbl_why *why);
	void (*name)(const void *object, char *name, size_t size);
};

int swaptbl_ctl_open(struct file *file, void *object,
		     const struct swaptbl_ctl_type *type);
ssize_t swaptbl_ctl_write(struct file *file, const char __user *ubuf, size_t len,
			  loff_t *ppos);
ssize_t swaptbl_ctl_read(struct file *file, char __user *ubuf, size_t len,
			 loff_t *ppos);
int swaptbl_ctl_release(struct inode *inode, struct file *file);

int swaptbl_answer_room(struct swaptbl_answer *answer, size_t size);
__printf(2, 3) void swaptbl_answer(struct swaptbl_answer *answer,
				   const char *fmt, ...);
int swaptbl_answer_stopped(struct swaptbl_answer *answer, int err, long done);
int swaptbl_ctl_breathe(void);

int swaptbl_refuse(const char *file, int err, const struct swaptbl_why *why);
ssize_t swaptbl_control_write(const char *file, const char __user *ubuf, size_t len,
			      loff_t pos,
			      int (*run)(char *line, struct swaptbl_why *why));

#endif /* _SWAPTBL_CTL_FILE_H */
