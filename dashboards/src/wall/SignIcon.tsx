import type { ReactElement } from "react";
import type { Sign } from "./sign.ts";

/** Icons of signs, drawn on 24 by 24 in the text's colour. Their outlines differ as their colours do: arrow, octagon, triangle, ring (W-2). */
const OCTAGON = "M7.5 1.500h9l6 6v9l-6 6h-9l-6-6v-9z";

function shape(sign: Sign): ReactElement {
  switch (sign) {
    case "running":
      return <path d="M6 3.5 20.5 12 6 20.500z" />;
    case "slow":
      return <path d="m3 4 9 7 9-7v5l-9 7-9-7zm0 8 9 7 9-7v4.500l-9 7-9-7z" />;
    case "minorStop":
      return <path fillRule="evenodd" d="M12 1.5 23.5 22H.500zM10.6 9v6.500h2.800V9zm0 8v2.600h2.800V17z" />;
    case "stop":
      return <path fillRule="evenodd" d={`${OCTAGON}M5 10v4h14v-4z`} />;
    case "stopNoReason":
      return (
        <>
          <path d={OCTAGON} fill="none" stroke="currentColor" strokeWidth="2" />
          <path
            className="blink"
            d="M7.8 9.200C7.8 6.5 9.7 5 12.1 5s4.2 1.4 4.2 3.700c0 1.7-.9 2.6-2 3.5-.9.7-1.2 1.2-1.2 2.300v.300h-2.500v-.500c0-1.7.7-2.6 1.9-3.5.8-.6 1.2-1.1 1.2-1.9 0-.9-.7-1.5-1.7-1.5-1.1 0-1.7.7-1.7 1.800zm2.7 7.200h2.800V19h-2.800z"
          />
        </>
      );
    case "setup":
      return (
        <path d="M12 3a9 9 0 0 1 8.5 6H23l-4 5-4.5-5h2.700A6 6 0 0 0 6.5 9.600L3.8 8.200A9 9 0 0 1 12 3zM5 10l4.5 5H6.800a6 6 0 0 0 10.7-.600l2.7 1.400A9 9 0 0 1 3.5 15H1z" />
      );
    case "plannedStop":
      return (
        <path d="M21.6 6.1 18 9.7 14.3 6l3.6-3.600a6.6 6.6 0 0 0-8.7 8.300L1.5 18.400l4.1 4.1 7.7-7.700a6.6 6.6 0 0 0 8.3-8.700z" />
      );
    case "notPlanned":
      return <path d="M13.5 2a10 10 0 1 0 8.5 14.500A9 9 0 0 1 13.5 2z" />;
    case "noData":
      return (
        <>
          <circle
            cx="12"
            cy="12"
            r="9.5"
            fill="none"
            stroke="currentColor"
            strokeWidth="2.4"
            strokeDasharray="4 3.460"
          />
          <path d="M7 16 16 7l1.2 1.2-9 9z" />
        </>
      );
    default:
      return sign satisfies never;
  }
}

/** A small mark beside a figure. It is drawn, since fonts have different triangles and ticks, or none. */
export function Mark(props: { readonly kind: "reached" | "below" | "above" }): ReactElement {
  return (
    <svg className="mark" viewBox="0 0 20 20" fill="currentColor" aria-hidden="true" focusable="false">
      {props.kind === "reached" ? <path d="m2 11 2.2-2.3 4 3.800L16 3.5 18.5 5.6 8.5 17.500z" /> : null}
      {props.kind === "below" ? <path d="M2 4h16l-8 13z" /> : null}
      {props.kind === "above" ? <path d="M2 16h16L10 3z" /> : null}
    </svg>
  );
}

export function SignIcon(props: { readonly sign: Sign }): ReactElement {
  return (
    <svg className="icon" viewBox="0 0 24 24" fill="currentColor" aria-hidden="true" focusable="false">
      {shape(props.sign)}
    </svg>
  );
}
