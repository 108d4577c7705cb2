/** the outbox before a server in memory that loses requests, answers and whole pages. */
import { expect, test } from "vitest";
import { ApiProblem } from "../api/ask.ts";
import {
  type Correction,
  givingBack,
  type ReasonEntry,
  type Said,
  type Segment,
  type UndoEntry,
  undoOf,
} from "./entry.ts";
import { type CorrectionPort, forgetDone, Outbox, PENDING_MAX } from "./outbox.ts";

const entry = (id: string, stop = "s", more: Partial<ReasonEntry> = {}): ReasonEntry => ({
  kind: "reason",
  id,
  machine: "l/m",
  stop,
  from: 10,
  to: 50,
  seen: { state: "down", reason: null, correctedBy: null },
  at: 90,
  by: "anna",
  parts: [{ from: 10, to: 50, reason: "jam" }],
  note: null,
  ...more,
});

class Memory {
  text: string | null = null;
  readonly getItem = (): string | null => this.text;
  readonly setItem = (_: string, text: string): void => void (this.text = text);
}

class Server implements CorrectionPort {
  readonly taken: Correction[] = [];
  /** How many of the next posts fail, and whether what they said came through all the same. */
  fails = 0;
  answersLost = false;
  problem: ApiProblem | null = null;
  current: Segment[] = [{ stop: "s", from: 10, to: 50, open: false, state: "down", reason: null, correctedBy: null }];

  /** Who is signed in; `null`: people do not sign in here. */
  signedIn: string | null = null;

  readonly person = async (): Promise<string | null> => this.signedIn;

  readonly segments = async (): Promise<readonly Segment[]> => this.current;

  readonly post = async (correction: Correction): Promise<void> => {
    if (this.problem !== null) throw this.problem;
    const failing = this.fails-- > 0;
    if (failing && !this.answersLost) throw new TypeError("no network");
    if (!this.taken.some(({ id }) => id === correction.id)) {
      this.taken.push(correction);
      const by = correction.by;
      this.current = this.current.map((segment) => ({
        ...segment,
        reason: correction.clear ? null : (correction.reason ?? null),
        correctedBy: correction.clear ? null : by,
      }));
    }
    if (failing) throw new TypeError("the answer was lost");
  };

  readonly said = async (): Promise<readonly Said[]> =>
    this.taken.map(({ reason = null, state = null, clear = false, ...word }) => ({ ...word, reason, state, clear }));

  readonly timeline = async (): Promise<[]> => [];

  readonly effect = async (): Promise<boolean> => true;
}

interface Bench {
  readonly outbox: Outbox;
  /** Runs what was put off, until nothing is left. */
  readonly settle: () => Promise<void>;
}

/** `onEffect`: the page asks again for its list. */
function bench(
  server: Server,
  storage: Memory = new Memory(),
  onEffect: () => Promise<void> = async () => undefined,
): Bench {
  const later: (() => void)[] = [];
  const outbox = new Outbox({
    port: server,
    storage,
    now: () => 1_000,
    later: (run) => void later.push(run),
    onEffect,
  });
  const breathe = async (): Promise<void> => new Promise((resolve) => setImmediate(resolve));
  return {
    outbox,
    settle: async () => {
      await breathe();
      for (let turn = 0; turn < 20 && later.length > 0; turn++) {
        for (const run of later.splice(0)) run();
        await breathe();
      }
    },
  };
}

test("an entry is sent, comes into effect, and may be undone; each once", async () => {
  const server = new Server();
  const { outbox, settle } = bench(server);
  outbox.add(entry("a"));
  await settle();
  expect(outbox.state()).toMatchObject({ pending: [], done: [{ id: "a" }] });
  const [done] = outbox.state().done;
  if (done === undefined) throw new Error("nothing is done");
  outbox.add(undoOf(done as ReasonEntry, 95));
  await settle();
  expect(outbox.state()).toMatchObject({ pending: [], done: [] });
  expect(server.taken.map(({ id }) => id)).toEqual(["a/0", "a-undo/0"]);
});

test.each([false, true])(
  "what the network loses is sent again, also by the next page (answers lost: %s)",
  async (answersLost) => {
    const [server, storage] = [new Server(), new Memory()];
    server.fails = 1;
    server.answersLost = answersLost;
    const first = bench(server, storage);
    first.outbox.add(entry("a"));
    await new Promise((resolve) => setImmediate(resolve));
    expect(first.outbox.state()).toMatchObject({ pending: [{ stage: "waiting" }] });
    // The page is closed; another one begins with what was kept.
    const second = bench(server, storage);
    void second.outbox.send();
    await second.settle();
    expect(second.outbox.state()).toMatchObject({ pending: [], done: [{ id: "a" }] });
    expect(server.taken).toHaveLength(1);
  },
);

