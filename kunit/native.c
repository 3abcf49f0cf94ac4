// SPDX-License-Identifier: GPL-2.0
/*
 * What native/ takes the running kernel's functions and structures to be is compared with
 * its BTF: with expectations that are wrong on purpose, beside right ones.
 */
#include <kunit/test.h>
#include <linux/dcache.h>
#include <linux/debugfs.h>
#include <linux/err.h>
#include <linux/list.h>
#include <linux/module.h>
#include <linux/poll.h>

#include "../native/btf.h"
#include "../native/layout.h"
#include "../native/slots.h"
#include "../native/symbols.h"

/* Not linked: this module has to go without swaptbl_native. */
static struct {
	typeof(native_symbol_find) *symbol;
	typeof(native_btf_function) *function;
	typeof(native_btf_struct) *structure;
	typeof(native_struct_is_known) *struct_is_known;
	typeof(native_slots_add) *slots_add;
} native_ops;

static const struct native_struct list_struct = { "list_head", sizeof(struct list_head) };
static const struct native_struct other_struct = { "list_head", 1 };
static const struct native_struct no_struct = { "swaptbl_no_such" };

static int native_init(struct kunit *test)
{
	native_ops.symbol = symbol_get(native_symbol_find);
	if (!native_ops.symbol)
		kunit_skip(test, "swaptbl_native is not inserted, or refused this kernel");
	native_ops.function = symbol_get(native_btf_function);
	native_ops.structure = symbol_get(native_btf_struct);
	native_ops.struct_is_known = symbol_get(native_struct_is_known);
	native_ops.slots_add = symbol_get(native_slots_add);
	return 0;
}

static void native_exit(struct kunit *test)
{
	if (native_ops.slots_add)
		symbol_put(native_slots_add);
	if (native_ops.struct_is_known)
		symbol_put(native_struct_is_known);
	if (native_ops.structure)
		symbol_put(native_btf_struct);
	if (native_ops.function)
		symbol_put(native_btf_function);
	if (native_ops.symbol)
		symbol_put(native_symbol_find);
}

static void needs_btf(struct kunit *test)
{
	struct native_seen seen;

	if (!native_ops.structure || native_ops.structure(&list_struct, &seen) == -ENODATA)
		kunit_skip(test, "this kernel has no BTF");
	KUNIT_ASSERT_NOT_NULL(test, native_ops.function);
}

static void expect_function(struct kunit *test, const char *name, const char *proto)
{
	struct native_seen seen;

	KUNIT_EXPECT_EQ_MSG(test, native_ops.function(name, proto, &seen), 0, "%s: %s",
			    name, seen.text);
}

/*
 * Three of the library, the last of which has a volatile parameter, and one of the table of
 * each sort of result.
 */
static void functions_are_what_they_are(struct kunit *test)
{
	needs_btf(test);
	expect_function(test, "kfree", "void(void *)");
	expect_function(test, "strcmp", "int(char *, char *)");
	expect_function(test, "iounmap", "void(void *)");
	expect_function(test, "folio_dup_swap", "int(struct folio *, struct page *)");
	expect_function(test, "folio_free_swap", "bool(struct folio *)");
	expect_function(test, "swap_cache_get_folio", "struct folio *(swp_entry_t)");
	expect_function(test, "swap_update_readahead",
			"void(struct folio *, struct vm_area_struct *, unsigned long)");
	expect_function(test, "__mem_cgroup_charge",
			"int(struct folio *, struct mm_struct *, gfp_t)");
}

static void expect_other(struct kunit *test, const char *proto)
{
	struct native_seen seen;

	KUNIT_EXPECT_EQ_MSG(test, -EUCLEAN,
			    native_ops.function("folio_dup_swap", proto, &seen), "%s", proto);
	KUNIT_EXPECT_STREQ(test, seen.text, "int(struct folio *, struct page *)");
}

