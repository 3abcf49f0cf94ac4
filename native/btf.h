/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The types that the running kernel has by its BTF, against those that it is taken to have.
 */
#ifndef _SWAPTBL_NATIVE_BTF_H
#define _SWAPTBL_NATIVE_BTF_H

#include <linux/errno.h>
#include <linux/types.h>

#include "../swaptbl/compat.h"

/**
 * struct native_member - a member of a structure
 * @name: its name
 * @type: its type, as native_btf_function() has those
 * @offset: in bytes
 */
struct native_member {
	const char *name;
	const char *type;
	size_t offset;
};

/**
 * struct native_struct - a structure, as it is taken to be
 * @name: its name
 * @size: in bytes
 * @member: those that matter
 * @nr: how many
 */
struct native_struct {
	const char *name;
	size_t size;
	const struct native_member *member;
	unsigned int nr;
};

/**
 * struct native_seen - what BTF has instead
 * @text: for the log
 */
struct native_seen {
	char text[128];
};

#if SWAPTBL_NATIVE_BTF
int native_btf_find(unsigned long (*lookup)(const char *name));
int native_btf_function(const char *name, const char *proto, struct native_seen *seen);
int native_btf_struct(const struct native_struct *known, struct native_seen *seen);
#else
static inline int native_btf_find(unsigned long (*lookup)(const char *name))
{
	return -ENODATA;
}

static inline int native_btf_function(const char *name, const char *proto,
				      struct native_seen *seen)
{
	return -ENODATA;
}

static inline int native_btf_struct(const struct native_struct *known,
				    struct native_seen *seen)
{
	return -ENODATA;
}
#endif

#endif /* _SWAPTBL_NATIVE_BTF_H */
