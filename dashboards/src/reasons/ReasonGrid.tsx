import { type ReactElement, useState } from "react";
import { usePlace } from "./place.ts";
import { type Choice, treeChoices, usedChoices } from "./reason-choices.ts";
import { useTexts } from "./texts/use-texts.ts";

/** The page of buttons shown. `path`: the reasons below this path of the tree; `null`: those used most. */
interface Where {
  readonly path: string | null;
  readonly page: number;
}

export function ReasonGrid(props: {
  readonly used: readonly string[];
  readonly onPick: (reason: string) => void;
}): ReactElement {
  const { used, onPick } = props;
  const t = useTexts();
  const { reasons } = usePlace();
  const start: Where = { path: used.length === 0 ? "" : null, page: 0 };
  const [where, setWhere] = useState(start);
  const { path, page } = where;
  const choices = path === null ? usedChoices(reasons, used) : treeChoices(reasons, path, page);
  const back = (): void =>
    setWhere(
      path === null || path === "" ? start : { path: path.slice(0, Math.max(0, path.lastIndexOf("/"))), page: 0 },
    );
  const press = (choice: Choice): void => {
    if (choice.kind === "reason") onPick(choice.path);
    else if (choice.kind === "group") setWhere({ path: choice.path, page: 0 });
    else if (choice.kind === "all") setWhere({ path: "", page: 0 });
    else setWhere({ path, page: page + 1 });
  };
  const trail =
    path === null ? [t("reasons.mostUsed")] : [t("reasons.all"), ...trailOf(path).map((each) => reasons.nameOf(each))];
  return (
    <div className="reasons">
      <div className="reasons-head">
        <h3>
          {t("reasons.why")} <span className="muted">{trail.join(" › ")}</span>
        </h3>
        {path === start.path ? null : (
          <button type="button" className="side" onClick={back}>
            {t("reasons.back")}
          </button>
        )}
      </div>
      <div className="reasons-grid">
        {choices.map((choice) => (
          <button
            key={choice.kind === "reason" || choice.kind === "group" ? `${choice.kind} ${choice.path}` : choice.kind}
            type="button"
            className="big reason"
            data-kind={choice.kind}
            onClick={() => press(choice)}
          >
            <ChoiceText choice={choice} above={path === null} />
          </button>
        ))}
      </div>
    </div>
  );
}

function trailOf(path: string): readonly string[] {
  if (path === "") return [];
  const parts = path.split("/");
  return parts.map((_, i) => parts.slice(0, i + 1).join("/"));
}

function ChoiceText(props: { readonly choice: Choice; readonly above: boolean }): ReactElement {
  const { choice, above } = props;
  const t = useTexts();
  const { reasons } = usePlace();
  if (choice.kind === "all") return <span>{t("reasons.all")} ›</span>;
  if (choice.kind === "more") return <span>{t("reasons.more")} ›</span>;
  const name = reasons.nameOf(choice.path);
  if (choice.kind === "group") return <span>{name} ›</span>;
  const detail = choice.itself ? t("reasons.itself") : above ? reasons.namesAbove(choice.path).join(" › ") : "";
  return (
    <>
      <span>{name}</span>
      {detail === "" ? null : <small>{detail}</small>}
    </>
  );
}
