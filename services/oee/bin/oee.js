#!/usr/bin/env -S MALLOC_MMAP_THRESHOLD_=131072 node --max-semi-space-size=32 --no-memory-reducer --v8-pool-size=0
// Room for what lives for a second: events on their way would else be moved among what stays, to be looked for there.
// As many of V8's threads as there are cores but one: with more they keep the event loop from its own.
// Large buffers lie in memory of their own, which is given back with them: glibc would after a while put them among small ones.
import "../bundle/main.js";
