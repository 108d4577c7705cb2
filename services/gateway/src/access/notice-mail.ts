/**
 * Sends notices to people by mail, from the one gateway that is on duty (`keeper/duty.ts`). What the mail server does not take
 * is sent later, with growing pauses; until then the person sees it at the next sign-in.
 */
import { formatInstant } from "@oee/model";
import { FailedTries, OneAtATime } from "@oee/pacing";
import type { Logger } from "pino";
import type { MailServer } from "../keeper/options.ts";
import { sendMail } from "../keeper/send.ts";
import type { AccessLog } from "./access-log.ts";
import type { About, Notice, Notices } from "./notices.ts";

const LOOK_EVERY_MS = 2_000;
const AGAIN_AFTER = { firstDelayMs: 5_000, delayMsMax: 300_000 };

export interface NoticeMailParts {
  readonly log: AccessLog;
  readonly notices: Notices;
  readonly logger: Pick<Logger, "warn">;
  /** The mail server; `null`: none is named. It may change while the gateway runs. */
  readonly mail: () => MailServer | null;
  readonly isOnDuty: () => boolean;
  /** Called when the mail server has taken a notice. */
  readonly onSent: (notice: Notice) => Promise<void>;
}

export class NoticeMail {
  readonly #parts: NoticeMailParts;
  readonly #failed = new FailedTries(AGAIN_AFTER);
  readonly #looking: OneAtATime;
  readonly #timer: NodeJS.Timeout;
  #closed = false;

  constructor(parts: NoticeMailParts) {
    this.#parts = parts;
    this.#looking = new OneAtATime(
      () => this.#look(),
      (error) => {
        if (!this.#closed) parts.logger.warn({ err: error }, "notices to people are not looked after; they are again");
      },
    );
    this.#timer = setInterval(() => this.#looking.request(), LOOK_EVERY_MS);
    this.#timer.unref();
    parts.log.onChange((kind) => {
      if (kind === "notice" && !this.#closed) this.#looking.request();
    });
  }

  async close(): Promise<void> {
    this.#closed = true;
    clearInterval(this.#timer);
    await this.#looking.idle();
  }

  async #look(): Promise<void> {
    const { log, notices, mail, isOnDuty } = this.#parts;
    await log.caughtUp;
    if (this.#closed) return;
    await notices.look();
    const server = mail();
    if (server === null) return;
    for (const notice of notices.all()) {
      if (this.#closed || !isOnDuty()) return;
      await this.#send(notice, server);
    }
  }

  async #send(notice: Notice, server: MailServer): Promise<void> {
    const { notices, logger, onSent } = this.#parts;
    const { id, about } = notice;
    const to = notices.addressOf(notice);
    // Real time, as of the mail server.
    if (to === null || !this.#failed.mayTry(id, Date.now())) return;
    try {
      await sendMail(mailOf(notice), to, server);
    } catch (error) {
      const why = error instanceof Error ? error.message : String(error);
      this.#failed.failed(id, Date.now(), why);
      logger.warn(
        { code: "OEE_NOTICE_NOT_DELIVERED", person: notice.person, about, why },
        "a notice was not delivered",
      );
      return;
    }
    this.#failed.done(id);
    await notices.remove(id);
    await onSent(notice);
  }
}

const WHAT: Readonly<Record<About, string>> = {
  password: "Your password was changed",
  "second-factor": "Your second factor was set or reset",
  address: "The address that notices about your account go to was changed",
  "code-again": "Somebody who knows your password tried a code of your authenticator app that had been used",
  "codes-wrong": "Somebody who knows your password tried wrong codes of your authenticator app",
  guessing: "Somebody tried many wrong passwords of yours",
  "new-place": "Somebody signed in with your password from where you have not been before",
};

/** A notice as mail. It has neither the name of the person nor anything by which one signs in. */
function mailOf({ id, about, at, from }: Notice): {
  readonly key: string;
  readonly subject: string;
  readonly text: string;
} {
  const lines = [
    `${WHAT[about]}.`,
    "",
    `When:  ${formatInstant(at)}`,
    `Where: ${from ?? "in the users file, by an administrator"}`,
    "",
    "If this was not you, and you do not know of it, tell whoever administers Open OEE.",
  ];
  return { key: `notice/${id}`, subject: `[OEE] ${WHAT[about]}`, text: `${lines.join("\n")}\n` };
}
