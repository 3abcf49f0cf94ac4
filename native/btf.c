// SPDX-License-Identifier: GPL-2.0
/*
 * Types as C has them are compared as text, which the log can show. What tests get at by
 * symbol_get() is exported, for GPL only, which that insists on.
 */
#include <linux/array_size.h>
#include <linux/bpf.h>
#include <linux/btf.h>
#include <linux/err.h>
#include <linux/module.h>
#include <linux/seq_buf.h>
#include <linux/string.h>

#include "btf.h"

#if SWAPTBL_NATIVE_BTF
/* Not exported, but for btf_type_by_id(). */
static struct {
	typeof(bpf_get_btf_vmlinux) *get;
	typeof(btf_find_by_name_kind) *find;
	typeof(btf_name_by_offset) *name;
} library;

/* The kernel keeps it. */
static const struct btf *btf;

/**
 * native_btf_find() - see whether the running kernel describes itself
 * @lookup: finds its functions by name
 *
 * Context: Process context. May sleep.
 * Return: 0, or -ENODATA if it does not.
 */
int native_btf_find(unsigned long (*lookup)(const char *name))
{
	struct btf *vmlinux;

	library.get = (void *)lookup("bpf_get_btf_vmlinux");
	library.find = (void *)lookup("btf_find_by_name_kind");
	library.name = (void *)lookup("btf_name_by_offset");
	if (!library.get || !library.find || !library.name)
		return -ENODATA;
	vmlinux = library.get();
	if (IS_ERR_OR_NULL(vmlinux))
		return -ENODATA;
	btf = vmlinux;
	return 0;
}

static const char *tag_of(const struct btf_type *type)
{
	switch (btf_kind(type)) {
	case BTF_KIND_STRUCT:
		return "struct ";
	case BTF_KIND_UNION:
		return "union ";
	case BTF_KIND_ENUM:
	case BTF_KIND_ENUM64:
		return "enum ";
	case BTF_KIND_FWD:
		return btf_type_kflag(type) ? "union " : "struct ";
	}
	return "";
}

/* As clang calls them, and the source here. */
static const struct spelling {
	const char *gcc;
	const char *clang;
} spellings[] = {
	{ "long unsigned int", "unsigned long" },
	{ "short int", "short" },
};

static const char *name_of(const struct btf_type *type)
{
	const char *name = library.name(btf, type->name_off);
	unsigned int i;

	/* Type 0 is void, and has no name. */
	if (btf_kind(type) == BTF_KIND_UNKN)
		return "void";
	for (i = 0; i < ARRAY_SIZE(spellings); i++)
		if (!strcmp(name, spellings[i].gcc))
			return spellings[i].clang;
	return *name ? name : "?";
}

/* Qualifiers change neither a call nor a layout. */
static bool is_qualifier(const struct btf_type *type)
{
	switch (btf_kind(type)) {
	case BTF_KIND_CONST:
	case BTF_KIND_VOLATILE:
	case BTF_KIND_RESTRICT:
	case BTF_KIND_TYPE_TAG:
		return true;
	}
	return false;
}

static void show_type(struct seq_buf *out, u32 id)
{
	const struct btf_type *type = btf_type_by_id(btf, id);
	int stars = 0;

	while (btf_type_is_ptr(type) || is_qualifier(type)) {
		stars += btf_type_is_ptr(type);
		type = btf_type_by_id(btf, type->type);
	}
	seq_buf_printf(out, "%s%s%s%.*s", tag_of(type), name_of(type), stars ? " " : "",
		       stars, "********");
}

static void show_proto(struct seq_buf *out, const struct btf_type *proto)
{
	const struct btf_param *params = btf_params(proto);
	unsigned int i;

	show_type(out, proto->type);
	seq_buf_putc(out, '(');
	for (i = 0; i < btf_type_vlen(proto); i++) {
		if (i)
			seq_buf_puts(out, ", ");
		show_type(out, params[i].type);
	}
	seq_buf_putc(out, ')');
}

static const struct btf_type *find(const char *name, u8 kind, struct seq_buf *out)
{
	s32 id = library.find(btf, name, kind);

	if (id > 0)
		return btf_type_by_id(btf, id);
	seq_buf_puts(out, "nothing");
	seq_buf_str(out);
	return NULL;
}

/**
 * native_btf_function() - compare the type of a function
 * @name: its name
 * @proto: result and, in brackets, types of parameters: ``int(struct folio *, swp_entry_t)``,
 *	without qualifiers
 * @seen: what BTF has, if not that
 *
 * What is known as something else by BTF, or not at all, is not called: BTF leaves out
 * functions that the compiler gave other parameters than the source has.
 *
 * Context: Process context. After native_btf_find().
 * Return: 0 if it is the same; -EUCLEAN if it is not; -ENOENT if BTF has none of that name;
 * -ENODATA without BTF.
 */
int native_btf_function(const char *name, const char *proto, struct native_seen *seen)
{
	const struct btf_type *function;
	struct seq_buf out;

	if (!btf)
		return -ENODATA;
	seq_buf_init(&out, seen->text, sizeof(seen->text));
	function = find(name, BTF_KIND_FUNC, &out);
	if (!function)
		return -ENOENT;
	show_proto(&out, btf_type_by_id(btf, function->type));
	return strcmp(seq_buf_str(&out), proto) ? -EUCLEAN : 0;
}
EXPORT_SYMBOL_SWAPTBL(native_btf_function);

static const struct btf_member *find_member(const struct btf_type *type, const char *name)
{
	const struct btf_member *member;
	unsigned int i;

	for_each_member(i, type, member) {
		if (!strcmp(library.name(btf, member->name_off), name))
			return member;
	}
	return NULL;
}

static int check_member(const struct btf_type *type, const struct native_member *known,
			struct seq_buf *out)
{
	const struct btf_member *member = find_member(type, known->name);
	unsigned int offset;
	bool same;

	seq_buf_clear(out);
	if (!member) {
		seq_buf_printf(out, "no %s", known->name);
		seq_buf_str(out);
		return -EUCLEAN;
	}
	show_type(out, member->type);
	same = !strcmp(seq_buf_str(out), known->type);
	offset = __btf_member_bit_offset(type, member) / BITS_PER_BYTE;
	seq_buf_printf(out, " %s at %u", known->name, offset);
	seq_buf_str(out);
	return same && offset == known->offset ? 0 : -EUCLEAN;
}

/**
 * native_btf_struct() - compare the layout of a structure
 * @known: what it is taken to be
 * @seen: what BTF has, if not that
 *
 * Context: Process context. After native_btf_find().
 * Return: 0 if it is the same; -EUCLEAN if it is not; -ENOENT if BTF has none of that name;
 * -ENODATA without BTF.
 */
int native_btf_struct(const struct native_struct *known, struct native_seen *seen)
{
	const struct btf_type *type;
	struct seq_buf out;
	unsigned int i;
	int err;

	if (!btf)
		return -ENODATA;
	seq_buf_init(&out, seen->text, sizeof(seen->text));
	type = find(known->name, BTF_KIND_STRUCT, &out);
	if (!type)
		return -ENOENT;
	seq_buf_printf(&out, "%u bytes", type->size);
	seq_buf_str(&out);
	err = type->size == known->size ? 0 : -EUCLEAN;
	for (i = 0; !err && i < known->nr; i++)
		err = check_member(type, &known->member[i], &out);
	return err;
}
EXPORT_SYMBOL_SWAPTBL(native_btf_struct);
#endif