test("pages of one browser lose no entry of one another, also where one has not been told what the other wrote", async () => {
  const [server, storage] = [new Server(), new Memory()];
  server.fails = Infinity;
  const [first, second] = [bench(server, storage), bench(server, storage)];
  // The browser tells a page that stands still, or is shown again by going back, nothing of what others write.
  first.outbox.add(entry("a", "s"));
  second.outbox.add(entry("b", "t"));
  first.outbox.add(entry("c", "u"));
  for (const { outbox } of [first, second]) outbox.reread();
  const ids = ({ outbox }: Bench): readonly string[] => outbox.state().pending.map((each) => each.entry.id);
  expect([ids(first), ids(second)]).toEqual([
    ["a", "b", "c"],
    ["a", "b", "c"],
  ]);
  first.outbox.decide("b", "drop");
  second.outbox.decide("c", "drop");
  expect([ids(bench(server, storage)), ids(second)]).toEqual([["a"], ["a"]]);
});

test("an entry that two pages of a browser wait for is done once", async () => {
  const [server, storage] = [new Server(), new Memory()];
  let answer = (): void => undefined;
  const asked = new Promise<void>((resolve) => (answer = resolve));
  const [slow, quick] = [bench(server, storage, async () => asked), bench(server, storage)];
  slow.outbox.add(entry("a"));
  await slow.settle();
  quick.outbox.reread();
  void quick.outbox.send();
  await quick.settle();
  slow.outbox.reread();
  answer();
  await slow.settle();
  for (const { outbox } of [slow, quick]) {
    outbox.reread();
    expect(outbox.state().done.map(({ id }) => id)).toEqual(["a"]);
  }
});

test("an entry of somebody else than who is signed in waits for its person, and holds up nobody", async () => {
  const [server, storage] = [new Server(), new Memory()];
  server.signedIn = "ben";
  const first = bench(server, storage);
  first.outbox.add(entry("a"));
  first.outbox.add(entry("b", "s", { by: "ben", parts: [{ from: 10, to: 50, reason: "belt" }] }));
  await first.settle();
  expect(first.outbox.state()).toMatchObject({
    pending: [{ stage: "others", entry: { id: "a" } }],
    done: [{ id: "b" }],
  });
  // At the sign-out the browser forgets what the server has, and keeps what it has not.
  forgetDone(storage);
  server.signedIn = "anna";
  const second = bench(server, storage);
  expect(second.outbox.state()).toMatchObject({ pending: [{ stage: "waiting" }], done: [] });
  void second.outbox.send();
  await second.settle();
  // Ben's entry came between, so that she decides.
  expect(second.outbox.state().pending).toMatchObject([
    { stage: "conflict", now: { reason: "belt", correctedBy: "ben" } },
  ]);
  second.outbox.decide("a", "overwrite");
  await second.settle();
  expect(server.taken.map(({ id, by }) => [id, by])).toEqual([
    ["b/0", "ben"],
    ["a/0", "anna"],
  ]);
});

test("who comes second decides; what the server refuses is told and not sent again", async () => {
  const server = new Server();
  const { outbox, settle } = bench(server);
  server.current = server.current.map((segment) => ({ ...segment, reason: "seal", correctedBy: "bo" }));
  outbox.add(entry("a"));
  outbox.add(entry("b", "t"));
  await settle();
  expect(outbox.state().pending).toMatchObject([
    { stage: "conflict", now: { correctedBy: "bo" } },
    { stage: "conflict" },
  ]);
  outbox.decide("b", "drop");
  server.problem = new ApiProblem(422, "OEE_HTTP_CORRECTION_REFUSED", "past");
  outbox.decide("a", "overwrite");
  await settle();
  expect(outbox.state().pending).toMatchObject([{ stage: "refused", problem: "past" }]);
  expect(server.taken).toEqual([]);
});

test("entries of one stop wait for each other; a full outbox takes no more", async () => {
  const server = new Server();
  const { outbox, settle } = bench(server);
  outbox.add(entry("a"));
  outbox.add(
    entry("b", "s", {
      seen: { state: "down", reason: "jam", correctedBy: "anna" },
      parts: [{ from: 10, to: 50, reason: "seal" }],
    }),
  );
  await settle();
  expect(server.taken.map(({ reason }) => reason)).toEqual(["jam", "seal"]);
  server.fails = Infinity;
  for (let i = 0; i < PENDING_MAX; i++) expect(outbox.add(entry(`c${i}`))).toBe(true);
  expect(outbox.add(entry("d"))).toBe(false);
});

test("a reason of a stop that goes on is held", async () => {
  const server = new Server();
  server.current = server.current.map((segment) => ({ ...segment, open: true }));
  const { outbox, settle } = bench(server);
  outbox.add(entry("a", "s", { to: null, parts: [{ from: 10, to: null, reason: "jam" }] }));
  await settle();
  expect(outbox.state().holds).toMatchObject([{ reason: "jam", until: server.taken[0]?.to }]);
  server.current = server.current.map((segment) => ({ ...segment, open: false }));
  await outbox.keep();
  expect(server.taken[1]).toMatchObject({ from: 50, to: server.taken[0]?.to, clear: true });
  expect(outbox.state().holds).toEqual([]);
});

