/** The words by which a simulated machine reports our states: its state map read backwards (TL-5). */
import { type Machine, normalizeStateName, type StateName } from "@oee/model";
import type { Habits } from "./habits.ts";

/** Words that are preferred where several of a state map mean one state: those of a stop that lasts. */
const LASTING: ReadonlySet<string> = new Set([
  "execute",
  "held",
  "suspended",
  "aborted",
  "interrupted",
  "scheduled-downtime",
]);
const LASTING_NUMBERS: ReadonlySet<string> = new Set(["6", "11", "5", "9"]);

/** How the machine writes a state: a word or a number of its state map, else our own name. */
export function wordFor(machine: Machine, habits: Habits, state: StateName): string | number {
  const words: string[] = [];
  for (const [word, meaning] of machine.states) if (meaning === state) words.push(word);
  const numbers = words.filter((word) => /^\d{1,9}$/.test(word));
  if (habits.speaksNumbers) {
    const number = numbers.find((word) => LASTING_NUMBERS.has(word)) ?? numbers[0];
    if (number !== undefined) return Number(number);
  }
  const names = words.filter((word) => !numbers.includes(word));
  const word = names.find((name) => LASTING.has(normalizeStateName(name))) ?? names[0] ?? numbers[0] ?? state;
  return habits.shouts && names.length > 0 ? word.toUpperCase().replaceAll("-", "_") : word;
}
