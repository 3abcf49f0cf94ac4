/* SPDX-License-Identifier: GPL-2.0 */
#undef TRACE_SYSTEM
#define TRACE_SYSTEM swaptbl

#if !defined(_SWAPTBL_TRACE_H) || defined(TRACE_HEADER_MULTI_READ)
#define _SWAPTBL_TRACE_H

#include <linux/tracepoint.h>

DECLARE_EVENT_CLASS(swaptbl_range,
	TP_PROTO(unsigned int dev, unsigned long offset, unsigned int nr),

	TP_ARGS(dev, offset, nr),

	TP_STRUCT__entry(
		__field(unsigned long, offset)
		__field(unsigned int, dev)
		__field(unsigned int, nr)
	),

	TP_fast_assign(
		__entry->offset = offset;
		__entry->dev = dev;
		__entry->nr = nr;
	),

	TP_printk("dev=%u offset=%lu nr=%u",
		  __entry->dev, __entry->offset, __entry->nr)
);

DEFINE_EVENT(swaptbl_range, swaptbl_dup,
	TP_PROTO(unsigned int dev, unsigned long offset, unsigned int nr),
	TP_ARGS(dev, offset, nr)
);

DEFINE_EVENT(swaptbl_range, swaptbl_put,
	TP_PROTO(unsigned int dev, unsigned long offset, unsigned int nr),
	TP_ARGS(dev, offset, nr)
);

DEFINE_EVENT(swaptbl_range, swaptbl_free,
	TP_PROTO(unsigned int dev, unsigned long offset, unsigned int nr),
	TP_ARGS(dev, offset, nr)
);

DEFINE_EVENT(swaptbl_range, swaptbl_cache_add,
	TP_PROTO(unsigned int dev, unsigned long offset, unsigned int nr),
	TP_ARGS(dev, offset, nr)
);

DEFINE_EVENT(swaptbl_range, swaptbl_cache_del,
	TP_PROTO(unsigned int dev, unsigned long offset, unsigned int nr),
	TP_ARGS(dev, offset, nr)
);

DEFINE_EVENT(swaptbl_range, swaptbl_swapin_hit,
	TP_PROTO(unsigned int dev, unsigned long offset, unsigned int nr),
	TP_ARGS(dev, offset, nr)
);

DEFINE_EVENT(swaptbl_range, swaptbl_swapin_miss,
	TP_PROTO(unsigned int dev, unsigned long offset, unsigned int nr),
	TP_ARGS(dev, offset, nr)
);

DEFINE_EVENT(swaptbl_range, swaptbl_swapin_wait,
	TP_PROTO(unsigned int dev, unsigned long offset, unsigned int nr),
	TP_ARGS(dev, offset, nr)
);

TRACE_EVENT(swaptbl_alloc,
	TP_PROTO(unsigned int dev, unsigned long offset, unsigned int order,
		 bool exclusive),

	TP_ARGS(dev, offset, order, exclusive),

	TP_STRUCT__entry(
		__field(unsigned long, offset)
		__field(unsigned int, dev)
		__field(unsigned int, order)
		__field(bool, exclusive)
	),

	TP_fast_assign(
		__entry->offset = offset;
		__entry->dev = dev;
		__entry->order = order;
		__entry->exclusive = exclusive;
	),

	TP_printk("dev=%u offset=%lu order=%u exclusive=%d",
		  __entry->dev, __entry->offset, __entry->order,
		  __entry->exclusive)
);

DECLARE_EVENT_CLASS(swaptbl_overflow,
	TP_PROTO(unsigned int dev, unsigned long offset),

	TP_ARGS(dev, offset),

	TP_STRUCT__entry(
		__field(unsigned long, offset)
		__field(unsigned int, dev)
	),

	TP_fast_assign(
		__entry->offset = offset;
		__entry->dev = dev;
	),

	TP_printk("dev=%u offset=%lu", __entry->dev, __entry->offset)
);

DEFINE_EVENT(swaptbl_overflow, swaptbl_overflow_enter,
	TP_PROTO(unsigned int dev, unsigned long offset),
	TP_ARGS(dev, offset)
);

DEFINE_EVENT(swaptbl_overflow, swaptbl_overflow_leave,
	TP_PROTO(unsigned int dev, unsigned long offset),
	TP_ARGS(dev, offset)
);