test("R-4: of two pages that looked at once each is told what the other's entry came to", async () => {
  const server = new Server();
  const [anna, bo] = [bench(server), bench(server)];
  // Both have looked before either has sent.
  const seal = { by: "bo", parts: [{ from: 10, to: 50, reason: "seal" }] };
  anna.outbox.add(entry("a"));
  bo.outbox.add(entry("b", "s", seal));
  await anna.settle();
  await bo.settle();
  expect(anna.outbox.state()).toMatchObject({
    pending: [{ stage: "replaced", now: { reason: "seal", by: "bo" }, entry: { id: "a" } }],
    done: [],
  });
  expect(bo.outbox.state()).toMatchObject({
    pending: [],
    done: [{ id: "b", seen: { reason: "jam", correctedBy: "anna" }, over: { reason: "jam", by: "anna" } }],
  });
  anna.outbox.decide("a", "overwrite");
  await anna.settle();
  expect(anna.outbox.state()).toMatchObject({ pending: [], done: [{ seen: { reason: "seal", correctedBy: "bo" } }] });
  expect(anna.outbox.state().done[0]?.id).not.toBe("a");
  expect(server.current).toMatchObject([{ reason: "jam", correctedBy: "anna" }]);
  // Who is replaced once the entry is in effect is told at the next look.
  expect(bo.outbox.state().pending).toEqual([]);
  await bo.outbox.keep();
  expect(bo.outbox.state()).toMatchObject({ pending: [{ stage: "replaced", now: { by: "anna" } }], done: [] });
});

test.each(["first", "second"])(
  "R-4: of an undo and another person's entry at once each page is told what it came to, the undo %s",
  async (place) => {
    const server = new Server();
    const [anna, bo] = [bench(server), bench(server)];
    anna.outbox.add(entry("a"));
    await anna.settle();
    const seen = { state: "down", reason: "jam", correctedBy: "anna" };
    const enter = [
      () => anna.outbox.add(undoOf(anna.outbox.state().done[0] as ReasonEntry, 95)),
      () => bo.outbox.add(entry("b", "s", { by: "bo", seen, parts: [{ from: 10, to: 50, reason: "seal" }] })),
    ];
    // Both have looked before either has sent.
    for (const one of place === "first" ? enter : enter.toReversed()) one();
    await anna.settle();
    await bo.settle();
    if (place === "first") {
      expect(anna.outbox.state().pending).toMatchObject([{ stage: "replaced", now: { reason: "seal", by: "bo" } }]);
      return;
    }
    expect(bo.outbox.state().pending).toMatchObject([{ stage: "replaced", now: { reason: null, by: "anna" } }]);
    const [done] = anna.outbox.state().done;
    expect(done).toMatchObject({ kind: "undo", over: { reason: "seal", by: "bo" } });
    anna.outbox.add(givingBack(done as UndoEntry, "seal", 97));
    await anna.settle();
    expect(server.current).toMatchObject([{ reason: "seal", correctedBy: "anna" }]);
    expect(anna.outbox.state()).toMatchObject({ pending: [], done: [{ kind: "reason", parts: [{ reason: "seal" }] }] });
  },
);

test("R-4: an undo that overwrites what somebody entered, knowingly, or that a reason follows, is not told of it", async () => {
  const server = new Server();
  const [anna, bo] = [bench(server), bench(server)];
  anna.outbox.add(entry("a"));
  await anna.settle();
  const seal = { by: "bo", parts: [{ from: 10, to: 50, reason: "seal" }] };
  bo.outbox.add(entry("b", "s", { ...seal, seen: { state: "down", reason: "jam", correctedBy: "anna" } }));
  await bo.settle();
  anna.outbox.add(undoOf(entry("a"), 95));
  await anna.settle();
  expect(anna.outbox.state().pending).toMatchObject([{ stage: "conflict", now: { reason: "seal", by: "bo" } }]);
  anna.outbox.decide("a-undo", "overwrite");
  await anna.settle();
  expect(server.current).toMatchObject([{ reason: null, correctedBy: null }]);
  expect(anna.outbox.state()).toMatchObject({ pending: [], done: [] });
  bo.outbox.add(entry("c", "s", seal));
  await bo.settle();
  await anna.outbox.keep();
  expect(anna.outbox.state()).toMatchObject({ pending: [], done: [] });
});

test("TL-6: a reason that makes a stop that goes on no stop is not taken back before it ends", async () => {
  const server = new Server();
  server.current = server.current.map((segment) => ({ ...segment, open: true }));
  const { outbox, settle } = bench(server);
  outbox.add(entry("a", "s", { to: null, parts: [{ from: 10, to: null, reason: "setup" }] }));
  await settle();
  server.current = [];
  // As of a server that has just started.
  await outbox.keep();
  expect(outbox.state().holds).toHaveLength(1);
  expect(server.taken).toHaveLength(1);
});
