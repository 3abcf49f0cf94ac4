#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# Usage: as kbuild's CHECK=
# Sparse 0.6.4, which Debian 12 and 13 have, does not know __typeof_unqual__ and
# __has_include, and takes no __builtin_strlen for constant; after such an error it is
# silent about the rest of the file. None matters for what it is to find here: it
# checks a kernel that has what is asked for.
exec sparse -D__typeof_unqual__=__typeof__ '-D__has_include(x)=1' \
	'-D__builtin_strlen(x)=(sizeof(x) - 1)' "$@"
