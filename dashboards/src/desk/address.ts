/**
 * The address of a view, so that a link shows what its sender saw (R-1): `/review/<view>/<scope>?period=yesterday&…`. Reading and
 * writing are inverse to each other; parameters that a view does not know are kept.
 */
export const VIEWS = [
  "overview",
  "losses",
  "stops",
  "pareto",
  "hours",
  "compare",
  "ranking",
  "quarter",
  "programme",
  "alerts",
  "trust",
  "events",
] as const;
export type View = (typeof VIEWS)[number];

/** Parameters of the address that stay when another view is opened. */
const KEPT = ["period", "of", "from", "to", "lang", "theme"] as const;

export interface DeskAddress {
  readonly view: View;
  /** Path of the scope; `*` is the enterprise. */
  readonly scope: string;
  readonly options: Readonly<Record<string, string>>;
}

export function parseDeskAddress(pathname: string, search: string): DeskAddress {
  const [view = "", ...scope] = pathname
    .replace(/^\/review\/?/, "")
    .replace(/\/+$/, "")
    .split("/")
    .map(decoded);
  const path = scope.join("/");
  return {
    view: VIEWS.find((known) => known === view) ?? "overview",
    scope: path === "" ? "*" : path,
    options: Object.fromEntries(new URLSearchParams(search)),
  };
}

export function formatDeskAddress({ view, scope, options }: DeskAddress): string {
  const query = new URLSearchParams(options).toString();
  const path = scope.split("/").map(encodeURIComponent).join("/");
  return `/review/${view}/${path}${query === "" ? "" : `?${query}`}`;
}

/** The address of another view or scope with the same period; options of the old view alone are dropped. `null` removes an option. */
export function goTo(
  address: DeskAddress,
  to: { readonly view?: View; readonly scope?: string; readonly options?: Readonly<Record<string, string | null>> },
): DeskAddress {
  const view = to.view ?? address.view;
  const before =
    view === address.view
      ? address.options
      : Object.fromEntries(
          Object.entries(address.options).filter(([name]) => (KEPT as readonly string[]).includes(name)),
        );
  const options: Record<string, string> = {};
  for (const [name, value] of Object.entries({ ...before, ...to.options })) if (value !== null) options[name] = value;
  return { view, scope: to.scope ?? address.scope, options };
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
