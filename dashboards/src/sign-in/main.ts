/** The pages `/sign-in?next` and `/pair?next`: a form to sign in, or the code that pairs a display; then on to the address `next`. */
import { languageOf } from "../shared/i18n.ts";
import { forgetDone } from "../shared/corrections/outbox.ts";
import { themeOf } from "../shared/theme.ts";
import { forgetWho } from "../shared/who.ts";
import { TEXTS, type SignInKey } from "./texts.ts";

const API = "/api/v1";
const LOOK_EVERY_MS = 2_000;

const query = new URLSearchParams(location.search);
const language = languageOf(query.get("lang") ?? navigator.language) ?? "en";
const t = (key: SignInKey): string => TEXTS[language][key];

interface Session {
  readonly passwords: boolean;
  readonly provider: boolean;
  /** What people are told before they sign in. */
  readonly useNotice: string | null;
  readonly kind: "person" | "token" | null;
  readonly name: string | null;
  /** Whether the person signed in has a password in the users file. */
  readonly password: boolean;
  /** Whether the person has set a second factor, or needs one; `null`: they cannot have one at this server. */
  readonly secondFactor: "none" | "needed" | "set" | null;
  readonly notices: readonly Notice[];
}

/** What was done with the person's account before they signed in; `from` is `null` where an administrator did it. */
interface Notice {
  readonly id: string;
  readonly about: keyof typeof ABOUT;
  readonly at: string;
  readonly from: string | null;
}

const ABOUT = {
  password: "noticePassword",
  "second-factor": "noticeSecondFactor",
  address: "noticeAddress",
  "code-again": "noticeCodeAgain",
  "codes-wrong": "noticeCodesWrong",
  guessing: "noticeGuessing",
  "new-place": "noticeNewPlace",
} as const satisfies Readonly<Record<string, SignInKey>>;

/** The address to go to afterwards; one of another server counts as none, so that no link leads people elsewhere. */
function next(): string {
  const asked = query.get("next") ?? "/wall";
  const url = new URL(asked, location.origin);
  return url.origin === location.origin && asked.startsWith("/") ? url.pathname + url.search + url.hash : "/wall";
}

function make<K extends keyof HTMLElementTagNameMap>(tag: K, text = "", name = ""): HTMLElementTagNameMap[K] {
  const element = document.createElement(tag);
  element.textContent = text;
  if (name !== "") element.className = name;
  return element;
}

function field(label: string, name: string, type: string, complete: string): HTMLLabelElement {
  const outer = make("label", label);
  const input = make("input");
  Object.assign(input, { name, type, autocomplete: complete, required: true });
  outer.append(input);
  return outer;
}

/** A field for the six digits of an authenticator app. */
function codeField(label: string, name: string): HTMLLabelElement {
  const outer = field(label, name, "text", "one-time-code");
  Object.assign(outer.querySelector("input") ?? {}, { inputMode: "numeric", pattern: "[0-9 ]{6,7}" });
  return outer;
}

function link(text: string, href: string): HTMLAnchorElement {
  const anchor = make("a", text, "link");
  anchor.href = href;
  return anchor;
}

/** The members that some answer may have. */
interface Answered extends Session {
  readonly code: string;
  readonly detail: string;
  readonly state: "waiting" | "paired" | "over";
  readonly leave: string | null;
  /** The new key of a second factor as text, as an address to scan, and sealed. */
  readonly key: string;
  readonly address: string;
  readonly sealed: string;
}

function send(method: string, path: string, body?: object): Promise<Response> {
  const headers = { "oee-request": "page", ...(body === undefined ? {} : { "content-type": "application/json" }) };
  const init = { method, headers, ...(body === undefined ? {} : { body: JSON.stringify(body) }) };
  return fetch(`${API}${path}`, init);
}

async function call(method: string, path: string, body?: object): Promise<{ status: number; body: Partial<Answered> }> {
  const response = await send(method, path, body);
  return { status: response.status, body: (await response.json()) as Partial<Answered> };
}

const FAILURES: Readonly<Record<string, SignInKey>> = { provider: "failedProvider", "no-role": "noRole" };

