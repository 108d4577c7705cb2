#!/usr/bin/env bash
# mosquitto 2.0.11: one acknowledgement lets twenty more messages go, so that its limit of messages in flight is none.
#
# Versions: mosquitto 2.0.11-1.2+deb12u2 (Debian 12, amd64), mqtt (npm) 5.16.0.
# Behaviour: `max_inflight_messages` is 20 by default: so many messages of QoS 1 go to a subscriber before the first is acknowledged. Where
#   more are queued for it, each single acknowledgement lets 20 more go, not one: after 10 of them 220 are sent and 210 in flight. A
#   subscriber that is killed is sent all of these again when it comes back, and who recognizes repeats by a list of the last few hundred,
#   trusting the limit, takes the others for new. The same on 3.1.1 and 5, and with `max_queued_messages 0`.
# Output seen: sent before and after each of 10 acknowledgements: 20 40 60 80 100 120 140 160 180 200 220, on 3.1.1 and on 5
# Source: mosquitto.conf(5) says what the setting should do; the behaviour is undocumented.
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
const { connectAsync } = require("mqtt");
const url = `mqtt://127.0.0.1:${process.argv[2]}`;
const MESSAGES = 500;

const wait = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

async function sent(name, protocolVersion) {
  const subscriber = await connectAsync(url, { clientId: name, reconnectPeriod: 0, protocolVersion });
  let came = 0;
  let acknowledge = 0;
  subscriber.on("packetreceive", ({ cmd }) => (came += cmd === "publish" ? 1 : 0));
  // An error here means that the message is not acknowledged; the client reads on.
  subscriber.handleMessage = (_packet, done) => done(new Error("not now"));
  subscriber.on("error", () => {});
  await subscriber.subscribeAsync(`line/${name}`, { qos: 1 });
  const publisher = await connectAsync(url, { protocolVersion: 5 });
  for (let i = 0; i < MESSAGES; i++) await publisher.publishAsync(`line/${name}`, String(i), { qos: 1 });
  const counts = [];
  for (let acknowledged = 0; acknowledged <= 10; acknowledged++) {
    if (acknowledged > 0) subscriber.stream.write(Buffer.from([0x40, 2, 0, acknowledged]));
    await wait(200);
    counts.push(came);
  }
  subscriber.end(true);
  publisher.end(true);
  return counts.join(" ");
}

(async () => {
  const seen = [await sent("old", 4), await sent("five", 5)];
  console.log(`sent before and after each of 10 acknowledgements: on 3.1.1 ${seen[0]}, on 5 ${seen[1]}`);
  process.exit(seen.every((counts) => counts === "20 40 60 80 100 120 140 160 180 200 220") ? 0 : 1);
})();
JS
for _ in $(seq 50); do (exec 3<> "/dev/tcp/127.0.0.1/$port") 2> /dev/null && break; sleep 0.1; done
timeout 60 node run.js "$port"
