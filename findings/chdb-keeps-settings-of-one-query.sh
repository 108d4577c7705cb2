#!/usr/bin/env bash
# chdb 3.4.0 under @clickhouse/client: the settings of one query hold for all that come after it.
#
# Versions: chdb 3.4.0, @clickhouse/client 1.23.1.
# Behaviour: `clickhouse_settings` of a query are that query's own where the client speaks with a server. On chdb's connection each
#   becomes a SET of the session: a limit given to one query refuses another, a thousand queries later; an insert's settings stay
#   too. A SETTINGS clause in the SQL text is the query's own.
# Output seen: before 5000 rows; after one query with max_rows_to_read of 1000 refused: TOO_MANY_ROWS; with a clause instead 5000 rows
# Source: undocumented.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
echo '{"type":"module"}' > package.json
npm install --silent --no-audit --no-fund --ignore-scripts chdb@3.4.0 @clickhouse/client@1.23.1 > /dev/null
cat > run.js <<'JS'
import { createClient } from "@clickhouse/client";
import { createChdbConnection } from "chdb/connection";

async function countOf(client, rows, clause = "", clickhouse_settings = {}) {
  const query = `SELECT count() AS c FROM numbers(${rows}) ${clause}`;
  try {
    const [row] = await (await client.query({ query, format: "JSONEachRow", clickhouse_settings })).json();
    return `${row.c} rows`;
  } catch (error) {
    return `refused: ${error.type}`;
  }
}

const limit = { max_rows_to_read: "1000" };
for (const [name, clause, settings] of [["a clause", "SETTINGS max_rows_to_read = 1000", {}], ["clickhouse_settings", "", limit]]) {
  const client = createClient({ connection: createChdbConnection({ path: ":memory:" }) });
  const before = await countOf(client, 5000);
  await countOf(client, 10, clause, settings);
  console.log(`${name}: before ${before}, after ${await countOf(client, 5000)}`);
  await client.close();
}
JS
timeout 60 node run.js | tee seen
diff seen - <<'EXPECTED'
a clause: before 5000 rows, after 5000 rows
clickhouse_settings: before 5000 rows, after refused: TOO_MANY_ROWS
EXPECTED
