#!/usr/bin/env bash
# chdb 3.4.0 under @clickhouse/client: a Date as a query parameter loses its milliseconds.
#
# Versions: chdb 3.4.0, @clickhouse/client 1.23.1 with its @clickhouse/client-common.
# Behaviour: the client sends a Date to a server as seconds with a fraction, so that a parameter of DateTime64(3) has its
#   milliseconds. On chdb's connection the same call writes whole seconds: bounds of a span move, and rows at its ends are left out
#   or come twice. The seconds as text keep them.
# Output seen: to a server 1796000000.123; chdb, Date: 2026-11-30 00:53:20.000; chdb, text: 2026-11-30 00:53:20.123
# Source: undocumented.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
echo '{"type":"module"}' > package.json
npm install --silent --no-audit --no-fund --ignore-scripts chdb@3.4.0 @clickhouse/client@1.23.1 > /dev/null
cat > run.js <<'JS'
import { createClient } from "@clickhouse/client";
import { formatQueryParams } from "@clickhouse/client-common";
import { createChdbConnection } from "chdb/connection";

const at = new Date(1_796_000_000_123);
console.log(`to a server ${formatQueryParams({ value: at })}`);
const client = createClient({ connection: createChdbConnection({ path: ":memory:" }) });
const query = "SELECT toString({at: DateTime64(3, 'UTC')}) AS at";
for (const [name, value] of [["Date", at], ["text", "1796000000.123"]]) {
  const [row] = await (await client.query({ query, format: "JSONEachRow", query_params: { at: value } })).json();
  console.log(`chdb, ${name}: ${row.at}`);
}
await client.close();
JS
timeout 60 node run.js | tee seen
diff seen - <<'EXPECTED'
to a server 1796000000.123
chdb, Date: 2026-11-30 00:53:20.000
chdb, text: 2026-11-30 00:53:20.123
EXPECTED
