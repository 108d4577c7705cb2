#!/usr/bin/env bash
# apache-arrow 21.2.0: a table in which two columns have one typed array is written as a stream that no reader takes.
#
# Versions: apache-arrow 21.2.0.
# Behaviour: the writer joins pieces that lie over one another in memory into one, also where they are two columns that follow one
#   another (start and end of stops of no length, a target and its copy). The second is missing in the message's body, whose header
#   counts both. With 15 values of 4 bytes nothing is lost: the padding to 8 bytes stands between the columns then.
# Output seen: 15 values: read; 16 values: Expected to read 128 bytes for message body, but only read 72.
# Source: undocumented.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
echo '{"type":"module"}' > package.json
npm install --silent --no-audit --no-fund --ignore-scripts apache-arrow@21.2.0 > /dev/null
cat > run.js <<'JS'
import { tableFromArrays, tableFromIPC, tableToIPC } from "apache-arrow";

for (const values of [15, 16]) {
  const column = Int32Array.from({ length: values }, (_, i) => i);
  const bytes = tableToIPC(tableFromArrays({ target: column, copy: column }), "stream");
  try {
    const rows = tableFromIPC(bytes).toArray();
    const right = rows.length === values && rows.every(({ target, copy }, i) => target === i && copy === i);
    console.log(`${values} values: ${right ? "read" : "other values"}`);
  } catch (error) {
    console.log(`${values} values: ${error.message}`);
  }
}
JS
found=$(timeout 60 node run.js | paste -sd';' | sed 's/;/; /g')
echo "$found"
[[ $found == "15 values: read; 16 values: Expected to read 128 bytes for message body, but only read "*"." ]]
