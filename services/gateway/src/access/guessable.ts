/**
 * Tells whether a password is one that guessers try first: one of the 49,000 most common of those that have leaked,
 * one of these with a few characters added or replaced, a row of keys, or a repetition. The list is part of the
 * product; no other server is asked.
 */
import type { ZxcvbnFactory } from "@zxcvbn-ts/core";

/** Who may guess offline, from the digests of a stolen file, tries so many soon (the library's score of 3). */
const GUESSES_MIN = 1e8;

let library: Promise<ZxcvbnFactory> | null = null;

/** Loaded where a password is set, which is seldom. */
function guesser(): Promise<ZxcvbnFactory> {
  library ??= Promise.all([import("@zxcvbn-ts/core"), import("@zxcvbn-ts/language-common")]).then(
    ([{ ZxcvbnFactory }, { dictionary, adjacencyGraphs: graphs }]) => new ZxcvbnFactory({ dictionary, graphs }),
  );
  return library;
}

/** `name`: of the user, which is tried too. */
export async function isGuessable(password: string, name: string): Promise<boolean> {
  return (await guesser()).check(password, [name]).guesses < GUESSES_MIN;
}
