/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Runs of free slots in the occupancy map of a cluster: pure, no lock.
 */
#ifndef _SWAPTBL_RUN_H
#define _SWAPTBL_RUN_H

#include "geometry.h"

/* What is no slot of a cluster: there is no such run. */
#define SWAPTBL_NO_RUN		SWAPTBL_CLUSTER_SLOTS

unsigned int swaptbl_run_find(const unsigned long *used, unsigned int order,
			      unsigned int from);

#endif /* _SWAPTBL_RUN_H */
