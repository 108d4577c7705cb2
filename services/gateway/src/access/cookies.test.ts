import { expect, test } from "vitest";
import { cookieIn, cookieName, setCookie } from "./cookies.ts";

test("over TLS a cookie is bound to this host, and no script reads it", () => {
  expect(setCookie("session", "s3cret", true, 60)).toBe(
    "__Host-oee-session=s3cret; Path=/; HttpOnly; SameSite=Lax; Max-Age=60; Secure",
  );
  expect(setCookie("session", "s3cret", false, 0)).toBe(
    "oee-session=s3cret; Path=/; HttpOnly; SameSite=Lax; Max-Age=0",
  );
});

test("a cookie is found among others by its whole name, and only with a value that we may have set", () => {
  const header = "x-oee-session=no; oee-session=abc_1.2~3-; oee-display=d";
  expect(cookieIn(header, "session", false)).toBe("abc_1.2~3-");
  expect(cookieIn(header, "session", true)).toBeNull();
  expect(cookieIn(header, "pairing", false)).toBeNull();
  expect(cookieIn(undefined, "session", false)).toBeNull();
  for (const value of ["", "a b", '"quoted"', "a".repeat(4_097)]) {
    expect(cookieIn(`${cookieName("session", true)}=${value}`, "session", true)).toBeNull();
  }
});
