/** How long data takes from the machine to the screen, hop by hop, as the server measures it; asked for every few seconds. */
import type { HopLatency, LatencyAnswer, LatencyHop } from "@oee/protocol";
import { type ReactElement, useEffect, useState } from "react";
import type { Format } from "../../shared/format.ts";
import { useTranslate } from "../../shared/i18n.ts";

const ASK_EVERY_MS = 5_000;
const HOPS: readonly LatencyHop[] = ["log", "compute", "gateway", "emit", "total"];
const QUANTILES = ["0.5", "0.95", "0.99"] as const;

type Known =
  | { readonly kind: "waiting" }
  | { readonly kind: "answered"; readonly hops: LatencyAnswer["hops"] }
  | { readonly kind: "failed"; readonly problem: string };

export function Latency(props: { readonly format: Format }): ReactElement | null {
  const { format } = props;
  const t = useTranslate();
  const known = useLatency();
  if (known.kind === "waiting") return null;
  return (
    <section className="setup-latency">
      <h2>{t("latency.title")}</h2>
      <p className="muted">
        {known.kind === "failed" ? t("latency.problem", { problem: known.problem }) : t("latency.lead")}
      </p>
      {known.kind === "failed" ? null : wasMeasured(known.hops.total) ? (
        <Hops hops={known.hops} format={format} />
      ) : (
        <p>{t("latency.nothing")}</p>
      )}
    </section>
  );
}

function Hops(props: { readonly hops: LatencyAnswer["hops"]; readonly format: Format }): ReactElement {
  const { hops, format } = props;
  const t = useTranslate();
  const percent = (quantile: string): string => format.percentWhole(Number(quantile));
  return (
    <table>
      <thead>
        <tr>
          <th scope="col">{t("latency.step")}</th>
          {QUANTILES.map((quantile) => (
            <th key={quantile} scope="col">
              {t("latency.within", { percent: percent(quantile) })}
            </th>
          ))}
        </tr>
      </thead>
      <tbody>
        {HOPS.map((hop) => (
          <tr key={hop} data-hop={hop}>
            <th scope="row">{t(`latency.${hop}`)}</th>
            {QUANTILES.map((quantile) => {
              const ms = hops[hop].quantiles[quantile] ?? null;
              return <td key={quantile}>{ms === null ? "–" : format.latency(ms)}</td>;
            })}
          </tr>
        ))}
      </tbody>
    </table>
  );
}

function wasMeasured({ quantiles }: HopLatency): boolean {
  return QUANTILES.some((quantile) => (quantiles[quantile] ?? null) !== null);
}

/** The latencies; while the server does not answer there are none, so that old ones do not look like new ones. */
function useLatency(): Known {
  const [known, setKnown] = useState<Known>({ kind: "waiting" });
  useEffect(() => {
    let shown = true;
    const ask = async (): Promise<void> => {
      const next = await askLatency();
      if (shown) setKnown(next);
    };
    void ask();
    const timer = setInterval(() => void ask(), ASK_EVERY_MS);
    return () => {
      shown = false;
      clearInterval(timer);
    };
  }, []);
  return known;
}

async function askLatency(): Promise<Known> {
  try {
    const response = await fetch("/api/v1/latency", { credentials: "same-origin" });
    if (!response.ok) return { kind: "failed", problem: `HTTP ${response.status}` };
    return { kind: "answered", hops: ((await response.json()) as LatencyAnswer).hops };
  } catch (error) {
    return { kind: "failed", problem: error instanceof Error ? error.message : String(error) };
  }
}
