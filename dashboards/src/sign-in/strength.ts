/**
 * How hard a password is to guess, shown while it is typed: by the list and the library by which the server judges it. Loaded where
 * a password is changed; the password goes nowhere for it.
 */
import { ZxcvbnFactory } from "@zxcvbn-ts/core";
import { adjacencyGraphs as graphs, dictionary } from "@zxcvbn-ts/language-common";

/** Scores of the library: 0 to 4. */
export const STRENGTH_MAX = 4;
/** The server refuses what has less: 10^8 guesses. */
export const STRENGTH_TAKEN = 3;

const guesser = new ZxcvbnFactory({ dictionary, graphs });

/** `name`: of the person, which guessers try too. */
export function strengthOf(password: string, name: string): number {
  return guesser.check(password, [name]).score;
}
