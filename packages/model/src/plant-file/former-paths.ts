/**
 * `formerly`: the paths that a machine had before it was moved or renamed. The oldest of them is what its history is kept
 * under, so that no row has to be written anew. A path has one history: nothing else may stand there now, and no two
 * machines may claim it.
 */
import { quote, type Value } from "./value.ts";
import { textOf } from "./fields.ts";
import type { Problems } from "./problem.ts";

const MACHINE_PATH = /^[a-z0-9][a-z0-9_-]{0,62}(?:\/[a-z0-9][a-z0-9_-]{0,62}){3}$/;
const EXPECTED = "the path of a machine as it was, such as site/area/line/machine";

interface Claim {
  readonly value: Value;
  readonly former: string;
  /** Of the machine that had it. */
  readonly path: string;
}

export class FormerPaths {
  readonly #claims: Claim[] = [];

  /** One path, or a list of them, the newest first. */
  read(value: Value, path: string, problems: Problems): readonly string[] {
    const items = value.kind === "list" ? value.items : [value];
    if (items.length === 0) problems.add(value, "an empty list", `${EXPECTED}, or no formerly`);
    return items.flatMap((item) => {
      const former = textOf(item, EXPECTED, problems);
      if (former === null) return [];
      if (MACHINE_PATH.test(former)) {
        this.#claims.push({ value: item, former, path });
        return [former];
      }
      problems.add(item, quote(former), EXPECTED);
      return [];
    });
  }

  /** Judges all claims once every machine has been read. */
  check(present: ReadonlySet<string>, problems: Problems): void {
    const claimed = new Map<string, string>();
    for (const { value, former, path } of this.#claims) {
      const other = claimed.get(former);
      if (former === path) {
        problems.add(value, `${quote(former)}, the path that it has now`, "the paths that it had before alone");
      } else if (present.has(former)) {
        problems.add(
          value,
          `${quote(former)}, where a machine stands now`,
          "a path that no machine has now: the machine that stands there has its own history",
        );
      } else if (other !== undefined) {
        const who = other === path ? "this machine a second time" : quote(other);
        problems.add(value, `${quote(former)}, claimed by ${who} too`, "each path of the past once");
      }
      claimed.set(former, path);
    }
  }
}
