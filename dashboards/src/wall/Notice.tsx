import type { ReactElement } from "react";
import { useTranslate } from "../shared/i18n.ts";
import type { PlantIndex } from "../shared/plant.ts";
import type { AddressProblem } from "./address.ts";

/** The page for an address that cannot be shown: what was found, what was expected, and a link to set the screen up. */
export function Notice(props: {
  readonly problems: readonly AddressProblem[];
  readonly unknownScopes: readonly string[];
  readonly plant: PlantIndex;
}): ReactElement {
  const t = useTranslate();
  return (
    <main className="notice">
      <h1 className="notice-title">{t("notice.title")}</h1>
      {props.unknownScopes.map((scope) => (
        <p key={scope}>{t("notice.scope", { scope, plant: props.plant.description.name })}</p>
      ))}
      {props.problems.map((problem) => (
        <p key={problem.option}>
          {problem.option === "window" ? t("notice.window", { ...problem }) : t("notice.option", { ...problem })}
        </p>
      ))}
      <p>
        <a href="/wall">{t("notice.setUp")}</a>
      </p>
    </main>
  );
}
