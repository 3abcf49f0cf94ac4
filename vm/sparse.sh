#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# Usage: as kbuild's CHECK=
# Sparse 0.6.4, which Debian 12 and 13 have, does not know __typeof_unqual__ and
# takes no __builtin_strlen for constant; after such an error it is silent about
# the rest of the file. Neither matters for what it is to find here.
exec sparse -D__typeof_unqual__=__typeof__ '-D__builtin_strlen(x)=(sizeof(x) - 1)' "$@"
