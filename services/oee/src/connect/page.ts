/** The page of a connector: each connection, what it heard last and when, its gaps and what it could not use. No script; it loads anew by itself. */
import type { Connector } from "@oee/connectors";

type Status = ReturnType<Connector["status"]>;

const RELOAD_SECONDS = 5;
const NEWEST = 10;

export function connectionsPage(status: Status, now: number): string {
  const { waiting, delivered, refused, failing, waitedMs } = status;
  const delivery =
    failing === null
      ? `${delivered} events delivered, ${refused} refused, ${waiting.events} wait${waitedMs === null ? "" : `; the newest was delivered ${seconds(waitedMs)} after it was kept`}`
      : `${waiting.events} events (${waiting.bytes} bytes) wait, for they cannot be delivered: ${failing}`;
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<meta http-equiv="refresh" content="${RELOAD_SECONDS}">
<title>Connections</title>
<style>
body { font: 16px/1.4 system-ui, sans-serif; margin: 1.5rem; color: #1a1a1a; background: #fff; }
table { border-collapse: collapse; margin: 0.5rem 0 1rem; }
th, td { text-align: left; padding: 0.2rem 1rem 0.2rem 0; border-bottom: 1px solid #ccc; }
.off { color: #b00020; font-weight: 600; }
@media (prefers-color-scheme: dark) { body { color: #eee; background: #111; } .off { color: #ff7b8a; } }
</style>
</head>
<body>
<h1>Connections</h1>
<p${failing === null ? "" : ' class="off"'}>${text(delivery)}</p>
${assetsSection(status.assets)}
${status.connections.map((connection) => section(connection, now)).join("\n")}
</body>
</html>
`;
}

/** SC-1. */
function assetsSection({ seen, silent, undeclared, visibility }: Status["assets"]): string {
  if (visibility === null) return "";
  return `<p>${seen.length} of ${seen.length + silent.length + undeclared.length} machines were seen in the last 24 hours.</p>
${list("Declared, and not seen", silent)}
${list("Seen, and not declared in the plant file", undeclared)}`;
}

function section(connection: Status["connections"][number], now: number): string {
  const { name, protocol, connected, machines, observations, perSecond, events, signals } = connection;
  const { unheard, unmapped, gaps, refusals, behindMs, writeMs } = connection;
  const facts = [
    `${observations} values, ${perSecond.toFixed(1)} a second, ${events} events`,
    behindMs === null ? "the peer has no clock" : `values come ${seconds(behindMs)} after their instant`,
    ...(writeMs === null ? [] : [`they are kept ${seconds(writeMs)} after that`]),
  ];
  return `<section>
<h2>${text(name)} <small>${text(protocol)}</small> ${connected ? "connected" : '<span class="off">not connected</span>'}</h2>
<p>${text(facts.join("; "))}</p>
${table(
  ["machine", "state", "reason"],
  machines.map(({ machine, state, reason = "" }) => [machine, state, reason]),
)}
${table(
  ["machine", "signal", "value", "instant", "age", "clock"],
  signals.map(({ machine, signal, value, quality, at, stamped }) => [
    machine,
    signal,
    quality === "bad" ? "no value" : String(value),
    new Date(at).toISOString(),
    seconds(now - at),
    stamped,
  ]),
)}
${list("Not heard yet", unheard)}
${list("Heard, and of no machine", unmapped)}
${list(
  "Gaps",
  gaps
    .slice(-NEWEST)
    .map(({ from, to, why }) => `${new Date(from).toISOString()} to ${new Date(to).toISOString()}: ${why}`),
)}
${list(
  "Could not be used",
  refusals.slice(-NEWEST).map(({ at, what, why }) => `${new Date(at).toISOString()} ${what}: ${why}`),
)}
</section>`;
}

function table(heads: readonly string[], rows: readonly (readonly string[])[]): string {
  if (rows.length === 0) return "";
  const head = heads.map((cell) => `<th scope="col">${text(cell)}</th>`).join("");
  const body = rows.map((cells) => `<tr>${cells.map((cell) => `<td>${text(cell)}</td>`).join("")}</tr>`).join("\n");
  return `<table><thead><tr>${head}</tr></thead><tbody>\n${body}\n</tbody></table>`;
}

function list(title: string, items: readonly string[]): string {
  if (items.length === 0) return "";
  return `<h3>${text(title)}</h3>\n<ul>${items.map((item) => `<li>${text(item)}</li>`).join("\n")}</ul>`;
}

function seconds(ms: number): string {
  return ms < 1000 && ms >= 0 ? `${Math.round(ms)} ms` : `${(ms / 1000).toFixed(1)} s`;
}

const ESCAPES: Readonly<Record<string, string>> = { "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;" };

function text(value: string): string {
  return value.replaceAll(/[&<>"]/g, (character) => ESCAPES[character] ?? character);
}
