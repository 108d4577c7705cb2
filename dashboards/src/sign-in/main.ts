/** The pages `/sign-in?next` and `/pair?next`: a form, or the code of a display; then back to where one wanted to go. */
import { languageOf } from "../shared/i18n.ts";
import { themeOf } from "../shared/theme.ts";
import { TEXTS, type SignInKey } from "./texts.ts";

const API = "/api/v1";
const LOOK_EVERY_MS = 2_000;

const query = new URLSearchParams(location.search);
const language = languageOf(query.get("lang") ?? navigator.language) ?? "en";
const t = (key: SignInKey): string => TEXTS[language][key];

interface Session {
  readonly passwords: boolean;
  readonly provider: boolean;
  readonly kind: "person" | "token" | null;
  readonly name: string | null;
}

/** Only an address of this server: nobody is led elsewhere from here. */
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

function link(text: string, href: string): HTMLAnchorElement {
  const anchor = make("a", text, "link");
  anchor.href = href;
  return anchor;
}

/** What any of the answers may have. */
interface Answered extends Session {
  readonly code: string;
  readonly state: "waiting" | "paired" | "over";
  readonly leave: string | null;
}

async function call(method: string, path: string, body?: object): Promise<{ status: number; body: Partial<Answered> }> {
  const headers = { "oee-request": "page", ...(body === undefined ? {} : { "content-type": "application/json" }) };
  const init = { method, headers, ...(body === undefined ? {} : { body: JSON.stringify(body) }) };
  const response = await fetch(`${API}${path}`, init);
  return { status: response.status, body: (await response.json()) as Partial<Answered> };
}

const FAILURES: Readonly<Record<string, SignInKey>> = { provider: "failedProvider", "no-role": "noRole" };

function form(session: Partial<Session>): readonly Node[] {
  const failure = FAILURES[query.get("failed") ?? ""];
  const failed = make("p", failure === undefined ? "" : t(failure), "failed");
  failed.setAttribute("role", "alert");
  const around = new URLSearchParams({ next: next() }).toString();
  const nodes: Node[] = [make("h1", t("signIn")), failed];
  if (session.passwords === true) {
    const entry = make("form");
    entry.append(
      field(t("name"), "name", "text", "username"),
      field(t("password"), "password", "password", "current-password"),
    );
    const send = make("button", t("signIn"));
    send.type = "submit";
    entry.append(send);
    entry.addEventListener("submit", (event) => {
      event.preventDefault();
      const given = new FormData(entry);
      const body = { name: given.get("name"), password: given.get("password") };
      call("POST", "/session", body).then(
        ({ status }) => {
          if (status === 200) location.assign(next());
          else failed.textContent = t(status === 429 ? "delayed" : status === 401 ? "failed" : "away");
        },
        () => (failed.textContent = t("away")),
      );
    });
    nodes.push(entry);
  }
  if (session.provider === true) nodes.push(link(t("provider"), `/sign-in/provider?${around}`));
  return [...nodes, link(t("pair"), `/pair?${around}`)];
}

function known({ name }: Partial<Session>): readonly Node[] {
  const out = make("button", t("signOut"));
  out.addEventListener("click", () => {
    void call("DELETE", "/session").then(({ body }) => location.assign(body.leave ?? "/sign-in"));
  });
  return [make("h1", `${t("signedInAs")} ${name ?? ""}`), link(t("goOn"), next()), out];
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
  show(root, ...(body.kind === "person" ? known(body) : form(body)));
}

const root = document.getElementById("root");
if (root !== null) start(root).catch(() => show(root, make("p", t("away"), "failed")));
