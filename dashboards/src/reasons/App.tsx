/** The tablet's page from its address: the stops of a scope, or, without one, the lines to choose from. */
import { type ReactElement, useEffect, useMemo, useState } from "react";
import { createFormat } from "../shared/format.ts";
import { fetchPlant, PlantIndex } from "../shared/plant.ts";
import { ReasonIndex } from "../shared/reason-tree.ts";
import { Chooser } from "./Chooser.tsx";
import { PlaceContext } from "./place.ts";
import { Tablet } from "./Tablet.tsx";
import { useTexts } from "./texts/use-texts.ts";

export function App(props: { readonly locale: string }): ReactElement {
  const t = useTexts();
  const [plant, setPlant] = useState<PlantIndex | null>(null);
  const [problem, setProblem] = useState<string | null>(null);
  useEffect(() => {
    void fetchPlant(setProblem).then((description) => setPlant(new PlantIndex(description)));
  }, []);
  const path = scopeIn(location.pathname);
  const scope = plant?.scope(path);
  const place = useMemo(() => {
    if (plant === null || scope === undefined) return null;
    const { description } = plant;
    const format = createFormat(props.locale, description.timezones.offsets);
    return { plant, scope, format, reasons: new ReasonIndex(description.reasons) };
  }, [plant, scope, props.locale]);
  useEffect(() => {
    document.title = `${scope?.name ?? t("reasons.title")} · open OEE`;
  }, [scope, t]);
  if (plant === null) {
    return (
      <main className="waiting" role="status">
        {problem === null ? t("status.connecting") : t("status.noServer", { problem })}
      </main>
    );
  }
  if (place === null) return <Chooser plant={plant} unknown={path === "" ? null : path} />;
  return (
    <PlaceContext.Provider value={place}>
      <Tablet />
    </PlaceContext.Provider>
  );
}

function scopeIn(pathname: string): string {
  try {
    return decodeURIComponent(pathname.replace(/^\/reasons\/?/, "").replace(/\/+$/, ""));
  } catch {
    return "";
  }
}
