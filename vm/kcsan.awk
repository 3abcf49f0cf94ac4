# SPDX-License-Identifier: GPL-2.0
# Reads the log of a kernel; prints it without the headings of those KCSAN reports that are
# about the kernel alone. A heading is the one line of a report by which the judge would
# know it. Held back until the report is over, it comes after it.
# A report is about swaptbl when one of its two stacks leads through a module of ours. What
# was interrupted is not what raced: a stack ends where the interrupt came in. Nor is who
# sleeps: it ends in the scheduler, whose words about a sleeper are its own. A report whose
# end is missing is about swaptbl.

function settle(guilty)
{
	if (heading != "" && guilty)
		print heading
	heading = ""
}

/BUG: KCSAN: / { settle(1); heading = $0; ours = ended = 0 }
/^(\[ *[0-9.]+\])? *\r?$/ { ended = 0 }
/ asm_(sysvec|common_interrupt)/ { ended = 1 }
/ (schedule|schedule_timeout|schedule_hrtimeout_range(_clock)?)\+/ { ended = 1 }
/\[swaptbl(_[a-z]+)?\]/ { if (!ended) ours = 1 }
/==========/ { settle(ours) }
!/BUG: KCSAN: /

END { settle(1) }
