import { createHmac } from "node:crypto";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { text } from "node:stream/consumers";
import { afterEach, beforeEach, expect, test } from "vitest";
import { startMailServer, type TestMailServer } from "../../test/mail-server.ts";
import type { MessageBody } from "./message-text.ts";
import { send, sendMail, shownAddress, signatureOf } from "./send.ts";

const BODY = { key: "k/ö", subject: "Subject", text: "Text\n" } as MessageBody;
let mails: TestMailServer;
beforeEach(async () => {
  mails = await startMailServer();
});
afterEach(() => mails.close());

test("a webhook gets the message with its key and a signature over the time and the body", async () => {
  const came: { readonly headers: Readonly<Record<string, unknown>>; readonly body: string }[] = [];
  let status = 204;
  const server = createServer(async (request, response) => {
    came.push({ headers: request.headers, body: await text(request) });
    response.writeHead(status).end();
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const to = `http://127.0.0.1:${(server.address() as AddressInfo).port}/hook/secret-path`;
  const receiver = { by: "webhook", to, secret: "s3" } as const;
  await send(BODY, receiver, null, 1_700_000_000_999);
  const [first] = came;
  expect(JSON.parse(first?.body ?? "")).toEqual(BODY);
  expect(first?.headers).toMatchObject({
    "oee-key": "k%2F%C3%B6",
    "oee-timestamp": "1700000000",
    "oee-signature": `v1=${createHmac("sha256", "s3").update(`1700000000.${first?.body}`).digest("hex")}`,
  });
  status = 503;
  await expect(send(BODY, receiver, null, 0)).rejects.toThrow(`${shownAddress(receiver)} answered 503`);
  expect(shownAddress(receiver)).not.toContain("secret-path");
  await new Promise((resolve) => server.close(resolve));
});

test("a known signature: HMAC-SHA256 of `1.{}` with the key `key`", () => {
  // By `printf '1.{}' | openssl dgst -sha256 -hmac key`.
  expect(signatureOf("key", "1", "{}")).toBe("v1=1ba6b8171186efc613e8bcc0cbdab2748f24984d7c5a84faa2637afa0e40d224");
});

test("a mail has the key, and an id that follows from it; what the server refuses is told without the password", async () => {
  await sendMail(BODY, "anna@example.org", mails.mail);
  const [mail] = mails.mails;
  expect(mail?.text).toMatch(/^oee-key: k%2F%C3%B6\r?$/im);
  const id = /^message-id: (.*?)\r?$/im.exec(mail?.text ?? "")?.[1];
  await sendMail(BODY, "anna@example.org", mails.mail);
  expect(mails.mails[1]?.text).toContain(id);
  mails.refuse("no room for pa55word");
  const url = mails.mail.url.replace("smtp://", "smtp://oee:pa55word@");
  const refused = sendMail(BODY, "anna@example.org", { ...mails.mail, url });
  await expect(refused).rejects.toThrow(/^the mail server did not take it: (?!.*pa55word)/s);
  await expect(send(BODY, { by: "email", to: "anna@example.org" }, null, 0)).rejects.toThrow("no mail server is named");
});
