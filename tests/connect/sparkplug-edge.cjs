/**
 * The Sparkplug edge node plant/sparkplug-client with a metric `mode` of its own and a device `filler`, by the library of that name:
 * node sparkplug-edge.cjs PORT, with its folder in NODE_PATH. A line of JSON on standard input ({"name", "value"}) tells a metric's
 * value as DATA; at its end the node leaves.
 */
const { createInterface } = require("node:readline");
const { newClient } = require("sparkplug-client");

const TYPES = { state: "String", good: "UInt32", temperature: "Int8" };
const values = { state: "Execute", good: 100, temperature: -5 };
const metric = (name) => ({ name, type: TYPES[name], value: values[name], timestamp: Date.now() });
const payload = (metrics) => ({ timestamp: Date.now(), metrics });

const edge = newClient({
  serverUrl: `mqtt://127.0.0.1:${process.argv[2]}`,
  username: "",
  password: "",
  groupId: "plant",
  edgeNode: "sparkplug-client",
  clientId: `edge-${process.pid}`,
  version: "spBv1.0",
});
const bear = () => {
  edge.publishNodeBirth(payload([{ name: "mode", type: "String", value: "Execute", timestamp: Date.now() }]));
  edge.publishDeviceBirth("filler", payload(Object.keys(TYPES).map(metric)));
};
edge.on("ncmd", bear);
edge.on("birth", () => {
  bear();
  process.stdout.write("ready\n");
});
createInterface({ input: process.stdin })
  .on("line", (line) => {
    const { name, value } = JSON.parse(line);
    values[name] = value;
    edge.publishDeviceData("filler", payload([metric(name)]));
  })
  .on("close", () => {
    edge.stop();
    setTimeout(() => process.exit(0), 500);
  });
