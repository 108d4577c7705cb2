#!/usr/bin/env -S node --max-semi-space-size=32 --no-memory-reducer --v8-pool-size=0
// Room for what lives for a second: events on their way would else be moved among what stays, to be looked for there.
import "../dist/main.js";
