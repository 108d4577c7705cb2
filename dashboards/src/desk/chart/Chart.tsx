/** Draws a chart, with a sentence that says what it shows. ECharts is loaded when the first chart is shown. */
import { type ReactElement, useEffect, useRef, useState } from "react";
import { ProblemText } from "../../reasons/ProblemText.tsx";
import { errorOf } from "../../shared/api/ask.ts";
import { useDesk } from "../desk-context.ts";
import { optionOf } from "./option.ts";
import { copyPicture } from "./picture.ts";
import type { ChartSpec } from "./spec.ts";

const ROW_PX = 34;
/** So that a chart and its table find room on a page. */
const PAPER_ROW_PX = 25;

type Drawn = ReturnType<typeof import("./echarts.ts").init>;

export function Chart(props: {
  readonly name: string;
  readonly title: string;
  /** What the chart shows, in one sentence, for people who cannot see it. */
  readonly sentence: string;
  readonly spec: ChartSpec;
  readonly onChoose?: (index: number) => void;
}): ReactElement {
  const { name, title, sentence, spec, onChoose } = props;
  const { t, locale } = useDesk();
  const place = useRef<HTMLDivElement>(null);
  const drawn = useRef<Drawn | null>(null);
  const choose = useRef(onChoose);
  choose.current = onChoose;
  const [ready, setReady] = useState(false);
  /** Why the library was not loaded: there is no network, or the server has another release by now. */
  const [problem, setProblem] = useState<Error | null>(null);
  const [copied, setCopied] = useState<"copied" | "saved" | null>(null);
  useEffect(() => {
    const element = place.current;
    if (element === null) return undefined;
    let over = false;
    import("./echarts.ts").then(
      ({ init }) => {
        if (over) return;
        const chart = init(element, null, { renderer: "svg" });
        chart.on("click", ({ dataIndex }) => choose.current?.(dataIndex));
        drawn.current = chart;
        setReady(true);
      },
      (error: unknown) => setProblem(errorOf(error)),
    );
    return () => {
      over = true;
      drawn.current?.dispose();
      drawn.current = null;
    };
  }, []);
  const height = heightOf(spec, ROW_PX);
  useEffect(() => {
    const draw = (): void => {
      const isPaper = document.documentElement.dataset["paper"] === "true";
      if (place.current !== null) place.current.style.height = `${isPaper ? heightOf(spec, PAPER_ROW_PX) : height}px`;
      drawn.current?.resize();
      drawn.current?.setOption(optionOf(spec, colourOf, drawn.current.getWidth()), { notMerge: true });
    };
    draw();
    addEventListener("resize", draw);
    // Drawn again for paper, whose theme has other colours.
    addEventListener("beforeprint", draw);
    addEventListener("afterprint", draw);
    return () => {
      removeEventListener("resize", draw);
      removeEventListener("beforeprint", draw);
      removeEventListener("afterprint", draw);
    };
  }, [spec, ready, height, locale]);
  const copy = async (): Promise<void> => {
    const svg = place.current?.querySelector("svg");
    if (svg !== null && svg !== undefined) setCopied(await copyPicture(svg, colourOf("surface"), name));
  };
  return (
    <figure className="chart" data-chart={name}>
      <figcaption>
        <span className="chart-title">{title}</span>
        <button type="button" onClick={() => void copy()}>
          {t(copied === null ? "desk.copyPicture" : copied === "copied" ? "setup.copied" : "desk.savedPicture")}
        </button>
      </figcaption>
      {problem === null ? null : (
        <p role="alert">
          <ProblemText t={t} of={problem} />{" "}
          <button type="button" onClick={() => location.reload()}>
            {t("desk.again")}
          </button>
        </p>
      )}
      <div role="img" aria-label={sentence} ref={place} style={{ height }} data-ready={ready} />
    </figure>
  );
}

function heightOf(spec: ChartSpec, rowPx: number): number {
  if (spec.kind === "waterfall") return 60 + spec.steps.length * rowPx;
  if (spec.direction === "along") return 260;
  return 60 + (spec.series[0]?.bars.length ?? 0) * rowPx * Math.max(1, spec.series.length * 0.7);
}

function colourOf(token: string): string {
  return getComputedStyle(document.documentElement).getPropertyValue(`--${token}`).trim();
}
