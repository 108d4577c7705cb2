/**
 * Time zones from a folder of TZif files (`--tz-data`): a system's `/usr/share/zoneinfo`, or `tzdata/zoneinfo` of PyPI's
 * package. It replaces the release that this build ships, so that new rules need no new build.
 */
import { existsSync, readdirSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { readTzif, SHIPPED_ZONES, ZoneDatabase, type ZoneRules } from "@oee/model";
import { Option } from "commander";
import { Failure, reasonOf } from "./failure.ts";

export interface ZoneSettings {
  readonly tzData?: string;
}

export function zoneOption(): Option {
  return new Option(
    "--tz-data <folder>",
    `time zones as TZif files, such as /usr/share/zoneinfo (default: IANA ${SHIPPED_ZONES.release}, which is built in)`,
  ).env("OEE_TZ_DATA");
}

/** Throws `Failure` where the folder holds no time zones, or one of its files is damaged. */
export function zonesOf({ tzData }: ZoneSettings): ZoneDatabase {
  if (tzData === undefined) return SHIPPED_ZONES;
  const rules = rulesInFolder(tzData);
  if (!rules.has("UTC") && !rules.has("Etc/UTC")) {
    throw new Failure(`found no time zones in ${tzData}, expected a folder of TZif files such as /usr/share/zoneinfo`);
  }
  return new ZoneDatabase(releaseOf(tzData), new Map([...rules].map(([name, found]) => [name, () => found])));
}

/** A zone's file has at most some thousand bytes, the whole database 600 names. */
const FILE_BYTES_MAX = 65_536;
const NAMES_MAX = 5_000;

/** The rules of each name, links among them. */
export function rulesInFolder(folder: string): ReadonlyMap<string, ZoneRules> {
  const rules = new Map<string, ZoneRules>();
  const read = (below: string, depth: number): void => {
    for (const entry of entriesIn(join(folder, below))) {
      // `posix`, `right` (with leap seconds), `localtime` and the tables are no zones: their names begin in lower case.
      if (!/^[A-Z][A-Za-z0-9_+-]*$/.test(entry)) continue;
      const name = below === "" ? entry : `${below}/${entry}`;
      const path = join(folder, name);
      const found = statSync(path, { throwIfNoEntry: false });
      if (found?.isDirectory() === true && depth < 3) read(name, depth + 1);
      if (found?.isFile() !== true || found.size > FILE_BYTES_MAX || rules.size >= NAMES_MAX) continue;
      const bytes = readFileSync(path);
      if (bytes.toString("latin1", 0, 4) !== "TZif") continue;
      try {
        rules.set(name, readTzif(bytes));
      } catch (error) {
        throw new Failure(`${path} is no time zone: ${reasonOf(error)}`, { cause: error });
      }
    }
  };
  read("", 0);
  // Some systems leave out old names such as US/Pacific, but list them as links.
  for (const [target, name] of linksIn(folder)) {
    const found = rules.get(target);
    if (found !== undefined && !rules.has(name)) rules.set(name, found);
  }
  return rules;
}

function entriesIn(folder: string): readonly string[] {
  try {
    return readdirSync(folder);
  } catch (error) {
    throw new Failure(`cannot read the time zones in ${folder}: ${reasonOf(error)}`, { cause: error });
  }
}

/** `[target, name]`, from IANA's own text beside the zones. */
function linksIn(folder: string): readonly (readonly [string, string])[] {
  return [...iana(folder).matchAll(/^L (\S+) (\S+)$/gm)].map(([, target = "", name = ""]) => [target, name]);
}

/** As the folder says: in the first line of `tzdata.zi`, or in `+VERSION`. */
export function releaseOf(folder: string): string {
  const version = join(folder, "+VERSION");
  return (
    /^# version (\S+)/.exec(iana(folder))?.[1] ??
    (existsSync(version) ? readFileSync(version, "utf8").trim().slice(0, 20) : `unknown, in ${folder}`)
  );
}

function iana(folder: string): string {
  const file = join(folder, "tzdata.zi");
  return existsSync(file) ? readFileSync(file, "utf8") : "";
}
