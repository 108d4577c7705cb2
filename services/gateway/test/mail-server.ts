/** A real SMTP server on a free port, which keeps the mails that it takes. */
import type { AddressInfo } from "node:net";
import { SMTPServer } from "smtp-server";
import type { MailServer } from "../src/keeper/options.ts";

export interface Mail {
  readonly to: string;
  /** Headers and body, as they came. */
  readonly text: string;
}

export interface TestMailServer {
  readonly mails: readonly Mail[];
  /** What a gateway is given to send by it. */
  readonly mail: MailServer;
  /** Refuses mails with this reason; `null`: takes them. */
  refuse(why: string | null): void;
  close(): Promise<void>;
}

export async function startMailServer(): Promise<TestMailServer> {
  const mails: Mail[] = [];
  let refusal: string | null = null;
  const server = new SMTPServer({
    authOptional: true,
    disabledCommands: ["STARTTLS"],
    onData(stream, session, done) {
      let text = "";
      stream.on("data", (piece: Buffer) => (text += piece.toString("utf8")));
      stream.on("end", () => {
        if (refusal !== null) return done(new Error(refusal));
        for (const { address } of session.envelope.rcptTo) mails.push({ to: address, text });
        done();
      });
    },
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.server.address() as AddressInfo;
  return {
    mails,
    mail: { url: `smtp://127.0.0.1:${port}`, from: "oee@example.org" },
    refuse: (why) => void (refusal = why),
    close: () => new Promise<void>((resolve) => server.close(resolve)),
  };
}
