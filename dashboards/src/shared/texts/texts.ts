import type { en } from "./en.ts";

export type Texts = Readonly<Record<keyof typeof en, string>>;

/** The keys of texts, where plural forms (`_one`, `_other`) have one common key. */
export type Singular<K> = K extends `${infer Base}_one` | `${infer Base}_other` ? Base : K;

/** The keys of shared texts that a view may ask for. */
export type TextKey = Singular<keyof typeof en>;
