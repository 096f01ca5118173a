#!/usr/bin/env bash
# Runs a command that runs tests, shows its output as it comes, and keeps its exit code. Where it
# fails, the last that is seen is which tests failed, and what they recorded.
#
#   scripts/test.sh swift test …
set -uo pipefail
[ $# -gt 0 ] || { echo "usage: test.sh COMMAND..." >&2; exit 64; }

record=$(mktemp)
trap 'rm -f "$record"' EXIT
"$@" 2>&1 | tee "$record"
status=${PIPESTATUS[0]}
[ "$status" -ne 0 ] || exit 0

# An issue is a line and what follows it, up to the next line of another test. Of many issues the
# first are shown: the ones after them often follow from them.
awk -v status="$status" '
  function keep(line) {
    if (lines < 60) kept[++lines] = substr(line, 1, 1000); else dropped++
  }
  /^✘ .* recorded an issue/ { keep($0); rest = 12; next }
  /^✘ Test run with / { run = $0; rest = 0; next }
  /^✘ (Test|Suite) .* failed after / {
    rest = 0
    if (failures < 40) failed[++failures] = $0; else more++
    next
  }
  /^(◇|✔|➜|↻|⚠|✘)/ { rest = 0; next }
  # The end of a process, and what a compiler says.
  /Fatal error|^error: |: error: |unexpected signal/ { keep($0); next }
  rest > 0 { rest--; keep($0) }
  END {
    print "\n──── failed with exit code " status ":"
    for (i = 1; i <= lines; i++) print kept[i]
    if (dropped) print "… and " dropped " more lines"
    for (i = 1; i <= failures; i++) print failed[i]
    if (more) print "… and " more " more tests"
    if (run != "") print run
    if (!lines && !failures) print "no test said that it failed: see the last lines above"
  }' "$record"
exit "$status"
