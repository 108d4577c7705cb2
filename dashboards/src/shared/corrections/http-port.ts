/** The outbox's port to the server, by the HTTP API. */
import { apiUrl, ask } from "../api/ask.ts";
import { personNow, signed } from "../api/session.ts";
import type { StopRow } from "../api/rows.ts";
import type { Segment } from "./entry.ts";
import type { CorrectionPort } from "./outbox.ts";

const MINUTE_MS = 60_000;
const EFFECT_TIMEOUT = "10s";

export function httpPort(): CorrectionPort {
  return {
    person: personNow,
    segments: async (machine, from, to) => {
      // The API cuts periods to whole minutes, so a minute more is asked for at both ends.
      const end = to === null ? "now" : to + MINUTE_MS;
      const { body } = await ask<readonly StopRow[]>(
        apiUrl("/stops", { scope: machine, from: from - MINUTE_MS, to: end }),
      );
      return body.map(segmentOf).filter((segment) => segment.to > from && (to === null || segment.from < to));
    },
    post: async (correction) => {
      const headers = { "content-type": "application/json" };
      const body = JSON.stringify(await signed(correction));
      await ask(apiUrl("/corrections"), { method: "POST", headers, body });
    },
    effect: async (id, machine) => {
      await ask(apiUrl(`/corrections/${encodeURIComponent(id)}`, { machine, timeout: EFFECT_TIMEOUT }));
    },
  };
}

function segmentOf({ stop, from, to, open, state, reason, correctedBy }: StopRow): Segment {
  return { stop, from: Date.parse(from), to: Date.parse(to), open, state, reason, correctedBy };
}
