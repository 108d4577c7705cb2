/**
 * A release of IANA's time zones: what each name stands for. The product ships one (`SHIPPED_ZONES`); a newer one comes
 * from a folder of TZif files. Zones are built when first asked for. The plant file is read with one, and every zone of the
 * plant holds its rules: nothing asks the runtime, whose rules may be years old.
 */
import { compareCodePoints } from "../order.ts";
import { SHIPPED } from "./shipped.ts";
import { Zone, type ZoneRules } from "./zone.ts";

export class ZoneDatabase {
  /** As IANA names it, such as `2026f`. */
  readonly release: string;
  readonly #rulesOf: ReadonlyMap<string, () => ZoneRules>;
  readonly #zones = new Map<string, Zone>();

  constructor(release: string, rulesOf: ReadonlyMap<string, () => ZoneRules>) {
    this.release = release;
    this.#rulesOf = rulesOf;
  }

  /** All names, aliases (`US/Pacific`) too. */
  get names(): readonly string[] {
    return [...this.#rulesOf.keys()];
  }

  /** All of it as `decodeZones` reads it. */
  get text(): string {
    return encodeZones(this.release, new Map([...this.#rulesOf].map(([name, rules]) => [name, rules()])));
  }

  /** `undefined`: no such zone. Names are as IANA writes them, in upper and lower case too. */
  zone(name: string): Zone | undefined {
    let zone = this.#zones.get(name);
    if (zone !== undefined) return zone;
    const rules = this.#rulesOf.get(name);
    if (rules === undefined) return undefined;
    zone = new Zone(name, rules());
    this.#zones.set(name, zone);
    return zone;
  }
}

/**
 * The compact text that is shipped: the release, then for each zone `names|first offset|changes|rule`. Offsets are seconds,
 * changes `seconds since the change before+offset` (or `-offset`), all in base 36; names with the same rules share a line.
 */
export function encodeZones(release: string, rulesByName: ReadonlyMap<string, ZoneRules>): string {
  const namesByRules = new Map<string, string[]>();
  for (const [name, rules] of [...rulesByName].sort(([a], [b]) => compareCodePoints(a, b))) {
    const encoded = encodeRules(rules);
    const names = namesByRules.get(encoded);
    if (names === undefined) namesByRules.set(encoded, [name]);
    else names.push(name);
  }
  const lines = [...namesByRules].map(([rules, names]) => `${names.join(" ")}|${rules}`);
  return [release, ...lines].join("\n");
}

/** What was before 1970 goes. */
function encodeRules({ firstOffsetMs, changes, rule }: ZoneRules): string {
  let first = firstOffsetMs;
  let latest = 0;
  const encoded: string[] = [];
  for (const [at, offset] of changes) {
    if (at <= 0) {
      first = offset;
      continue;
    }
    encoded.push(`${((at - latest) / 1000).toString(36)}${offset < 0 ? "" : "+"}${(offset / 1000).toString(36)}`);
    latest = at;
  }
  return [(first / 1000).toString(36), encoded.join(" "), rule].join("|");
}

export function decodeZones(text: string): ZoneDatabase {
  const [release = "", ...lines] = text.split("\n");
  const rulesOf = new Map<string, () => ZoneRules>();
  for (const line of lines) {
    const [names = "", firstOffset = "", changes = "", rule = ""] = line.split("|");
    const rules = (): ZoneRules => ({
      firstOffsetMs: parseInt(firstOffset, 36) * 1000,
      changes: changes === "" ? [] : decodeChanges(changes),
      rule,
    });
    for (const name of names.split(" ")) rulesOf.set(name, rules);
  }
  return new ZoneDatabase(release, rulesOf);
}

function decodeChanges(text: string): (readonly [number, number])[] {
  let at = 0;
  return text.split(" ").map((change) => {
    const sign = change.search(/[+-]/);
    at += parseInt(change.slice(0, sign), 36) * 1000;
    return [at, parseInt(change.slice(sign), 36) * 1000];
  });
}

/** The release that this build carries. */
export const SHIPPED_ZONES: ZoneDatabase = decodeZones(SHIPPED);
