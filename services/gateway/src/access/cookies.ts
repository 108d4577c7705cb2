/**
 * The cookies of sessions and displays. Over TLS their names begin with `__Host-`: a browser takes such a cookie only if it is
 * `Secure`, for the whole host, and set by this host. Without TLS, which a gateway with sign-in has on loopback alone, they do not.
 */

export const COOKIES = ["session", "display", "pairing", "flow"] as const;
export type CookieKind = (typeof COOKIES)[number];

export function cookieName(kind: CookieKind, secure: boolean): string {
  return `${secure ? "__Host-" : ""}oee-${kind}`;
}

/** The header `set-cookie` of a session or display; with `maxAgeSeconds` 0 the browser deletes the cookie. */
export function setCookie(kind: CookieKind, value: string, secure: boolean, maxAgeSeconds: number): string {
  const parts = [
    `${cookieName(kind, secure)}=${value}`,
    "Path=/",
    "HttpOnly",
    "SameSite=Lax",
    `Max-Age=${maxAgeSeconds}`,
  ];
  return [...parts, ...(secure ? ["Secure"] : [])].join("; ");
}

/** The value of our cookie in a header `cookie`; `null`: there is none, or its value is not one that we set. */
export function cookieIn(header: string | undefined, kind: CookieKind, secure: boolean): string | null {
  if (header === undefined) return null;
  const name = cookieName(kind, secure);
  for (const part of header.split(";")) {
    const at = part.indexOf("=");
    if (at < 0 || part.slice(0, at).trim() !== name) continue;
    const value = part.slice(at + 1).trim();
    return /^[A-Za-z0-9._~-]{1,4096}$/.test(value) ? value : null;
  }
  return null;
}
