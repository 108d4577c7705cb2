/** Links from figures to what they are made of. */
import { createContext, type ReactElement, type ReactNode, useContext } from "react";
import { useDesk } from "./desk-context.ts";
import type { Place } from "./made-of.ts";
import type { Span } from "./period.ts";
import { follow } from "./Shell.tsx";
import type { Column } from "./table/column.ts";

/** Options that pin the period of the figures below, where it is not that of the address. */
export type PinnedSpan = Readonly<Record<"period" | "of" | "from" | "to", string | null>>;
export const PinnedSpanContext = createContext<PinnedSpan | null>(null);

/** A figure as a link to its place; in the view that it leads to, a text. `null`: there is no place. */
export function MadeOf(props: {
  readonly place: Place | null;
  readonly scope?: string;
  /** The span of the figure, where it is not that of the figures around it. */
  readonly span?: Span;
  readonly children: ReactNode;
}): ReactElement {
  const { place, scope, span, children } = props;
  const { t, address, go, href } = useDesk();
  const pinned = useContext(PinnedSpanContext);
  if (place === null || place.view === address.view) return <>{children}</>;
  const to = {
    view: place.view,
    ...(scope === undefined ? {} : { scope }),
    options: { ...pinned, ...(span === undefined ? {} : cutTo(span, pinned)), ...place.options },
  };
  return (
    <a className="made-of" href={href(to)} title={t("figure.madeOf")} onClick={(event) => follow(event, () => go(to))}>
      {children}
    </a>
  );
}

/** A span up to where that of the figures around it ends, which is now where they are of a period that goes on. */
function cutTo({ from, to }: Span, pinned: PinnedSpan | null): Span {
  const end = pinned?.to ?? to;
  return { from, to: Date.parse(end) < Date.parse(to) ? end : to };
}

/** A column whose figures are links to what they are made of. */
export function madeOf<R>(
  column: Column<R>,
  placeOf: (row: R) => Place | null,
  more: (row: R) => Pick<Parameters<typeof MadeOf>[0], "scope" | "span"> = () => ({}),
): Column<R> {
  return {
    ...column,
    shown: (row) => (
      <MadeOf place={placeOf(row)} {...more(row)}>
        {column.text(row)}
      </MadeOf>
    ),
  };
}
