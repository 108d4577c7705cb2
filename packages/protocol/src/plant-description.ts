/** `GET /plant`: what there is to look at. */
import { SCOPE_KINDS } from "@oee/model";
import { Type } from "typebox";
import { CATEGORY, DECIMALS, TARGETS, UNIT } from "./live-message.ts";
import { byName, type Described, EPOCH_MS, FLAG, NUMBER, oneOf, orNull, TEXT } from "./schema.ts";

const PLANT_SCOPE = Type.Object({
  path: TEXT,
  kind: oneOf(SCOPE_KINDS),
  name: TEXT,
  parent: orNull(TEXT),
  timezone: TEXT,
  rated: FLAG,
  unit: UNIT,
  decimals: DECIMALS,
  targets: TARGETS,
  class: Type.Optional(orNull(TEXT, { description: "Machines, or lines, of one class are alike (BM-1)" })),
});

const PLANT_REASON = Type.Object({
  path: TEXT,
  name: TEXT,
  category: orNull(CATEGORY),
  failure: orNull(FLAG),
  vague: Type.Boolean({ description: "Whether a stop with it still needs a reason (RS-1)" }),
});

/** The offset from UTC (ms) of a zone's clocks from an instant (epoch ms) on. */
const CLOCK_OFFSET = Type.Object({ from: EPOCH_MS, offsetMs: NUMBER });

/** The offsets of the plant's time zones, sent so that a display uses the server's and not those of its browser. */
const PLANT_TIMEZONES = Type.Object({
  release: Type.String({ description: "The release of IANA's rules, such as 2026f" }),
  offsets: byName(Type.Array(CLOCK_OFFSET), {
    description:
      "By zone, five years back and ahead: from when its clocks are how far ahead of UTC (ms); the first holds for what is before it",
  }),
});

export const PLANT = Type.Object({
  enterprise: TEXT,
  name: TEXT,
  version: TEXT,
  currency: orNull(TEXT),
  windows: Type.Array(TEXT),
  scopes: Type.Array(PLANT_SCOPE, { description: "Parents before children" }),
  reasons: Type.Array(PLANT_REASON),
  timezones: PLANT_TIMEZONES,
});

export type ClockOffset = Described<typeof CLOCK_OFFSET>;
export type PlantReason = Described<typeof PLANT_REASON>;
export type PlantScope = Described<typeof PLANT_SCOPE>;
export type PlantTimezones = Described<typeof PLANT_TIMEZONES>;
export type PlantDescription = Described<typeof PLANT>;
