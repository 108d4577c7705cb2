import type { ReactElement } from "react";
import type { Sign } from "./sign.ts";

/** Drawn on 24 by 24 in the text's colour. Outlines differ as much as colours do: arrow, octagon, triangle, ring (W-2). */
const OCTAGON = "M7.500 1.500h9l6 6v9l-6 6h-9l-6-6v-9z";

function shape(sign: Sign): ReactElement {
  switch (sign) {
    case "running":
      return <path d="M6 3.500 20.500 12 6 20.500z" />;
    case "slow":
      return <path d="m3 4 9 7 9-7v5l-9 7-9-7zm0 8 9 7 9-7v4.500l-9 7-9-7z" />;
    case "minorStop":
      return <path fillRule="evenodd" d="M12 1.500 23.500 22H.500zM10.600 9v6.500h2.800V9zm0 8v2.600h2.800V17z" />;
    case "stop":
      return <path fillRule="evenodd" d={`${OCTAGON}M5 10v4h14v-4z`} />;
    case "stopNoReason":
      return (
        <>
          <path d={OCTAGON} fill="none" stroke="currentColor" strokeWidth="2" />
          <path
            className="blink"
            d="M7.800 9.200C7.800 6.500 9.700 5 12.100 5s4.200 1.400 4.200 3.700c0 1.700-.900 2.600-2 3.500-.900.700-1.200 1.200-1.200 2.300v.300h-2.500v-.500c0-1.700.700-2.600 1.900-3.500.800-.600 1.200-1.100 1.200-1.900 0-.900-.700-1.500-1.700-1.500-1.100 0-1.700.700-1.700 1.800zm2.700 7.200h2.800V19h-2.800z"
          />
        </>
      );
    case "setup":
      return (
        <path d="M12 3a9 9 0 0 1 8.500 6H23l-4 5-4.500-5h2.700A6 6 0 0 0 6.500 9.600L3.800 8.200A9 9 0 0 1 12 3zM5 10l4.500 5H6.800a6 6 0 0 0 10.700-.600l2.700 1.400A9 9 0 0 1 3.500 15H1z" />
      );
    case "plannedStop":
      return (
        <path fillRule="evenodd" d="M3 4h4V1.500h3V4h4V1.500h3V4h4v18H3zm3 6v9h3v-9zm4.500 0v9h3v-9zm4.500 0v9h3v-9z" />
      );
    case "notPlanned":
      return <path d="M13.500 2a10 10 0 1 0 8.500 14.500A9 9 0 0 1 13.500 2z" />;
    case "noData":
      return (
        <>
          <circle
            cx="12"
            cy="12"
            r="9.500"
            fill="none"
            stroke="currentColor"
            strokeWidth="2.400"
            strokeDasharray="4 3.460"
          />
          <path d="M7 16 16 7l1.200 1.200-9 9z" />
        </>
      );
    default:
      return sign satisfies never;
  }
}

export function SignIcon(props: { readonly sign: Sign }): ReactElement {
  return (
    <svg className="icon" viewBox="0 0 24 24" fill="currentColor" aria-hidden="true" focusable="false">
      {shape(props.sign)}
    </svg>
  );
}
