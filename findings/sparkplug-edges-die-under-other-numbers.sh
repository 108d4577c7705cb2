#!/usr/bin/env bash
# pysparkplug 0.6.1, mqtt-spb-wrapper 2.1.2: an edge node's death (NDEATH) names another connection (bdSeq) than its birth did.
#
# Versions: pysparkplug 0.6.1, mqtt-spb-wrapper 2.1.2, mosquitto 2.0.11-1.2+deb12u2 (Debian 12, amd64), mqtt (npm) 5.16.0,
#   sparkplug-payload (npm) 1.0.3, which only decodes here.
# Behaviour: bdSeq of the will and of the NBIRTH of one connection must be equal (Sparkplug 3.0, tck-id-payloads-nbirth-bdseq-repeat), so
#   that a host can tell the death of an earlier connection, which it has to ignore. pysparkplug's orderly death is one ahead of its
#   birth. mqtt-spb-wrapper counts on for each will that it makes, also for those of its devices: with one device the birth says 2,
#   the will of the node 0 and its orderly death 3. A host that goes by the specification never learns that such a node is dead.
# Output seen: pysparkplug: birth 0, killed 0, goodbye 1; mqtt-spb-wrapper: birth 2, killed 0, goodbye 3
# Source: undocumented.
set -euo pipefail
folder=$(mktemp -d)
trap 'for process in ${edge:-} ${host:-} ${broker:-}; do kill -KILL "$process" && wait "$process" || true; done 2> /dev/null; rm -rf "$folder"' EXIT
chmod 755 "$folder"
cd "$folder"
apt-get -qq download mosquitto=2.0.11-1.2+deb12u2 libdlt2 libwrap0 libnsl2 2> /dev/null
for package in *.deb; do dpkg -x "$package" root; done
echo '{"type":"commonjs"}' > package.json
npm install --silent --no-audit --no-fund --ignore-scripts mqtt@5.16.0 sparkplug-payload@1.0.3 > /dev/null
for packages in pysparkplug==0.6.1 "mqtt-spb-wrapper==2.1.2 paho-mqtt==1.6.1"; do
  python3 -m venv "${packages%%==*}"
  # shellcheck disable=SC2086 # several packages
  "${packages%%==*}/bin/pip" install --quiet --disable-pip-version-check $packages
done
port=$(node -e 'const s = require("node:net").createServer().listen(0, "127.0.0.1", () => { console.log(s.address().port); s.close(); })')
printf 'listener %s 127.0.0.1\nallow_anonymous true\n' "$port" > mosquitto.conf
LD_LIBRARY_PATH="$folder/root/usr/lib/x86_64-linux-gnu:$folder/root/lib/x86_64-linux-gnu" root/usr/sbin/mosquitto -c mosquitto.conf > mosquitto.log 2>&1 &
broker=$!
cat > edge-pysparkplug.py <<'PY'
import sys, time
from pysparkplug import DataType, Device, EdgeNode, Metric

edge = EdgeNode("plant", "node", metrics=[])
edge.register(Device("filler", metrics=[Metric(timestamp=1, name="good", datatype=DataType.UINT32, value=1)]))
edge.connect("127.0.0.1", port=int(sys.argv[1]))
sys.stdin.read()
edge.disconnect()
time.sleep(0.5)
PY
cat > edge-mqtt-spb-wrapper.py <<'PY'
import sys, time
from mqtt_spb_wrapper import MqttSpbEntityDevice, MqttSpbEntityEdgeNode

edge = MqttSpbEntityEdgeNode("plant", "node")
edge.connect("127.0.0.1", int(sys.argv[1]), timeout=30)
device = MqttSpbEntityDevice("plant", "node", "filler")
device.data.set_value("good", 1)
device.connect("127.0.0.1", int(sys.argv[1]), timeout=30)
edge.publish_birth()
device.publish_birth()
sys.stdin.read()
device.disconnect()
edge.disconnect()
time.sleep(0.5)
PY
cat > host.js <<'JS'
const { connect } = require("mqtt");
const { decodePayload } = require("sparkplug-payload").get("spBv1.0");
const client = connect(`mqtt://127.0.0.1:${process.argv[2]}`);
client.on("message", (topic, bytes) => {
  const { value } = decodePayload(bytes).metrics.find(({ name }) => name === "bdSeq");
  console.log(`${topic.split("/")[2]} ${value}`);
});
client.subscribe(["spBv1.0/plant/NBIRTH/#", "spBv1.0/plant/NDEATH/#"], () => console.log("ready"));
JS
for _ in $(seq 50); do (exec 3<> "/dev/tcp/127.0.0.1/$port") 2> /dev/null && break; sleep 0.1; done
timeout 240 node host.js "$port" > heard &
host=$!
# Waits until the host has heard so many lines.
heard() { for _ in $(seq 300); do (($(wc -l < heard) >= $1)) && return; sleep 0.1; done; echo "waited in vain:" && cat heard && exit 1; }
heard 1
lines=1
found=
for library in pysparkplug mqtt-spb-wrapper; do
  mkfifo "$library.in"
  timeout 60 "$library/bin/python3" -W ignore "edge-$library.py" "$port" < "$library.in" > edge.log 2>&1 &
  edge=$!
  exec 4> "$library.in"
  heard $((lines + 1))
  pkill -KILL -P "$edge"
  heard $((lines + 2))
  exec 4>&-
  wait "$edge" || true
  timeout 60 "$library/bin/python3" -W ignore "edge-$library.py" "$port" < "$library.in" > edge.log 2>&1 &
  edge=$!
  exec 4> "$library.in"
  heard $((lines + 3))
  exec 4>&-
  heard $((lines + 4))
  wait "$edge" || true
  edge=
  read -r birth killed _ goodbye < <(tail -n +$((lines + 1)) heard | head -4 | cut -d' ' -f2 | paste -sd' ')
  found+="${found:+; }$library: birth $birth, killed $killed, goodbye $goodbye"
  lines=$((lines + 4))
done
echo "$found"
[[ $found == "pysparkplug: birth 0, killed 0, goodbye 1; mqtt-spb-wrapper: birth 2, killed 0, goodbye 3" ]]
