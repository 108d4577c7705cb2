/** The figure from which a link led to the rows that it is made of: it stands above them. */
import type { ReactElement } from "react";
import { apiUrl } from "../shared/api/ask.ts";
import { Answered } from "./Answered.tsx";
import type { Element } from "./data/rows.ts";
import { useTable } from "./data/use-table.ts";
import { useDesk } from "./desk-context.ts";
import { Figure } from "./Figure.tsx";
import { MEASURE_NAMES } from "./measures.ts";

/** The figure that the address names (`figure`), of the view's scope and period. */
export function FigureAsked(): ReactElement | null {
  const { scope, spans, address } = useDesk();
  const name = MEASURE_NAMES.find((known) => known === address.options["figure"]);
  const asked = useTable<Element>(
    name === undefined ? null : apiUrl("/kpis", { scope: scope.path, by: scope.kind, ...spans.span }),
  );
  if (name === undefined) return null;
  return (
    <Answered asked={asked}>
      {({ rows: [element] }) =>
        element === undefined ? null : (
          <section className="figures figures-few">
            <Figure name={name} element={element} />
          </section>
        )
      }
    </Answered>
  );
}
