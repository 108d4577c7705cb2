#!/usr/bin/env bash
# node-opcua-crypto 5.10.1: after reading a private key, every openssl that the process starts fails.
#
# Versions: node-opcua-crypto 5.10.1, OpenSSL 3.
# Behaviour: readPrivateKey sets OPENSSL_CONF to /dev/null for a moment, and afterwards to what it was. Where it was not set that is
#   undefined, which the environment of a process keeps as the text "undefined": a child process then looks for a configuration file
#   of that name. node-opcua reads its private key at each connection.
# Output seen: OPENSSL_CONF before: not set; after: "undefined"; openssl in a child: Can't open "undefined" for reading
# Source: undocumented.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
echo '{"type":"commonjs"}' > package.json
npm install --silent --no-audit --no-fund --ignore-scripts node-opcua-crypto@5.10.1 > /dev/null
unset OPENSSL_CONF
openssl genpkey -quiet -algorithm RSA -pkeyopt rsa_keygen_bits:2048 -out key.pem 2> /dev/null \
  || openssl genpkey -algorithm RSA -pkeyopt rsa_keygen_bits:2048 -out key.pem 2> /dev/null
cat > run.js <<'JS'
const { spawnSync } = require("node:child_process");
const { readPrivateKey } = require("node-opcua-crypto");

const told = () => (process.env.OPENSSL_CONF === undefined ? "not set" : JSON.stringify(process.env.OPENSSL_CONF));
const before = told();
readPrivateKey("key.pem");
const after = told();
const { stderr } = spawnSync("openssl", ["req", "-new", "-key", "key.pem", "-subj", "/CN=x", "-out", "request.pem"], { encoding: "utf8" });
console.log(`OPENSSL_CONF before: ${before}; after: ${after}; openssl in a child: ${stderr.split("\n", 1)[0]}`);
process.exit(before === "not set" && after === '"undefined"' && stderr.includes('"undefined"') ? 0 : 1);
JS
timeout 60 node run.js
