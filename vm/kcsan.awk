# SPDX-License-Identifier: GPL-2.0
# Reads the log of a kernel; prints it without the headings of those KCSAN reports that are
# about the kernel alone. A heading is the one line of a report by which the judge would
# know it. Held back until the report is over, it comes after it.
# A report is about swaptbl when one of its two stacks leads through a module of ours. What
# was interrupted is not what raced: a stack ends where the interrupt came in. A report
# whose end is missing is about swaptbl.

function settle(guilty)
{
	if (heading != "" && guilty)
		print heading
	heading = ""
}

/BUG: KCSAN: / { settle(1); heading = $0; ours = interrupted = 0 }
/^(\[ *[0-9.]+\])? *\r?$/ { interrupted = 0 }
/ asm_(sysvec|common_interrupt)/ { interrupted = 1 }
/\[swaptbl(_[a-z]+)?\]/ { if (!interrupted) ours = 1 }
/==========/ { settle(ours) }
!/BUG: KCSAN: /

END { settle(1) }
