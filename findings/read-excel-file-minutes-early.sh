#!/usr/bin/env bash
# read-excel-file 9.3.17: of the 1,440 whole minutes of a day 544 are read one millisecond early, in the minute before.
#
# Versions: read-excel-file 9.3.17, with openpyxl 3.1.5 as the writer (its own reader gives all of them back).
# Behaviour: a cell holds a date as days in binary; 00:05 of a day is some 0.1 microsecond less than 5 minutes. The reader rounds
#   milliseconds down, so that the cell becomes 00:04:59.999: whoever groups by minute, hour or shift puts it into the one before.
#   Excel shows, and openpyxl reads, the nearest millisecond.
# Output seen: read-excel-file: 544 of 1440 early by 1 ms, first 00:04:59.999; openpyxl: 0 of 1440
# Source: undocumented.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
python3 -m venv python && python/bin/pip install --quiet openpyxl==3.1.5
echo '{"type":"module"}' > package.json
npm install --silent --no-audit --no-fund --ignore-scripts read-excel-file@9.3.17 > /dev/null
cat > day.py <<'PY'
import datetime, openpyxl
day = datetime.datetime(2026, 11, 28)
minutes = [day + datetime.timedelta(minutes=i) for i in range(1440)]
book = openpyxl.Workbook()
for minute in minutes:
    book.active.append([minute])
book.save("day.xlsx")
read = [row[0] for row in openpyxl.load_workbook("day.xlsx").active.iter_rows(values_only=True)]
print(f"openpyxl: {sum(a != b for a, b in zip(read, minutes))} of {len(read)}")
PY
cat > day.js <<'JS'
import { readSheet } from "read-excel-file/node";

const rows = await readSheet("day.xlsx");
const early = rows.flatMap(([at], i) => (at.getTime() === Date.UTC(2026, 10, 28) + 60_000 * i - 1 ? [at] : []));
console.log(`read-excel-file: ${early.length} of ${rows.length} early by 1 ms, first ${early[0]?.toISOString().slice(11, 23)}`);
JS
python/bin/python day.py | tee seen
node day.js | tee -a seen
diff seen - <<'EXPECTED'
openpyxl: 0 of 1440
read-excel-file: 544 of 1440 early by 1 ms, first 00:04:59.999
EXPECTED