function form(session: Partial<Session>): readonly Node[] {
  const failure = FAILURES[query.get("failed") ?? ""];
  const failed = make("p", failure === undefined ? "" : t(failure), "failed");
  failed.setAttribute("role", "alert");
  const around = new URLSearchParams({ next: next() }).toString();
  const told = session.useNotice == null ? [] : [make("p", session.useNotice, "use-notice")];
  const nodes: Node[] = [make("h1", t("signIn")), ...told, failed];
  if (session.passwords === true) {
    const entry = make("form");
    entry.append(
      field(t("name"), "name", "text", "username"),
      field(t("password"), "password", "password", "current-password"),
    );
    const button = make("button", t("signIn"));
    button.type = "submit";
    entry.append(button);
    const code = codeField(t("code"), "code");
    entry.addEventListener("submit", (event) => {
      event.preventDefault();
      const given = Object.fromEntries(new FormData(entry));
      call("POST", "/session", given).then(
        ({ status, body }) => {
          const hasMore = body.secondFactor === "needed" || (body.notices ?? []).length > 0;
          if (status === 200) return hasMore ? location.reload() : location.assign(next());
          if (body.code !== "OEE_HTTP_SECOND_FACTOR") {
            const wrong = given["code"] === undefined ? "failed" : "failedCode";
            failed.textContent = t(status === 429 ? "delayed" : status === 401 ? wrong : "away");
            return;
          }
          failed.textContent = "";
          button.before(code);
          code.querySelector("input")?.focus();
        },
        () => (failed.textContent = t("away")),
      );
    });
    nodes.push(entry);
  }
  if (session.provider === true) nodes.push(link(t("provider"), `/sign-in/provider?${around}`));
  return [...nodes, link(t("pair"), `/pair?${around}`)];
}

/** A meter below the field of a new password, which shows while it is typed how hard it is to guess. */
function strengthMeter(wanted: HTMLLabelElement, name: string): readonly Node[] {
  const meter = make("meter");
  const told = make("output");
  meter.hidden = true;
  meter.setAttribute("aria-hidden", "true");
  wanted.addEventListener("input", ({ target }) => {
    void import("./strength.ts").then(({ strengthOf, STRENGTH_MAX, STRENGTH_TAKEN }) => {
      // The field's text of now: more may have been typed while the library was loaded.
      const password = (target as HTMLInputElement).value;
      const strength = strengthOf(password, name);
      Object.assign(meter, { max: STRENGTH_MAX, low: STRENGTH_TAKEN, high: STRENGTH_MAX, optimum: STRENGTH_MAX });
      Object.assign(meter, { value: strength, hidden: password === "" });
      const key = strength < STRENGTH_TAKEN ? "weak" : strength < STRENGTH_MAX ? "fair" : "strong";
      told.textContent = password === "" ? "" : t(key);
    });
  });
  return [meter, told];
}

/** The form to change the password, which ends every other session of the person. */
function passwordForm(name: string): readonly Node[] {
  const told = make("p", "", "failed");
  told.setAttribute("role", "alert");
  const entry = make("form");
  const wanted = field(t("newPassword"), "new", "password", "new-password");
  wanted.append(make("small", t("newPasswordHint")), ...strengthMeter(wanted, name));
  const button = make("button", t("changePassword"));
  button.type = "submit";
  entry.append(field(t("oldPassword"), "old", "password", "current-password"), wanted, button);
  entry.addEventListener("submit", (event) => {
    event.preventDefault();
    const given = new FormData(entry);
    call("POST", "/session/password", { old: given.get("old"), new: given.get("new") }).then(
      ({ status, body }) => {
        if (status === 200) entry.reset();
        told.textContent = t(outcomeOf(status, body.detail ?? ""));
      },
      () => (told.textContent = t("away")),
    );
  });
  return [make("h2", t("changePassword")), told, entry];
}

function outcomeOf(status: number, detail: string): SignInKey {
  if (status === 200) return "changed";
  if (status === 422) return detail.startsWith("old:") ? "notOld" : "tooEasy";
  return status === 429 ? "delayed" : "away";
}

/** Whether a second factor is set, and a button that asks for a new key and shows the form to set it. */
function secondFactorForm({ secondFactor: state }: Partial<Session>): readonly Node[] {
  const told = make("p", t(state === "needed" ? "secondFactorNeeded" : "secondFactorSet"));
  told.setAttribute("role", "status");
  told.hidden = state === "none";
  const ask = make("button", t("newSecondFactor"));
  ask.addEventListener("click", () => {
    void Promise.all([call("GET", "/session/second-factor"), import("./qr.ts")]).then(
      ([{ status, body }, { qrOf }]) => {
        if (status === 200) ask.replaceWith(...newFactorForm(body, state === "set", qrOf(body.address ?? ""), told));
        else Object.assign(told, { textContent: t("away"), hidden: false });
      },
    );
  });
  return [make("h2", t("secondFactor")), told, ask];
}

