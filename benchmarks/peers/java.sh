#!/usr/bin/env bash
# Compiles a peer written in Java, with its libraries from Maven, and prints the class path. Usage: java.sh kafka-streams|flink.
# Both stay in ${XDG_CACHE_HOME:-~/.cache}/open-oee. Needs a JDK 17 or newer, and Maven the first time.
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
peer=${1:?usage: java.sh kafka-streams|flink}
jars=${XDG_CACHE_HOME:-$HOME/.cache}/open-oee/peer-$peer-$(cksum < "$here/$peer/pom.xml" | cut -d' ' -f1)
if [[ ! -e $jars/.complete ]]; then
  mkdir -p "$jars"
  mvn -q -B -f "$here/$peer/pom.xml" dependency:copy-dependencies -DincludeScope=runtime -DoutputDirectory="$jars" >&2
  touch "$jars/.complete"
fi
classes=$(mktemp -d "${TMPDIR:-/tmp}/oee-peer-XXXXXX")
javac -nowarn -d "$classes" -cp "$jars/*" "$here/$peer/Peer.java" >&2
echo "$classes:$jars/*"
