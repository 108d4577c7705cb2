#!/usr/bin/env bash
# hyparquet 1.31.5: decimals of a Parquet file become other numbers, and an order of twenty digits loses its last ones.
#
# Versions: hyparquet 1.31.5, with pyarrow 26.0.1 as the writer (its own reader gives all of them back).
# Behaviour: a DECIMAL column holds whole numbers and by which power of ten they are to be divided. The reader multiplies them by the
#   inverse of that power as a double (435 * 0.01), which rounds twice: cycles and weights are unequal to the same text in a CSV. A
#   DECIMAL(20,0), as ERPs number orders, is made a double too, where a column of INT64 comes as a BigInt with all its digits.
# Output seen: pyarrow: 0 of 10000 changed; hyparquet: 1327 of 10000, 4.35 is 4.3500000000000005, 12345678901234567890 is 12345678901234567000
# Source: undocumented.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
python3 -m venv python && python/bin/pip install --quiet --disable-pip-version-check pyarrow==26.0.1
echo '{"type":"module"}' > package.json
npm install --silent --no-audit --no-fund --ignore-scripts hyparquet@1.31.5 > /dev/null
cat > write.py <<'PY'
import decimal, pyarrow, pyarrow.parquet as parquet
cycles = [decimal.Decimal(n).scaleb(-2) for n in range(10_000)]
orders = [decimal.Decimal(12345678901234567890)] * len(cycles)
columns = {"cycle": pyarrow.array(cycles, pyarrow.decimal128(9, 2)), "order": pyarrow.array(orders, pyarrow.decimal128(20, 0))}
parquet.write_table(pyarrow.table(columns), "rows.parquet", compression="none")
read = parquet.read_table("rows.parquet").column("cycle").to_pylist()
print(f"pyarrow: {sum(a != b for a, b in zip(read, cycles))} of {len(read)} changed")
PY
cat > read.js <<'JS'
import { asyncBufferFromFile, parquetReadObjects } from "hyparquet";

const rows = await parquetReadObjects({ file: await asyncBufferFromFile("rows.parquet") });
const changed = rows.filter(({ cycle }, n) => cycle !== Number((n / 100).toFixed(2)));
console.log(`hyparquet: ${changed.length} of ${rows.length} changed, 4.35 is ${rows[435].cycle}, 12345678901234567890 is ${rows[0].order}`);
JS
python/bin/python write.py | tee seen
timeout 60 node read.js | tee -a seen
diff seen - <<'EXPECTED'
pyarrow: 0 of 10000 changed
hyparquet: 1327 of 10000 changed, 4.35 is 4.3500000000000005, 12345678901234567890 is 12345678901234567000
EXPECTED
