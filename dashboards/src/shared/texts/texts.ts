import type { en } from "./en.ts";

export type Texts = Readonly<Record<keyof typeof en, string>>;

/** Plural forms under their common name. */
export type Singular<K> = K extends `${infer Base}_one` | `${infer Base}_other` ? Base : K;

/** What a view may ask for: plural forms under their common name. */
export type TextKey = Singular<keyof typeof en>;
