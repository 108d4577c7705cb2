/**
 * How hard a password is to guess, by the same library and list by which the server judges it. It is computed in the browser, while
 * the password is typed; the password is sent nowhere for it.
 */
import { ZxcvbnFactory } from "@zxcvbn-ts/core";
import { adjacencyGraphs as graphs, dictionary } from "@zxcvbn-ts/language-common";

/** The highest score of the library, whose scores are 0 to 4. */
export const STRENGTH_MAX = 4;
/** The least score that the server accepts: 10^8 guesses. */
export const STRENGTH_TAKEN = 3;

const guesser = new ZxcvbnFactory({ dictionary, graphs });

/** The score of a password, 0 to 4. `name`: the person's name, which guessers try too. */
export function strengthOf(password: string, name: string): number {
  return guesser.check(password, [name]).score;
}
