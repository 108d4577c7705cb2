/**
 * Checks whether a password is one that guessers try first: one of the 49,000 most common of those that have leaked,
 * one of these with a few characters added or replaced, a row of keys, or a repetition. The list is part of the
 * product; no other server is asked.
 */
import type { ZxcvbnFactory } from "@zxcvbn-ts/core";

/** A password must need at least so many guesses (the library's score of 3): an attacker with a stolen file of digests soon tries fewer. */
const GUESSES_MIN = 1e8;

let library: Promise<ZxcvbnFactory> | null = null;

/** The library with its list, loaded the first time that a password is set. */
function guesser(): Promise<ZxcvbnFactory> {
  library ??= Promise.all([import("@zxcvbn-ts/core"), import("@zxcvbn-ts/language-common")]).then(
    ([{ ZxcvbnFactory }, { dictionary, adjacencyGraphs: graphs }]) => new ZxcvbnFactory({ dictionary, graphs }),
  );
  return library;
}

/** Whether a password can be guessed. The user's `name` counts among the words that guessers try. */
export async function isGuessable(password: string, name: string): Promise<boolean> {
  return (await guesser()).check(password, [name]).guesses < GUESSES_MIN;
}