static void other_functions_are_told(struct kunit *test)
{
	struct native_seen seen;

	needs_btf(test);
	expect_other(test, "int(struct folio *)");
	expect_other(test, "int(struct folio *, struct page *, int)");
	expect_other(test, "int(struct folio *, struct folio *)");
	expect_other(test, "int(struct page *, struct folio *)");
	expect_other(test, "int(struct folio *, struct page)");
	expect_other(test, "int(struct folio *, struct page **)");
	expect_other(test, "void(struct folio *, struct page *)");
	expect_other(test, "bool(struct folio *, struct page *)");
	KUNIT_EXPECT_EQ(test, native_ops.function("swaptbl_no_such", "void()", &seen),
			-ENOENT);
	KUNIT_EXPECT_STREQ(test, seen.text, "nothing");
	/* A structure is not a function. */
	KUNIT_EXPECT_EQ(test, native_ops.function("list_head", "void()", &seen), -ENOENT);
}

static int check_list(size_t size, const char *name, const char *type, size_t offset,
		      struct native_seen *seen)
{
	const struct native_member members[] = {
		{ "next", "struct list_head *", offsetof(struct list_head, next) },
		{ name, type, offset },
	};
	const struct native_struct known = {
		"list_head", size, members, ARRAY_SIZE(members),
	};

	return native_ops.structure(&known, seen);
}

static void structures_are_compared(struct kunit *test)
{
	size_t size = sizeof(struct list_head), at = sizeof(void *);
	struct native_seen seen;

	needs_btf(test);
	KUNIT_EXPECT_EQ(test, 0, check_list(size, "prev", "struct list_head *", at, &seen));
	KUNIT_EXPECT_EQ(test, -EUCLEAN,
			check_list(size + 1, "prev", "struct list_head *", at, &seen));
	KUNIT_EXPECT_EQ(test, -EUCLEAN,
			check_list(size - 1, "prev", "struct list_head *", at, &seen));
	KUNIT_EXPECT_EQ(test, -EUCLEAN,
			check_list(size, "prev", "struct list_head *", 0, &seen));
	KUNIT_EXPECT_EQ(test, -EUCLEAN,
			check_list(size, "prev", "struct list_head *", 2 * at, &seen));
	KUNIT_EXPECT_EQ(test, -EUCLEAN,
			check_list(size, "prev", "struct hlist_node *", at, &seen));
	KUNIT_EXPECT_EQ(test, -EUCLEAN,
			check_list(size, "prev", "struct list_head", at, &seen));
	KUNIT_EXPECT_EQ(test, -EUCLEAN,
			check_list(size, "last", "struct list_head *", at, &seen));
	KUNIT_EXPECT_STREQ(test, seen.text, "no last");
	KUNIT_EXPECT_EQ(test, -ENOENT, native_ops.structure(&no_struct, &seen));
}

/* What comes after it is right, and neither makes up for it nor is what is said. */
static void first_difference_counts(struct kunit *test)
{
	const struct native_member members[] = {
		{ "next", "struct list_head *", 1 },
		{ "prev", "struct list_head *", offsetof(struct list_head, prev) },
	};
	struct native_struct known = {
		"list_head", sizeof(struct list_head), members, ARRAY_SIZE(members),
	};
	struct native_seen seen;

	needs_btf(test);
	KUNIT_EXPECT_EQ(test, native_ops.structure(&known, &seen), -EUCLEAN);
	KUNIT_EXPECT_STREQ(test, seen.text, "struct list_head * next at 0");
	known.size++;
	known.member++;
	known.nr--;
	KUNIT_EXPECT_EQ(test, native_ops.structure(&known, &seen), -EUCLEAN);
}

/* A short of gcc's is a short int, as its unsigned long is a long unsigned int. */
static void short_is_known_by_either_name(struct kunit *test)
{
	const struct native_member members[] = {
		{ "fd", "int", offsetof(struct pollfd, fd) },
		{ "revents", "short", offsetof(struct pollfd, revents) },
	};
	const struct native_struct known = {
		"pollfd", sizeof(struct pollfd), members, ARRAY_SIZE(members),
	};
	struct native_seen seen;

	needs_btf(test);
	KUNIT_EXPECT_EQ_MSG(test, native_ops.structure(&known, &seen), 0, "%s", seen.text);
}

/* Wrong ones are said in the log, and have no address that could be called. */
static void other_types_have_no_address(struct kunit *test)
{
	struct native_symbol symbol = {
		"folio_put_swap", "void(struct folio *, struct page *)", "a test",
	};
	unsigned long addr;

	needs_btf(test);
	addr = native_ops.symbol(&symbol);
	KUNIT_EXPECT_NE(test, addr, 0);
	symbol.proto = NULL;
	KUNIT_EXPECT_EQ(test, native_ops.symbol(&symbol), addr);
	symbol.proto = "void(struct folio *)";
	KUNIT_EXPECT_EQ(test, native_ops.symbol(&symbol), 0);
}

