/** Every revision of an entry: who, when, and what it changed (RE-3). */
import type { ReactElement } from "react";
import { type Desk, useDesk } from "../desk-context.ts";
import { namedMeasureLabel } from "../named-measure.ts";
import { type Raw, revOf } from "./body.ts";
import { type Entered, FIELDS, fieldLabel } from "./fields.ts";
import { plainText } from "./plain-text.ts";

export function Revisions(props: {
  readonly type: Entered;
  /** All revisions, the oldest first. */
  readonly trail: readonly Raw[];
  readonly open?: boolean;
}): ReactElement {
  const { type, trail, open = false } = props;
  const desk = useDesk();
  const { t, format, scope } = desk;
  return (
    <details open={open}>
      <summary>{t("entry.revisions", { count: trail.length })}</summary>
      <ol className="lines">
        {trail.map((entry, i) => (
          <li key={revOf(entry)}>
            {t("entry.rev", { rev: revOf(entry) })}{" "}
            {typeof entry["at"] === "string" ? format.instant(Date.parse(entry["at"]), Date.now(), scope.timezone) : ""}{" "}
            <b>{plainText(entry["by"])}</b>
            {entry["withdrawn"] === true ? ` · ${t("word.withdrawn")}` : ""}
            {changesOf(type, trail[i - 1] ?? {}, entry).map((name) => (
              <div key={name} className="muted">
                {t(fieldLabel(type, name))}: {textOf(desk, entry[name])}
              </div>
            ))}
          </li>
        ))}
      </ol>
    </details>
  );
}

function changesOf(type: Entered, before: Raw, after: Raw): readonly string[] {
  const same = (name: string): boolean => JSON.stringify(before[name]) === JSON.stringify(after[name]);
  return FIELDS[type].map(({ name }) => name).filter((name) => !same(name));
}

function textOf(desk: Desk, value: unknown): string {
  if (value === undefined || value === null) return "–";
  if (Array.isArray(value)) return value.map((each) => textOf(desk, each)).join(", ");
  const text = plainText(value);
  const scope = desk.plant.scope(text);
  return scope === undefined ? namedMeasureLabel(desk, text) : scope.name;
}
