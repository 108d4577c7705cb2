import type { LiveElement, PlantScope } from "@oee/protocol";
import type { ReactElement } from "react";
import type { Format, Unit } from "../shared/format.ts";
import { useTranslate } from "../shared/i18n.ts";
import { useLive } from "./live-context.ts";
import { Ticking } from "./Ticking.tsx";

export interface PageState {
  readonly page: number;
  readonly pages: number;
}

/** The header: the scope, the window of its figures, and the site's time by the server's clock (W-4). */
export function Header(props: {
  readonly scope: PlantScope;
  readonly element: LiveElement | undefined;
  readonly paging: PageState;
}): ReactElement {
  const { scope, element, paging } = props;
  const { client, plant, format, window } = useLive();
  const t = useTranslate();
  const clock = (): string => {
    const now = client.serverNow();
    return now === null ? "" : format.clock(now, scope.timezone);
  };
  const date = (): string => {
    const now = client.serverNow();
    return now === null ? "" : format.date(now, scope.timezone);
  };
  return (
    <header className="header">
      <div className="title">
        <h1 className="cut">
          <bdi>{scope.name}</bdi>
        </h1>
        <div className="path cut">
          {plant.ancestors(scope.path).map((ancestor) => (
            <bdi key={ancestor.path} className="path-part">
              {ancestor.name}
            </bdi>
          ))}
        </div>
      </div>
      <div className="period">
        <div className="cut">{windowName(window, t, format)}</div>
        <div className="muted cut">{window === "shift" && element?.shift ? <bdi>{element.shift.name}</bdi> : null}</div>
      </div>
      {paging.pages > 1 ? (
        <div className="paging" role="group" aria-label={t("page.of", { page: paging.page + 1, pages: paging.pages })}>
          <span className="paging-words">{t("page.of", { page: paging.page + 1, pages: paging.pages })}</span>
          <span className="paging-short" aria-hidden="true">
            {paging.page + 1} / {paging.pages}
          </span>
        </div>
      ) : null}
      <div className="clock" role="timer">
        <Ticking className="clock-time" text={clock} />
        <Ticking className="muted clock-date" text={date} />
      </div>
    </header>
  );
}

/** The name of a window for people, with its length in the unit of the plant file. */
export function windowName(name: string, t: ReturnType<typeof useTranslate>, format: Format): string {
  if (name === "shift") return t("window.shift");
  const match = /^(\d{1,6})([smhd])$/.exec(name);
  return match === null ? name : t("window.last", { duration: format.quantity(Number(match[1]), match[2] as Unit) });
}
