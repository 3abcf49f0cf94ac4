// SPDX-License-Identifier: GPL-2.0
/*
 * Two threads at once, each on a CPU of its own: the same slot, slots of one cluster, slots
 * of different clusters.
 */
#include <linux/completion.h>
#include <linux/cpumask.h>
#include <linux/err.h>
#include <linux/kthread.h>
#include <linux/mm.h>
#include <linux/pagemap.h>
#include <linux/swap.h>
#include <linux/swapops.h>
#include <linux/timekeeping.h>

#include "bench.h"

#define NR_THREADS	2
#define ORDER		9
#define PAIRS		3000

/**
 * struct thread - one of them
 * @ops: of the engine
 * @entry: its slot
 * @go: both start when this is 0
 * @ns: what it took
 * @err: of the operation that failed
 * @done: completed at the end
 */
struct thread {
	const struct swaptbl_engine_ops *ops;
	swp_entry_t entry;
	atomic_t *go;
	u64 ns;
	int err;
	struct completion done;
};

static int thread_run(void *arg)
{
	struct thread *thread = arg;
	unsigned int i;
	u64 start;

	atomic_dec(thread->go);
	while (atomic_read(thread->go))
		cpu_relax();
	start = ktime_get_ns();
	for (i = 0; i < PAIRS && !thread->err; i++)
		thread->err = thread->ops->dup(thread->entry) ?:
			      thread->ops->put(thread->entry);
	thread->ns = ktime_get_ns() - start;
	complete(&thread->done);
	return 0;
}

static int threads_start(struct thread *thread, struct task_struct **task)
{
	unsigned int i;

	for (i = 0; i < NR_THREADS; i++) {
		task[i] = kthread_create(thread_run, &thread[i], "swaptbl_bench/%u", i);
		if (IS_ERR(task[i]))
			break;
		get_task_struct(task[i]);
		kthread_bind(task[i], i);
	}
	if (i == NR_THREADS)
		return 0;
	/* None has run so far. */
	while (i--)
		kthread_stop_put(task[i]);
	return -ENOMEM;
}

static int threads_run(struct thread *thread)
{
	struct task_struct *task[NR_THREADS];
	atomic_t go = ATOMIC_INIT(NR_THREADS);
	unsigned int i;
	int err;

	for (i = 0; i < NR_THREADS; i++) {
		thread[i].go = &go;
		init_completion(&thread[i].done);
	}
	err = threads_start(thread, task);
	for (i = 0; !err && i < NR_THREADS; i++)
		wake_up_process(task[i]);
	for (i = 0; !err && i < NR_THREADS; i++)
		wait_for_completion(&thread[i].done);
	for (i = 0; !err && i < NR_THREADS; i++)
		kthread_stop_put(task[i]);
	return err ?: thread[0].err ?: thread[1].err;
}

static int time_threads(enum bench_side side, const char *name, swp_entry_t one,
			swp_entry_t other)
{
	struct bench_result *result = bench_result(name, 0, NR_THREADS, 0);
	const struct swaptbl_engine_ops *ops = &bench_engine[side]->ops;
	struct thread thread[NR_THREADS];
	unsigned int round;
	int err = 0;

	for (round = 0; !err && round <= bench_rounds(); round++) {
		memset(thread, 0, sizeof(thread));
		thread[0].ops = ops;
		thread[1].ops = ops;
		thread[0].entry = one;
		thread[1].entry = other;
		err = threads_run(thread);
		bench_add(result, side, max(thread[0].ns, thread[1].ns), 0, PAIRS);
	}
	return err;
}

static swp_entry_t slot_of(const struct folio *folio, unsigned int i)
{
	return swp_entry(swp_type(folio->swap), swp_offset(folio->swap) + i);
}

static int time_pair(enum bench_side side, struct folio *one, struct folio *other)
{
	return time_threads(side, "dup+put one slot", slot_of(one, 0), slot_of(one, 0)) ?:
	       time_threads(side, "dup+put one cluster", slot_of(one, 0),
			    slot_of(one, 1U << (ORDER - 1))) ?:
	       time_threads(side, "dup+put own clusters", slot_of(one, 0),
			    slot_of(other, 0));
}

/* With a count each. */
static int bind(const struct swaptbl_engine_ops *ops, struct folio *folio)
{
	int err = ops->alloc(folio);

	return err ?: ops->dup_folio(folio, NULL);
}

static int unbind(const struct swaptbl_engine_ops *ops, struct folio *folio)
{
	int err = folio->swap.val ? ops->put_folio(folio, NULL) ?: ops->free(folio) : 0;

	folio_unlock(folio);
	folio_put(folio);
	return err;
}

static int bench_side_threads(enum bench_side side)
{
	const struct swaptbl_engine_ops *ops = &bench_engine[side]->ops;
	struct folio *one = ops->folio_new(ORDER), *other = ops->folio_new(ORDER);
	int err = -ENOMEM;

	if (one && other)
		err = bind(ops, one) ?: bind(ops, other) ?: time_pair(side, one, other);
	if (one)
		err = unbind(ops, one) ?: err;
	if (other)
		err = unbind(ops, other) ?: err;
	return err;
}

/**
 * bench_threads() - time two threads on two CPUs
 *
 * Context: Process context. May sleep.
 * Return: 0, also if there is one CPU only; else the error that ended it.
 */
int bench_threads(void)
{
	enum bench_side side;
	int err = 0;

	if (!cpu_online(0) || !cpu_online(1))
		return 0;
	for (side = 0; !err && side < BENCH_NR_SIDES; side++)
		if (bench_has_order(side, ORDER))
			err = bench_side_threads(side);
	return err;
}
