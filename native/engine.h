/* SPDX-License-Identifier: GPL-2.0 */
#ifndef _SWAPTBL_NATIVE_ENGINE_H
#define _SWAPTBL_NATIVE_ENGINE_H

int native_engine_add(void);
void native_engine_del(void);

#endif /* _SWAPTBL_NATIVE_ENGINE_H */