/* There is a symbol, but not of a function that BTF knows. */
static void functions_that_are_none_have_no_address(struct kunit *test)
{
	const struct native_symbol symbol = { "_stext", "void()", "a test" };
	const struct native_symbol variable = { "_stext", NULL, "a test" };

	needs_btf(test);
	KUNIT_EXPECT_NE(test, native_ops.symbol(&variable), 0);
	KUNIT_EXPECT_EQ(test, native_ops.symbol(&symbol), 0);
}

static void other_structures_are_not_read(struct kunit *test)
{
	needs_btf(test);
	KUNIT_EXPECT_TRUE(test, native_ops.struct_is_known(&list_struct));
	KUNIT_EXPECT_FALSE(test, native_ops.struct_is_known(&other_struct));
	KUNIT_EXPECT_FALSE(test, native_ops.struct_is_known(&no_struct));
}

/* Whether there is a view where it reads two structures. */
static bool has_view(struct kunit *test, const struct native_struct *first,
		     const struct native_struct *second)
{
	const struct native_struct known[] = { *first, *second };
	const struct native_layout layout = { known, ARRAY_SIZE(known) };
	struct dentry *dir = debugfs_create_dir("swaptbl_test", NULL);
	struct dentry *type;
	bool found;

	KUNIT_ASSERT_NOT_ERR_OR_NULL(test, dir);
	native_ops.slots_add(dir, &layout);
	type = debugfs_lookup("0", dir);
	found = !IS_ERR_OR_NULL(type);
	if (found)
		dput(type);
	debugfs_remove(dir);
	return found;
}

/* As when the module is inserted, where all that it reads is right. */
static void other_structures_have_no_view(struct kunit *test)
{
	needs_btf(test);
	if (!SWAPTBL_NATIVE_LAYOUT)
		kunit_skip(test, "the structures of this kernel are not known");
	KUNIT_EXPECT_TRUE(test, has_view(test, &list_struct, &list_struct));
	KUNIT_EXPECT_FALSE(test, has_view(test, &list_struct, &other_struct));
	KUNIT_EXPECT_FALSE(test, has_view(test, &other_struct, &list_struct));
	KUNIT_EXPECT_FALSE(test, has_view(test, &other_struct, &other_struct));
	KUNIT_EXPECT_FALSE(test, has_view(test, &list_struct, &no_struct));
}

static void unknown_names_have_no_address(struct kunit *test)
{
	const struct native_symbol symbol = { "swaptbl_no_such", "void()", "a test" };

	KUNIT_EXPECT_EQ(test, native_ops.symbol(&symbol), 0);
}

/* Nothing can be compared: what is said of them has to do. */
static void without_btf_types_are_believed(struct kunit *test)
{
	const struct native_symbol symbol = { "folio_put_swap", "void()", "a test" };
	struct native_seen seen;

	if (native_ops.structure && native_ops.structure(&list_struct, &seen) != -ENODATA)
		kunit_skip(test, "this kernel has BTF");
	KUNIT_EXPECT_NE(test, native_ops.symbol(&symbol), 0);
	KUNIT_EXPECT_TRUE(test, native_ops.struct_is_known(&other_struct));
}

static struct kunit_case native_cases[] = {
	KUNIT_CASE(functions_are_what_they_are),
	KUNIT_CASE(other_functions_are_told),
	KUNIT_CASE(structures_are_compared),
	KUNIT_CASE(first_difference_counts),
	KUNIT_CASE(short_is_known_by_either_name),
	KUNIT_CASE(other_types_have_no_address),
	KUNIT_CASE(functions_that_are_none_have_no_address),
	KUNIT_CASE(other_structures_are_not_read),
	KUNIT_CASE(other_structures_have_no_view),
	KUNIT_CASE(unknown_names_have_no_address),
	KUNIT_CASE(without_btf_types_are_believed),
	{}
};

static struct kunit_suite native_suite = {
	.name = "swaptbl_native",
	.init = native_init,
	.exit = native_exit,
	.test_cases = native_cases,
};

kunit_test_suite(native_suite);
