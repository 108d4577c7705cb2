/** Refused events as far as a review asks for them: when, why, and of which machine (RV-2, SC-1). */
import type { Period } from "@oee/calendar";
import type { RefusalCode } from "@oee/model";

interface Refused {
  readonly code: RefusalCode;
  readonly at: number;
  readonly machine: string | null;
}

export class RecordedRefusals {
  readonly #refused: Refused[] = [];

  /** One whose `at` cannot be read lies in no period, and is left out. */
  add(code: RefusalCode, at: number | null, machine: string | null): void {
    if (at !== null) this.#refused.push({ code, at, machine });
  }

  /** The ids of machines that the plant lacks, each once. */
  undeclaredIn({ from, to }: Period): readonly string[] {
    const ids = new Set<string>();
    for (const { code, at, machine } of this.#refused) {
      if (code === "unknown-machine" && machine !== null && at >= from && at < to) ids.add(machine);
    }
    return [...ids];
  }

  countsIn({ from, to }: Period): Readonly<Record<string, number>> {
    const counts: Record<string, number> = {};
    for (const { code, at } of this.#refused) if (at >= from && at < to) counts[code] = (counts[code] ?? 0) + 1;
    return counts;
  }
}
