/**
 * Sends a message to one receiver: a signed POST to a webhook, or a mail by SMTP. Both carry the message's key, by
 * which a receiver recognises a message that comes twice.
 */
import { createHash, createHmac } from "node:crypto";
import type { MailServer, Receiver } from "./options.ts";
import type { MessageBody } from "./message-text.ts";

const TIMEOUT_MS = 10_000;

/** Sends a message; resolves when the receiver took it. Rejects with what the receiver answered, in words that hold no secret. */
export async function send(body: MessageBody, to: Receiver, mail: MailServer | null, now: number): Promise<void> {
  if (to.by === "webhook") return post(body, to, now);
  if (mail === null) throw new Error("no mail server is named");
  return sendMail(body, to.to, mail);
}

/** The address of a receiver as logs show it: of a webhook its host, and a digest in place of the path, which may be a secret. */
export function shownAddress({ by, to }: Receiver): string {
  return by === "email" ? to : `${new URL(to).origin}/#${createHash("sha256").update(to).digest("hex").slice(0, 8)}`;
}

/** `v1=` and the HMAC-SHA256 (hex) of the timestamp, a full stop, and the body. */
export function signatureOf(secret: string, timestamp: string, body: string): string {
  return `v1=${createHmac("sha256", secret).update(`${timestamp}.${body}`, "utf8").digest("hex")}`;
}

async function post(message: MessageBody, to: Extract<Receiver, { by: "webhook" }>, now: number): Promise<void> {
  const body = JSON.stringify(message);
  const timestamp = String(Math.floor(now / 1000));
  const response = await fetch(to.to, {
    method: "POST",
    headers: {
      "content-type": "application/json",
      "oee-key": encodeURIComponent(message.key),
      "oee-timestamp": timestamp,
      ...(to.secret === null ? {} : { "oee-signature": signatureOf(to.secret, timestamp, body) }),
    },
    body,
    redirect: "error",
    signal: AbortSignal.timeout(TIMEOUT_MS),
  }).catch((error: unknown) => {
    throw new Error(`${shownAddress(to)} did not answer: ${reasonOf(error)}`);
  });
  await response.body?.cancel();
  if (!response.ok) throw new Error(`${shownAddress(to)} answered ${response.status}`);
}

/** Sends a mail; resolves when the mail server took it, and rejects as `send`. */
export async function sendMail(
  { key, subject, text }: Pick<MessageBody, "key" | "subject" | "text">,
  to: string,
  { url, from }: MailServer,
): Promise<void> {
  const timeouts = { connectionTimeout: TIMEOUT_MS, greetingTimeout: TIMEOUT_MS, socketTimeout: TIMEOUT_MS };
  // The library is loaded only when a mail is sent, since most plants send none.
  const { createTransport } = await import("nodemailer");
  const transport = createTransport({ url, ...timeouts });
  const id = createHash("sha256").update(`${key} ${to}`).digest("hex").slice(0, 32);
  try {
    await transport.sendMail({
      from,
      to,
      subject,
      text,
      // The id follows from the message's key, so that a mailbox that gets the message twice shows it once.
      messageId: `<${id}@open-oee>`,
      headers: { "oee-key": encodeURIComponent(key), "auto-submitted": "auto-generated" },
      disableFileAccess: true,
      disableUrlAccess: true,
    });
  } catch (error) {
    throw new Error(`the mail server did not take it: ${withoutPassword(reasonOf(error), url)}`, { cause: error });
  } finally {
    transport.close();
  }
}

function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  return error.cause instanceof Error ? error.cause.message : error.message;
}

function withoutPassword(text: string, url: string): string {
  const { password } = new URL(url);
  return password === "" ? text : text.replaceAll(decodeURIComponent(password), "…");
}
