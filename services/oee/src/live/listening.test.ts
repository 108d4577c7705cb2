import { createServer } from "node:http";
import { networkInterfaces } from "node:os";
import { expect, onTestFinished, test } from "vitest";
import { urlsOf } from "./listening.ts";

const cards = Object.values(networkInterfaces()).flatMap((card) => card ?? []);
const hasIpv6 = cards.some(({ family }) => family === "IPv6");

async function urlsAt(host: string): Promise<readonly string[]> {
  const server = createServer((_request, response) => void response.end("here"));
  await new Promise<void>((resolve) => server.listen(0, host, resolve));
  onTestFinished(() => void server.close());
  return urlsOf({ host, port: 0 }, server);
}

test.for(hasIpv6 ? ["0.0.0.0", "::", "0::0"] : ["0.0.0.0"])(
  "a server at %s can be opened by each address that is told of it",
  async (host) => {
    const urls = await urlsAt(host);
    expect(urls[0]).toMatch(/^http:\/\/localhost:\d+$/);
    const others = cards.filter(
      ({ internal, family, address }) =>
        !internal && !address.startsWith("fe80:") && (host !== "0.0.0.0" || family === "IPv4"),
    );
    expect(urls).toHaveLength(1 + others.length);
    for (const url of urls) expect(await (await fetch(url)).text()).toBe("here");
  },
);

test.for(hasIpv6 ? ["127.0.0.1", "::1", "localhost"] : ["127.0.0.1", "localhost"])(
  "a server at %s is told by that address",
  async (host) => {
    const [url, ...more] = await urlsAt(host);
    expect(more).toEqual([]);
    expect(new URL(url ?? "").hostname).toBe(host === "::1" ? "[::1]" : host);
    expect(await (await fetch(url ?? "")).text()).toBe("here");
  },
);
