#!/usr/bin/env bash
# Stops the broker that start.sh started in DIR, by its pid; the data are kept. Usage: stop.sh DIR [--kill]
set -euo pipefail
dir=${1:?usage: stop.sh DIR [--kill]}
[[ -f $dir/kafka.pid ]] || exit 0
pid=$(cat "$dir/kafka.pid")
# a zombie (state Z, no other thread left) has ended: it holds no port and no file
alive() {
  kill -0 "$pid" 2>/dev/null || return 1
  [[ ! -r /proc/$pid/stat || $(sed 's/.*) //' "/proc/$pid/stat" 2>/dev/null) != Z* || $(ls "/proc/$pid/task" 2>/dev/null | wc -l) -gt 1 ]]
}
if alive; then
  if [[ ${2:-} == --kill ]]; then kill -KILL "$pid"; else kill -TERM "$pid"; fi
  for _ in $(seq 300); do alive || break; sleep 0.1; done
  if alive; then echo "kafka: pid $pid did not stop in 30 s" >&2; exit 1; fi
fi
rm -f "$dir/kafka.pid"