/** The form to set a new second factor. `told`: the element in which success or an error is shown. */
function newFactorForm(
  { key = "", sealed = "" }: Partial<Answered>,
  hasOne: boolean,
  qr: string,
  told: HTMLElement,
): readonly Node[] {
  const picture = make("img", "", "qr");
  Object.assign(picture, { src: qr, alt: "" });
  const entry = make("form");
  const button = make("button", t("setSecondFactor"));
  entry.append(
    field(t("password"), "password", "password", "current-password"),
    ...(hasOne ? [codeField(t("currentCode"), "current")] : []),
    codeField(t("newCode"), "code"),
    button,
  );
  entry.addEventListener("submit", (event) => {
    event.preventDefault();
    call("POST", "/session/second-factor", { ...Object.fromEntries(new FormData(entry)), sealed }).then(
      ({ status }) => {
        const refused = status === 429 ? "delayed" : status === 422 ? "secondFactorRefused" : "away";
        Object.assign(told, { textContent: t(status === 200 ? "secondFactorDone" : refused), hidden: false });
        if (status !== 200) return;
        for (const part of parts) part.remove();
      },
      () => Object.assign(told, { textContent: t("away"), hidden: false }),
    );
  });
  const parts = [make("p", t("scanHint")), picture, make("p", key.replace(/.{4}(?=.)/g, "$& "), "key"), entry];
  return parts;
}

interface OtherSession {
  readonly id: string;
  readonly since: string;
  readonly from: string;
}

/** The person's other sessions, each with a button that ends it. */
async function otherSessions(): Promise<readonly Node[]> {
  const response = await send("GET", "/session/others");
  const others = response.ok ? ((await response.json()) as readonly OtherSession[]) : [];
  if (others.length === 0) return [];
  const list = make("ul");
  for (const { id, since, from } of others) {
    const item = make("li", `${from}, ${t("since")} ${new Date(since).toLocaleString(language)}`);
    const end = make("button", t("signOutThere"));
    end.addEventListener("click", () => {
      void send("DELETE", `/session/others/${id}`).then(({ status }) => {
        if (status === 200 || status === 404) item.remove();
      });
    });
    item.append(end);
    list.append(item);
  }
  return [make("h2", t("elsewhere")), list];
}

/** What was done with the person's account, each with a button that says that they have seen it. */
function noticeList(notices: readonly Notice[]): readonly Node[] {
  if (notices.length === 0) return [];
  const list = make("ul", "", "notices");
  for (const { id, about, at, from } of notices) {
    const where = from ?? t("byAdministrator");
    const item = make("li", `${t(ABOUT[about])} ${new Date(at).toLocaleString(language)}, ${where}`);
    const seen = make("button", t("seen"));
    seen.addEventListener("click", () => {
      void send("DELETE", `/session/notices/${id}`).then(({ status }) => {
        if (status === 200 || status === 404) item.remove();
      });
    });
    item.append(seen);
    list.append(item);
  }
  return [make("h2", t("notices")), make("p", t("noticesHint")), list];
}

async function known(session: Partial<Session>): Promise<readonly Node[]> {
  const { name, password, secondFactor = null } = session;
  const out = make("button", t("signOut"));
  out.addEventListener("click", () => {
    void call("DELETE", "/session").then(({ body }) => {
      forgetWho();
      forgetDone(localStorage);
      location.assign(body.leave ?? "/sign-in");
    });
  });
  const told = noticeList(session.notices ?? []);
  const head = [make("h1", `${t("signedInAs")} ${name ?? ""}`), ...told, link(t("goOn"), next()), out];
  const factor = secondFactor === null ? [] : secondFactorForm(session);
  // A person who needs a second factor may do nothing else before it is set.
  if (secondFactor === "needed") return [...head, ...factor];
  return [...head, ...factor, ...(password === true ? passwordForm(name ?? "") : []), ...(await otherSessions())];
}

function show(root: HTMLElement, ...nodes: readonly Node[]): void {
  root.textContent = "";
  root.append(...nodes);
}

async function pair(root: HTMLElement): Promise<void> {
  const { status, body } = await call("POST", "/displays/pairings");
  if (status !== 201) return show(root, make("p", t("delayed"), "failed"));
  show(root, make("h1", t("pairHint")), make("p", body.code ?? "", "code"));
  const look = async (): Promise<void> => {
    const { state } = (await call("GET", "/displays/pairings/mine")).body;
    if (state === "paired") return location.assign(next());
    if (state === "over") return pair(root);
    again();
  };
  const again = (): void => void setTimeout(() => look().catch(again), LOOK_EVERY_MS);
  again();
}

async function start(root: HTMLElement): Promise<void> {
  document.documentElement.lang = language;
  document.documentElement.dataset["theme"] = themeOf(location.search);
  if (location.pathname === "/pair") return pair(root);
  const { body } = await call("GET", "/session");
  show(root, ...(body.kind === "person" ? await known(body) : form(body)));
}

const root = document.getElementById("root");
if (root !== null) start(root).catch(() => show(root, make("p", t("away"), "failed")));
