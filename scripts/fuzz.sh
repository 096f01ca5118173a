#!/bin/sh
# Builds the fuzzers and runs each for a number of seconds. What they learn is kept in Fuzz/.build,
# so that the next run goes on from there. The first input that fails ends the run with an error and
# the command that repeats it.
#
#   scripts/fuzz.sh [SECONDS] [FUZZER…]
set -eu
cd "$(dirname "$0")/.."
seconds=${1:-60}
[ $# -eq 0 ] || shift
[ $# -gt 0 ] || set -- JMESPath CEL Policies TOML

for name in "$@"; do
  swift build -c release --package-path Fuzz --product "Fuzz$name"
done
for name in "$@"; do
  seeds=Fuzz/Seeds/$(echo "$name" | tr '[:upper:]' '[:lower:]')
  corpus=Fuzz/.build/corpus/$name
  findings=Fuzz/.build/findings/$name
  program=Fuzz/.build/release/Fuzz$name
  mkdir -p "$corpus" "$findings"
  echo "fuzz: $name for $seconds seconds"
  if ! "$program" -max_total_time="$seconds" -timeout=10 -rss_limit_mb=2000 -max_len=4096 \
    -dict="$seeds.dict" -artifact_prefix="$findings/" -verbosity=0 -print_final_stats=1 \
    "$corpus" "$seeds" >"$findings/log" 2>&1; then
    grep -v '^\$' "$findings/log" | tail -40
    echo "fuzz: $name failed; to repeat it: $program $findings/<the file named above>" >&2
    exit 1
  fi
  grep -E '^stat::(number_of_executed_units|slowest|peak)' "$findings/log"
done
