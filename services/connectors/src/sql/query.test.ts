import { once } from "node:events";
import { type AddressInfo, createServer } from "node:net";
import { expect, onTestFinished, test } from "vitest";
import { queriedRows } from "./query.ts";

test("a query that is closed while it connects ends at once, not when the database answers", async () => {
  const server = createServer().listen(0, "127.0.0.1");
  onTestFinished(() => void server.close());
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  const ended = new AbortController();
  const asked = { url: `postgres://oee@127.0.0.1:${port}/p`, password: null, query: "select 1", timeoutMs: 600_000 };
  const rows = queriedRows(asked, ended.signal);
  const [socket] = await once(server, "connection");
  ended.abort();
  await expect(rows).rejects.toThrow("closed while it connected");
  socket.destroy();
});
