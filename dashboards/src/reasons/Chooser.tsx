import type { ReactElement } from "react";
import type { PlantIndex } from "../shared/plant.ts";
import { useTexts } from "./texts/use-texts.ts";

/** The lines of the plant as links; shown without a scope in the address, and where the plant lacks it (`unknown`). */
export function Chooser(props: { readonly plant: PlantIndex; readonly unknown: string | null }): ReactElement {
  const { plant, unknown } = props;
  const t = useTexts();
  const lines = plant.description.scopes.filter(({ kind }) => kind === "line");
  return (
    <main className="chooser entering">
      <h1>{t("reasons.scopes")}</h1>
      {unknown === null ? null : (
        <p role="alert">{t("notice.scope", { scope: unknown, plant: plant.description.name })}</p>
      )}
      <ul>
        {lines.map((line) => (
          <li key={line.path}>
            <a
              className="big"
              href={`/reasons/${line.path.split("/").map(encodeURIComponent).join("/")}${location.search}`}
            >
              <span className="cut">{line.name}</span>
              <span className="muted cut">
                {plant
                  .ancestors(line.path)
                  .map(({ name }) => name)
                  .join(" › ")}
              </span>
            </a>
          </li>
        ))}
      </ul>
    </main>
  );
}
