#!/usr/bin/env bash
# sparkplug-payload 1.0.3: values of valid Sparkplug B messages come out as null, or as another number.
#
# Versions: sparkplug-payload 1.0.3, protobufjs 7.5.4.
# Behaviour: a DATA message may leave out a metric's datatype, which its BIRTH told (Sparkplug 3.0, payload metrics). Of such a
#   metric the decoder gives null; of a UInt32 in int_value too, for it looks into long_value alone; and an Int8 of -5 whose
#   encoder wrote it in its own width (251) stays 251.
# Output seen: no datatype: null; UInt32 in int_value: null; Int8 -5: 251
# Source: undocumented.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
echo '{"type":"commonjs"}' > package.json
npm install --silent --no-audit --no-fund --ignore-scripts sparkplug-payload@1.0.3 protobufjs@7.5.4 > /dev/null
cat > run.js <<'JS'
const protobuf = require("protobufjs");
const { get } = require("sparkplug-payload");

// Of the message of the specification only what is used here.
const { root } = protobuf.parse(`syntax = "proto2";
  message Metric { optional string name = 1; optional uint64 timestamp = 3; optional uint32 datatype = 4; optional uint32 int_value = 10; optional uint64 long_value = 11; }
  message Payload { optional uint64 timestamp = 1; repeated Metric metrics = 2; optional uint64 seq = 3; }`, { keepCase: true });
const Payload = root.lookupType("Payload");
const decode = (metric) =>
  get("spBv1.0").decodePayload(Buffer.from(Payload.encode(Payload.fromObject({ timestamp: 1, seq: 0, metrics: [{ name: "n", timestamp: 1, ...metric }] })).finish())).metrics[0].value;
const [INT8, UINT32] = [1, 7];
const told = (value) => (value === null || value === undefined ? "null" : String(value));
const seen = [decode({ int_value: 42 }), decode({ datatype: UINT32, int_value: 42 }), decode({ datatype: INT8, int_value: 4294967291 & 0xff })].map(told);
console.log(`no datatype: ${seen[0]}; UInt32 in int_value: ${seen[1]}; Int8 -5: ${seen[2]}`);
process.exit(seen.join() === "null,null,251" ? 0 : 1);
JS
timeout 60 node run.js
