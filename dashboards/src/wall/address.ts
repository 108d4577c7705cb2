/**
 * A screen's address has all its settings, so that it needs no keyboard: `/wall/<scope>?window=shift&theme=dark&lang=de&rotate=30s&scopes=a,b&sort=worst&tiles=areas`.
 * An address that was written is read to the same settings. A part that cannot be understood is a problem to show, never a guess.
 */
import { LANGUAGES, languageOf } from "../shared/i18n.ts";

export const THEMES = ["dark", "light"] as const;
export const SORTS = ["plant", "worst"] as const;
export const TILES = ["lines", "areas", "sites"] as const;
const ROTATE_MIN_MS = 5_000;
const ROTATE_DEFAULT_MS = 20_000;
const ROTATE_MAX_MS = 3_600_000;
const SCOPES_MAX = 50;

export interface WallAddress {
  /** Scopes that the screen shows one after another; at least one. `*` is the enterprise. */
  readonly scopes: readonly string[];
  readonly window: string;
  readonly theme: (typeof THEMES)[number];
  /** BCP 47 tag, or `null` for the browser's own. */
  readonly language: string | null;
  readonly rotateMs: number;
  readonly sort: (typeof SORTS)[number];
  readonly tiles: (typeof TILES)[number];
}

export interface AddressProblem {
  readonly option: string;
  readonly found: string;
  readonly expected: string;
}

export interface ParsedAddress {
  /** The settings; without scopes the address is that of the page that sets a screen up. */
  readonly address: WallAddress;
  readonly problems: readonly AddressProblem[];
}

export function parseWallAddress(pathname: string, search: string): ParsedAddress {
  const options = new URLSearchParams(search);
  const problems: AddressProblem[] = [];
  const oneOf = <T extends string>(option: string, allowed: readonly T[], fallback: T): T => {
    const found = options.get(option);
    if (found === null) return fallback;
    const value = allowed.find((candidate) => candidate === found);
    if (value === undefined) problems.push({ option, found, expected: allowed.join(", ") });
    return value ?? fallback;
  };
  const scopes = new Set<string>();
  const first = decoded(pathname.replace(/^\/wall\/?/, "").replace(/\/+$/, ""));
  if (first !== "") scopes.add(first);
  for (const scope of (options.get("scopes") ?? "").split(",")) {
    if (scope.trim() !== "" && scopes.size < SCOPES_MAX) scopes.add(scope.trim());
  }
  const language = options.get("lang");
  if (language !== null && !isLanguageTag(language)) {
    problems.push({ option: "lang", found: language, expected: LANGUAGES.join(", ") });
  }
  const rotate = options.get("rotate");
  const rotateMs = rotate === null ? ROTATE_DEFAULT_MS : parseDuration(rotate);
  if (rotateMs === null || rotateMs < ROTATE_MIN_MS || rotateMs > ROTATE_MAX_MS) {
    problems.push({ option: "rotate", found: rotate ?? "", expected: "5s – 60m" });
  }
  return {
    address: {
      scopes: [...scopes],
      window: options.get("window") ?? "shift",
      theme: oneOf("theme", THEMES, "dark"),
      language,
      rotateMs: rotateMs ?? ROTATE_DEFAULT_MS,
      sort: oneOf("sort", SORTS, "plant"),
      tiles: oneOf("tiles", TILES, "lines"),
    },
    problems,
  };
}

/** Path and query of the screen; options at their defaults are left out. */
export function formatWallAddress(address: WallAddress): string {
  const [first = "", ...others] = address.scopes;
  const options: string[] = [];
  const add = (option: string, value: string): void => {
    options.push(`${option}=${encodeURIComponent(value).replace(/%2C/g, ",").replace(/%2F/g, "/")}`);
  };
  if (others.length > 0) add("scopes", others.join(","));
  add("window", address.window);
  add("theme", address.theme);
  if (address.language !== null) add("lang", address.language);
  if (address.rotateMs !== ROTATE_DEFAULT_MS) add("rotate", `${Math.round(address.rotateMs / 1_000)}s`);
  if (address.sort !== "plant") add("sort", address.sort);
  if (address.tiles !== "lines") add("tiles", address.tiles);
  return `/wall/${first.split("/").map(encodeURIComponent).join("/")}?${options.join("&")}`;
}

/** The ms of a duration such as `30s`, `15m`, `8h` or `1d`; `null`: the text is no duration. */
export function parseDuration(text: string): number | null {
  const match = /^(\d{1,9})(ms|s|m|h|d)$/.exec(text);
  if (match === null) return null;
  const unitMs = { ms: 1, s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 }[match[2] ?? ""];
  return unitMs === undefined ? null : Number(match[1]) * unitMs;
}

function isLanguageTag(tag: string): boolean {
  try {
    return languageOf(tag) !== null && Intl.getCanonicalLocales(tag).length === 1;
  } catch {
    return false;
  }
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
