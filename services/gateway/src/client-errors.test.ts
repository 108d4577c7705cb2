import { createServer, type Server, type Socket } from "node:net";
import { connect, type AddressInfo } from "node:net";
import { text } from "node:stream/consumers";
import { expect, onTestFinished, test } from "vitest";
import { answerOnSocket, problemOfClientError } from "./client-errors.ts";
import { HttpProblem } from "./problems.ts";

test.each([
  ["HPE_HEADER_OVERFLOW", 431, "expected a request line and headers of at most 16 KiB together"],
  ["ERR_HTTP_REQUEST_TIMEOUT", 408, "the request did not come whole in time"],
  ["HPE_INVALID_METHOD", 400, "expected a request of HTTP/1.1: no HTTP"],
])("%s is a problem of status %i: %s", (code, status, detail) => {
  expect(problemOfClientError(Object.assign(new Error("no HTTP"), { code }))).toMatchObject({
    status,
    message: detail,
  });
});

test("a connection that the client closed is no problem", () => {
  expect(problemOfClientError(Object.assign(new Error(), { code: "ECONNRESET" }))).toBeNull();
});

test("the answer on a socket is one of HTTP, with the length of its bytes, and ends the connection", async () => {
  const server = await new Promise<Server>((resolve) => {
    const made = createServer((socket: Socket) => {
      answerOnSocket(socket, new HttpProblem("OEE_HTTP_MALFORMED_REQUEST", "größer"), { "oee-version": "1" });
    }).listen(0, "127.0.0.1", () => resolve(made));
  });
  onTestFinished(() => void server.close());
  const answer = await text(connect((server.address() as AddressInfo).port, "127.0.0.1"));
  const [head = "", body = ""] = answer.split("\r\n\r\n");
  expect(head.split("\r\n")).toEqual([
    "HTTP/1.1 400 Bad Request",
    "oee-version: 1",
    "content-type: application/problem+json",
    `content-length: ${Buffer.byteLength(body)}`,
    "connection: close",
  ]);
  expect(JSON.parse(body)).toMatchObject({ code: "OEE_HTTP_MALFORMED_REQUEST", detail: "größer" });
});
