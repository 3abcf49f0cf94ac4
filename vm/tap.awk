# SPDX-License-Identifier: GPL-2.0
# Reads what the guest's runner wrote; prints "PASSED FAILED SKIPPED".
# A test counts its TAP lines. It fails as a whole when its plan does not match
# them, when it says nothing, or when it exits with an error but reports none.

{ sub(/\r$/, "") }

function reset()
{
	ok = bad = skip = 0
	plan = -1
}

function settle(status)
{
	if (status == 4 && ok + bad + skip == 0)
		skip = 1
	else if (status != 0 && status != 4 && bad == 0)
		bad = 1
	else if (plan >= 0 && plan != ok + bad + skip)
		bad++
	else if (ok + bad + skip == 0)
		bad = 1
	passed += ok
	failed += bad
	skipped += skip
}

BEGIN { reset() }

/^# selftest: / { if (running) settle(1); reset(); running = 1 }
/^# exit: / { settle($NF); reset(); running = 0 }
/^1\.\.[0-9]+/ { plan = substr($1, 4) + 0; if (/# SKIP/) { plan = -1; skip = 1 } }
/^ok .*# *(SKIP|skip)/ { skip++; next }
/^ok / { ok++ }
/^not ok / { bad++ }

END {
	if (running)
		settle(1)
	print passed + 0, failed + 0, skipped + 0
}
