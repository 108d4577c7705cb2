#!/usr/bin/env bash
# mqtt (npm) 5.16.0: what a broker kept for a client that comes back by connectAsync may be acknowledged before anybody can listen.
#
# Versions: mqtt (npm) 5.16.0, mosquitto 2.0.11-1.2+deb12u2 (Debian 12, amd64).
# Behaviour: a session is kept (`clean: false`) so that messages of QoS 1 wait while the client is away. The broker sends them right after
#   its CONNACK, and the client acknowledges each at once, also without a listener. `connectAsync` gives the client only after that: a
#   handler for `message` in the next line hears those alone that come later, by chance, and the broker has the others no more.
#   By `connect`, with the handler set in the same turn, all of them come.
# Output seen: of 100: connectAsync some lost, heard later 0; connect 0 lost (of five sessions three lost all, one some, one none)
# Source: undocumented.
set -euo pipefail
folder=$(mktemp -d)
trap '[ -z "${broker:-}" ] || { kill "$broker"; wait "$broker"; } 2> /dev/null; rm -rf "$folder"' EXIT
chmod 755 "$folder"
cd "$folder"
apt-get -qq download mosquitto=2.0.11-1.2+deb12u2 libdlt2 libwrap0 libnsl2 2> /dev/null
for package in *.deb; do dpkg -x "$package" root; done
echo '{"type":"commonjs"}' > package.json
npm install --silent --no-audit --no-fund --ignore-scripts mqtt@5.16.0 > /dev/null
port=$(node -e 'const s = require("node:net").createServer().listen(0, "127.0.0.1", () => { console.log(s.address().port); s.close(); })')
printf 'listener %s 127.0.0.1\nallow_anonymous true\n' "$port" > mosquitto.conf
LD_LIBRARY_PATH="$folder/root/usr/lib/x86_64-linux-gnu:$folder/root/lib/x86_64-linux-gnu" root/usr/sbin/mosquitto -c mosquitto.conf > mosquitto.log 2>&1 &
broker=$!
cat > run.js <<'JS'
const { connect, connectAsync } = require("mqtt");
const url = `mqtt://127.0.0.1:${process.argv[2]}`;
const MESSAGES = 5;
const ROUNDS = 20;
const options = { clientId: "line", clean: false, protocolVersion: 4 };

const wait = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

async function send(publisher) {
  for (let i = 0; i < MESSAGES; i++) await publisher.publishAsync("line/good", String(i), { qos: 1 });
}

async function heard(client) {
  let count = 0;
  client.on("message", () => count++);
  await wait(300);
  await client.endAsync();
  return count;
}

(async () => {
  const subscriber = await connectAsync(url, options);
  await subscriber.subscribeAsync("line/good", { qos: 1 });
  await subscriber.endAsync();
  const publisher = await connectAsync(url);
  let [byAsync, later, byConnect] = [0, 0, 0];
  for (let round = 0; round < ROUNDS; round++) {
    await send(publisher);
    byAsync += await heard(await connectAsync(url, options));
    later += await heard(connect(url, options));
    await send(publisher);
    byConnect += await heard(connect(url, options));
  }
  publisher.end(true);
  const sent = MESSAGES * ROUNDS;
  const lost = byAsync + later < sent ? "some" : "none";
  console.log(`of ${sent}: connectAsync ${lost} lost, heard later ${later}; connect ${sent - byConnect} lost`);
  process.exit(lost === "some" && byConnect === sent ? 0 : 1);
})();
JS
for _ in $(seq 50); do (exec 3<> "/dev/tcp/127.0.0.1/$port") 2> /dev/null && break; sleep 0.1; done
timeout 120 node run.js "$port"