TRACE_EVENT(swaptbl_evict,
	TP_PROTO(unsigned int dev, unsigned long offset, unsigned int nr,
		 bool clean, bool zero),

	TP_ARGS(dev, offset, nr, clean, zero),

	TP_STRUCT__entry(
		__field(unsigned long, offset)
		__field(unsigned int, dev)
		__field(unsigned int, nr)
		__field(bool, clean)
		__field(bool, zero)
	),

	TP_fast_assign(
		__entry->offset = offset;
		__entry->dev = dev;
		__entry->nr = nr;
		__entry->clean = clean;
		__entry->zero = zero;
	),

	TP_printk("dev=%u offset=%lu nr=%u clean=%d zero=%d",
		  __entry->dev, __entry->offset, __entry->nr, __entry->clean,
		  __entry->zero)
);

TRACE_EVENT(swaptbl_refault,
	TP_PROTO(unsigned int dev, unsigned long offset, unsigned long distance,
		 bool active, bool workingset),

	TP_ARGS(dev, offset, distance, active, workingset),

	TP_STRUCT__entry(
		__field(unsigned long, offset)
		__field(unsigned long, distance)
		__field(unsigned int, dev)
		__field(bool, active)
		__field(bool, workingset)
	),

	TP_fast_assign(
		__entry->offset = offset;
		__entry->distance = distance;
		__entry->dev = dev;
		__entry->active = active;
		__entry->workingset = workingset;
	),

	TP_printk("dev=%u offset=%lu distance=%lu active=%d workingset=%d",
		  __entry->dev, __entry->offset, __entry->distance,
		  __entry->active, __entry->workingset)
);

TRACE_EVENT(swaptbl_io_error,
	TP_PROTO(unsigned int dev, unsigned long offset, unsigned int nr,
		 bool write, int error),

	TP_ARGS(dev, offset, nr, write, error),

	TP_STRUCT__entry(
		__field(unsigned long, offset)
		__field(unsigned int, dev)
		__field(unsigned int, nr)
		__field(int, error)
		__field(bool, write)
	),

	TP_fast_assign(
		__entry->offset = offset;
		__entry->dev = dev;
		__entry->nr = nr;
		__entry->error = error;
		__entry->write = write;
	),

	TP_printk("dev=%u offset=%lu nr=%u write=%d error=%d",
		  __entry->dev, __entry->offset, __entry->nr, __entry->write,
		  __entry->error)
);

TRACE_EVENT(swaptbl_lruvec_lock_retry,
	TP_PROTO(unsigned int from, unsigned int to, int nid,
		 unsigned int retries),

	TP_ARGS(from, to, nid, retries),

	TP_STRUCT__entry(
		__field(unsigned int, from)
		__field(unsigned int, to)
		__field(int, nid)
		__field(unsigned int, retries)
	),

	TP_fast_assign(
		__entry->from = from;
		__entry->to = to;
		__entry->nid = nid;
		__entry->retries = retries;
	),

	TP_printk("from=%u to=%u node=%d retries=%u", __entry->from,
		  __entry->to, __entry->nid, __entry->retries)
);

TRACE_EVENT(swaptbl_reparent,
	TP_PROTO(unsigned int from, unsigned int to, int nid,
		 unsigned long pages),

	TP_ARGS(from, to, nid, pages),

	TP_STRUCT__entry(
		__field(unsigned long, pages)
		__field(unsigned int, from)
		__field(unsigned int, to)
		__field(int, nid)
	),

	TP_fast_assign(
		__entry->pages = pages;
		__entry->from = from;
		__entry->to = to;
		__entry->nid = nid;
	),

	TP_printk("from=%u to=%u node=%d pages=%lu", __entry->from,
		  __entry->to, __entry->nid, __entry->pages)
);

TRACE_EVENT(swaptbl_charge_fail,
	TP_PROTO(unsigned int group, unsigned int over, unsigned long pages,
		 long usage, long limit),

	TP_ARGS(group, over, pages, usage, limit),

	TP_STRUCT__entry(
		__field(unsigned long, pages)
		__field(long, usage)
		__field(long, limit)
		__field(unsigned int, group)
		__field(unsigned int, over)
	),

	TP_fast_assign(
		__entry->pages = pages;
		__entry->usage = usage;
		__entry->limit = limit;
		__entry->group = group;
		__entry->over = over;
	),

	TP_printk("group=%u over=%u pages=%lu usage=%ld limit=%ld",
		  __entry->group, __entry->over, __entry->pages,
		  __entry->usage, __entry->limit)
);

#endif /* _SWAPTBL_TRACE_H */

#undef TRACE_INCLUDE_PATH
#define TRACE_INCLUDE_PATH .
#undef TRACE_INCLUDE_FILE
#define TRACE_INCLUDE_FILE trace
/* This part must be outside protection */
#include <trace/define_trace.h>
