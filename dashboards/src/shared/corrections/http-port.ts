/** The outbox's port to the server, by the HTTP API. */
import { apiUrl, ask } from "../api/ask.ts";
import { personNow, signed } from "../api/session.ts";
import type { StopRow } from "../api/rows.ts";
import type { CorrectionStatus, LiveMessage, RawEventAnswer } from "@oee/protocol";
import type { Said, Segment } from "./entry.ts";
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
    said: async (machine, from, to) => {
      const period = { from: from - MINUTE_MS, to: to + MINUTE_MS };
      const { body } = await ask<readonly RawEventAnswer[]>(apiUrl("/events", { machine, ...period, limit: 1 }));
      return body
        .filter(({ bearing }) => bearing === "correction")
        .sort((a, b) => a.partition - b.partition || a.offset - b.offset || a.index - b.index)
        .map(saidOf)
        .filter((each) => each.from < to && each.to > from);
    },
    timeline: async (machine) => {
      const { body } = await ask<LiveMessage>(apiUrl("/live", { scope: machine, windows: "" }));
      return body.elements[0]?.machine?.timeline ?? [];
    },
    post: async (correction) => {
      const headers = { "content-type": "application/json" };
      const body = JSON.stringify(await signed(correction));
      await ask(apiUrl("/corrections"), { method: "POST", headers, body });
    },
    effect: async (id, machine) => {
      const url = apiUrl(`/corrections/${encodeURIComponent(id)}`, { machine, timeout: EFFECT_TIMEOUT });
      return (await ask<CorrectionStatus>(url)).body.inEffect;
    },
  };
}

function segmentOf({ stop, from, to, open, state, reason, correctedBy }: StopRow): Segment {
  return { stop, from: Date.parse(from), to: Date.parse(to), open, state, reason, correctedBy };
}

/** A correction from its event as it came: instants are epoch ms or texts. */
function saidOf({ id, at, raw }: RawEventAnswer): Said {
  const event = JSON.parse(raw) as Readonly<Record<"from" | "to", number | string>> &
    Partial<Readonly<Record<"by" | "reason" | "state", string | null>>> & { readonly clear?: boolean | null };
  const { by = null, reason = null, state = null, clear } = event;
  const [from, to] = [event.from, event.to].map((instant) => new Date(instant).getTime());
  return { id, by, at: Date.parse(at), from: from ?? NaN, to: to ?? NaN, reason, state, clear: clear === true };
}
