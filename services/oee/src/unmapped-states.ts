/**
 * The states of a sample that neither the machine's state map nor ours has, each once with how often it came: of refused
 * events only the first few are told.
 */
import type { Refusal } from "@oee/model";
import { counted } from "./output/for-people.ts";
import { printable } from "./output/printable.ts";

const SHOWN_MAX = 50;

export class UnmappedStates {
  /** By the text of the refusal, which names machine and state. */
  readonly #events = new Map<string, number>();
  #others = 0;

  take({ code, detail }: Refusal): void {
    if (code !== "unknown-state") return;
    const events = this.#events.get(detail);
    if (events === undefined && this.#events.size >= SHOWN_MAX) this.#others++;
    else this.#events.set(detail, (events ?? 0) + 1);
  }

  lines(): readonly string[] {
    const lines = [...this.#events].map(([detail, events]) => printable(`${counted(events, "event")}: ${detail}`));
    if (this.#others > 0) lines.push(`and ${counted(this.#others, "event")} with other states that nothing maps`);
    return lines;
  }
}
