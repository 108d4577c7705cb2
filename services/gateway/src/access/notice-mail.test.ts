import { pino } from "pino";
import { expect, onTestFinished, test } from "vitest";
import { startMailServer } from "../../test/mail-server.ts";
import { openMemoryAccess } from "../../test/memory-access.ts";
import { usersOf } from "../../test/signed-in.ts";
import { NoticeMail } from "./notice-mail.ts";
import { type Notice, Notices } from "./notices.ts";

/** 2026-03-02T05:00Z. */
const NOW = Date.UTC(2026, 2, 2, 5);

test("a notice goes by mail from the gateway on duty alone, once; it stays where its person has no address", async () => {
  const smtp = await startMailServer();
  const { log, close } = await openMemoryAccess();
  const users = await usersOf({ anna: ["viewer"], ben: ["viewer"] });
  const [anna, ben] = [users.get("anna"), users.get("ben")];
  if (anna === undefined || ben === undefined) throw new Error("both are users");
  users.set("anna", { ...anna, email: "anna@example.org" });
  const notices = new Notices(
    log,
    () => users,
    () => NOW,
  );
  const sent: Notice[] = [];
  const mailWhere = (isOnDuty: boolean): NoticeMail =>
    new NoticeMail({
      ...{ log, notices, logger: pino({ level: "silent" }), mail: () => smtp.mail, isOnDuty: () => isOnDuty },
      onSent: async (notice) => void sent.push(notice),
    });
  const mails = [mailWhere(false)];
  onTestFinished(async () => {
    for (const mail of mails) await mail.close();
    await close();
    await smtp.close();
  });
  await notices.add(anna.id, "guessing", "192.0.2.7");
  // A look is over when the users file is written down.
  await expect.poll(() => log.all("account").size).toBe(2);
  expect([smtp.mails.length, notices.all().length]).toEqual([0, 1]);
  mails.push(mailWhere(true));
  await notices.add(ben.id, "guessing", "192.0.2.7");
  await expect.poll(() => sent.map(({ person, about }) => [person, about])).toEqual([[anna.id, "guessing"]]);
  expect(notices.all().map(({ person }) => person)).toEqual([ben.id]);
  expect(smtp.mails.map(({ to }) => to)).toEqual(["anna@example.org"]);
  const text = (smtp.mails[0]?.text ?? "").replaceAll("=\r\n", "");
  expect(text).toContain("Subject: [OEE] Somebody tried many wrong passwords of yours");
  expect(text).toContain("When:  2026-03-02T05:00:00.000Z\r\nWhere: 192.0.2.7\r\n");
});
