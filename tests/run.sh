#!/usr/bin/env bash
# `npm test`: builds and checks while prepare.sh, which mostly waits for the network, gets what the tests run against; then runs all tests.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

bash tests/prepare.sh &
preparing=$!
trap 'kill "$preparing" 2> /dev/null || true' EXIT
npm run build
npm run check
wait "$preparing"
npm run test:only
