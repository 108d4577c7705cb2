#!/usr/bin/env bash
# node-opcua-client 2.182.2: OPC UA's "no time" and "no end" come as dates, of the years 1601 and 30828.
#
# Versions: node-opcua-client 2.182.2; asyncua 2.1.0 as the server, and as a client to compare with.
# Behaviour: OPC UA encodes a DateTime of 1601-01-01 or before as 0 and one of 9999-12-31T23:59:59 or after as the greatest Int64
#   (Part 6, 5.2.2.5), so that controllers without a clock, and jobs without an end, have values that are no instants. As source
#   time stamp and as value the first comes as a Date of 1601, not as null; the second as one of the year 30828, where asyncua's
#   client gives 9999.
# Output seen: source time stamp 1601-01-01T00:00:00.000Z; least 1601-01-01T00:00:00.000Z; greatest +030828-09-14T02:48:05.477Z;
#   asyncua's greatest 9999-12-31 23:59:59+00:00
# Source: undocumented.
set -euo pipefail
folder=$(mktemp -d)
server=
trap 'kill $server 2> /dev/null || true; rm -rf "$folder"' EXIT
cd "$folder"
python3 -m venv python && python/bin/pip install --quiet asyncua==2.1.0
echo '{"type":"commonjs"}' > package.json
npm install --silent --no-audit --no-fund --ignore-scripts node-opcua-client@2.182.2 > /dev/null
cat > server.py <<'PY'
import asyncio, datetime, logging, socket, sys
from asyncua import Client, Server, ua

logging.disable(logging.CRITICAL)

async def main():
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    url = f"opc.tcp://127.0.0.1:{port}/"
    server = Server()
    await server.init()
    server.set_endpoint(url)
    server.set_security_policy([ua.SecurityPolicyType.NoSecurity])
    index = await server.register_namespace("urn:example")
    least, end = datetime.datetime(1601, 1, 1), datetime.datetime(9999, 12, 31, 23, 59, 59)
    for name, value in [("least", least), ("greatest", end), ("total", 5)]:
        kind = ua.VariantType.UInt32 if name == "total" else ua.VariantType.DateTime
        node = await server.nodes.objects.add_variable(ua.NodeId(name, index), name, ua.Variant(value, kind))
        if name == "total":
            await node.write_value(ua.DataValue(ua.Variant(6, kind), SourceTimestamp=least))
    async with server:
        async with Client(url) as client:
            print(url, await client.get_node(ua.NodeId("greatest", index)).read_value(), sep="\n", flush=True)
        await asyncio.sleep(60)

asyncio.run(main())
PY
python/bin/python server.py > server.out 2> server.err & server=$!
for _ in $(seq 150); do [ "$(wc -l < server.out)" -ge 2 ] && break; sleep 0.2; done
cat > read.js <<'JS'
const { AttributeIds, OPCUAClient } = require("node-opcua-client");

async function main() {
  const client = OPCUAClient.create({ endpointMustExist: false, connectionStrategy: { maxRetry: 3 } });
  await client.connect(process.argv[2]);
  const session = await client.createSession();
  const read = (name) => session.read({ nodeId: `ns=2;s=${name}`, attributeId: AttributeIds.Value });
  const [total, least, greatest] = [await read("total"), await read("least"), await read("greatest")];
  console.log(`source time stamp ${total.sourceTimestamp?.toISOString()}`);
  console.log(`least ${least.value.value?.toISOString()}`);
  console.log(`greatest ${greatest.value.value?.toISOString()}`);
  await session.close();
  await client.disconnect();
}

main();
JS
XDG_CONFIG_HOME="$folder" timeout 60 node read.js "$(head -1 server.out)" 2> /dev/null | grep -E '^(source|least|greatest) ' | tee seen
echo "asyncua's greatest $(tail -1 server.out)" | tee -a seen
diff seen - <<'EXPECTED'
source time stamp 1601-01-01T00:00:00.000Z
least 1601-01-01T00:00:00.000Z
greatest +030828-09-14T02:48:05.477Z
asyncua's greatest 9999-12-31 23:59:59+00:00
EXPECTED
