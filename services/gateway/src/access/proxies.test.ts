import type { IncomingMessage } from "node:http";
import { expect, test } from "vitest";
import { Proxies } from "./proxies.ts";

const request = (from: string, protocol: string): IncomingMessage =>
  ({ socket: { remoteAddress: from }, headers: { "x-forwarded-proto": protocol } }) as unknown as IncomingMessage;

test("an address is trusted where it, or its network, was named, also as a socket of both families writes it", () => {
  const proxies = new Proxies(["10.0.0.0/8", "::1", " 192.168.1.5 "]);
  for (const address of ["10.200.0.1", "::ffff:10.0.0.1", "::1", "192.168.1.5"]) {
    expect(proxies.trusts(address)).toBe(true);
  }
  for (const address of ["11.0.0.1", "192.168.1.6", "::2", "", "proxy"]) expect(proxies.trusts(address)).toBe(false);
});

test("what a proxy says of TLS is believed of a trusted one alone, and the last that spoke counts", () => {
  const proxies = new Proxies(["10.0.0.1"]);
  expect(proxies.isSecure(request("10.0.0.1", "https"))).toBe(true);
  expect(proxies.isSecure(request("10.0.0.2", "https"))).toBe(false);
  expect(proxies.isSecure(request("10.0.0.1", "https, http"))).toBe(false);
});

test("what is no address is named", () => {
  for (const text of ["proxy.example", "10.0.0.0/x", ""]) {
    expect(() => new Proxies([text])).toThrow(`found ${JSON.stringify(text)}, expected IP addresses`);
  }
});
