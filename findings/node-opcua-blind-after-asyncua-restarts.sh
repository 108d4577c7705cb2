#!/usr/bin/env bash
# node-opcua-client 2.182.2 with asyncua 2.1.0: after the server was started anew reads work, and no change is told any more.
#
# Versions: node-opcua-client 2.182.2, asyncua 2.1.0 as the server.
# Behaviour: the client comes back by itself, says `after_reconnection`, and its session reads the new server's values. Its monitored item,
#   which raises no error, stays mute: `session_restored` and `connection_reestablished` never come and `isReconnecting` stays true, so
#   that a subscriber shows the values from before the restart as the present.
# Output seen: before: changes told; within 20 s after reads work again: changes told 0, the value read has changed, still reconnecting
# Source: undocumented.
set -euo pipefail
folder=$(mktemp -d)
trap '[ -s "$folder/server.pid" ] && kill -KILL "$(cat "$folder/server.pid")" 2> /dev/null || true; rm -rf "$folder"' EXIT
cd "$folder"
python3 -m venv python && python/bin/pip install --quiet --disable-pip-version-check asyncua==2.1.0
echo '{"type":"commonjs"}' > package.json
npm install --silent --no-audit --no-fund --ignore-scripts node-opcua-client@2.182.2 > /dev/null
cat > server.py <<'PY'
import asyncio, logging, sys
from asyncua import Server, ua

logging.disable(logging.CRITICAL)

async def main():
    server = Server()
    await server.init()
    server.set_endpoint(f"opc.tcp://127.0.0.1:{sys.argv[1]}/")
    server.set_security_policy([ua.SecurityPolicyType.NoSecurity])
    index = await server.register_namespace("urn:example")
    total = await server.nodes.objects.add_variable(ua.NodeId("total", index), "total", ua.Variant(0, ua.VariantType.UInt32))
    async with server:
        print("ready", flush=True)
        for n in range(1, 600):
            await asyncio.sleep(0.2)
            await total.write_value(ua.Variant(n, ua.VariantType.UInt32))

asyncio.run(main())
PY
cat > run.js <<'JS'
const { spawn } = require("node:child_process");
const { once } = require("node:events");
const { writeFileSync } = require("node:fs");
const { createServer } = require("node:net");
const { AttributeIds, ClientMonitoredItem, ClientSubscription, OPCUAClient, TimestampsToReturn } = require("node-opcua-client");

const wait = (ms) => new Promise((resolve) => setTimeout(resolve, ms));
const freePort = () =>
  new Promise((resolve) => {
    const server = createServer().listen(0, "127.0.0.1", () => {
      const { port } = server.address();
      server.close(() => resolve(port));
    });
  });

async function started(port) {
  const server = spawn("python/bin/python", ["server.py", port], { stdio: ["ignore", "pipe", "ignore"] });
  writeFileSync("server.pid", String(server.pid));
  await once(server.stdout, "data");
  return server;
}

/** The value, as soon as the session is there again. */
async function read(session, node) {
  for (;;) {
    const found = await session.read(node).catch(() => null);
    if (found?.statusCode.isGood()) return found.value.value;
    await wait(200);
  }
}

(async () => {
  const port = await freePort();
  const node = { nodeId: "ns=2;s=total", attributeId: AttributeIds.Value };
  const first = await started(port);
  const connectionStrategy = { initialDelay: 200, maxDelay: 1_000, maxRetry: -1 };
  const client = OPCUAClient.create({ endpointMustExist: false, keepSessionAlive: true, connectionStrategy });
  await client.connect(`opc.tcp://127.0.0.1:${port}/`);
  const session = await client.createSession();
  const subscription = ClientSubscription.create(session, {
    ...{ requestedPublishingInterval: 200, requestedLifetimeCount: 600, requestedMaxKeepAliveCount: 20 },
    ...{ publishingEnabled: true, priority: 1, maxNotificationsPerPublish: 0 },
  });
  const sampling = { samplingInterval: 100, queueSize: 10, discardOldest: true };
  const item = ClientMonitoredItem.create(subscription, node, sampling, TimestampsToReturn.Both);
  let changes = 0;
  item.on("changed", () => changes++);
  await wait(4_000);
  const before = changes;
  first.kill("SIGKILL");
  await once(first, "exit");
  const back = once(client, "after_reconnection");
  const second = await started(port);
  await back;
  changes = 0;
  const from = await read(session, node);
  await wait(20_000);
  const to = await read(session, node);
  console.log(`SEEN before: changes ${before > 1 ? "told" : "not told"}; within 20 s after reads work again: changes told ${changes}, the value read has ${to > from ? "" : "not "}changed, ${client.isReconnecting ? "still" : "not"} reconnecting`);
  second.kill("SIGKILL");
  process.exit(0);
})();
JS
XDG_CONFIG_HOME="$folder" timeout 180 node run.js 2> /dev/null | sed -n 's/^SEEN //p' | tee seen
diff seen - <<'EXPECTED'
before: changes told; within 20 s after reads work again: changes told 0, the value read has changed, still reconnecting
EXPECTED
