// SPDX-License-Identifier: GPL-2.0
/*
 * Engines by name. Each has one device, so one user at a time.
 */
#include <linux/cleanup.h>
#include <linux/err.h>
#include <linux/module.h>
#include <linux/mutex.h>
#include <linux/string.h>

#include "compat.h"
#include "engine.h"

static LIST_HEAD(engines);
static DEFINE_MUTEX(engines_lock);

static struct swaptbl_engine *__find(const char *name)
{
	struct swaptbl_engine *engine;

	lockdep_assert_held(&engines_lock);
	list_for_each_entry(engine, &engines, node)
		if (!strcmp(engine->name, name))
			return engine;
	return NULL;
}

/**
 * swaptbl_engine_register() - make an engine known
 * @engine: the engine
 *
 * Context: Process context. May sleep. Undo with swaptbl_engine_unregister().
 * Return: 0, or -EEXIST if there is one of that name.
 */
int swaptbl_engine_register(struct swaptbl_engine *engine)
{
	guard(mutex)(&engines_lock);
	if (__find(engine->name))
		return -EEXIST;
	list_add_tail(&engine->node, &engines);
	return 0;
}
EXPORT_SYMBOL_SWAPTBL(swaptbl_engine_register);

/**
 * swaptbl_engine_unregister() - undo swaptbl_engine_register()
 * @engine: the engine; whoever got it keeps its module in place, so there is nobody left
 *
 * Context: Process context. May sleep.
 */
void swaptbl_engine_unregister(struct swaptbl_engine *engine)
{
	guard(mutex)(&engines_lock);
	list_del(&engine->node);
}
EXPORT_SYMBOL_SWAPTBL(swaptbl_engine_unregister);

static struct swaptbl_engine *__take(struct swaptbl_engine *engine)
{
	lockdep_assert_held(&engines_lock);
	if (!engine)
		return ERR_PTR(-ENOENT);
	if (engine->used)
		return ERR_PTR(-EBUSY);
	if (!try_module_get(engine->owner))
		return ERR_PTR(-ENOENT);
	engine->used = true;
	return engine;
}

/**
 * swaptbl_engine_get() - have an engine to oneself
 * @name: its name
 *
 * Context: Process context. May sleep. Undo with swaptbl_engine_put().
 * Return: the engine, whose module stays; -ENOENT if there is none of that name, -EBUSY
 * if somebody else has it, as an error pointer.
 */
struct swaptbl_engine *swaptbl_engine_get(const char *name)
{
	guard(mutex)(&engines_lock);
	return __take(__find(name));
}
EXPORT_SYMBOL_SWAPTBL(swaptbl_engine_get);

/**
 * swaptbl_engine_put() - undo swaptbl_engine_get()
 * @engine: the engine
 *
 * Context: Process context. May sleep.
 */
void swaptbl_engine_put(struct swaptbl_engine *engine)
{
	guard(mutex)(&engines_lock);
	engine->used = false;
	module_put(engine->owner);
}
EXPORT_SYMBOL_SWAPTBL(swaptbl_engine_put);
