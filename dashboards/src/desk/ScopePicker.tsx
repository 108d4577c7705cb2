import type { PlantScope } from "@oee/protocol";
import { type ReactElement, useId, useMemo, useRef, useState } from "react";
import type { PlantIndex } from "../shared/plant.ts";
import type { DeskTranslate } from "./desk-context.ts";

const SHOWN_MAX = 200;

/** A field that finds a scope among thousands by a part of its name or path. */
export function ScopePicker(props: {
  readonly t: DeskTranslate;
  readonly plant: PlantIndex;
  readonly scope: PlantScope;
  readonly onChoose: (path: string) => void;
}): ReactElement {
  const { t, plant, scope, onChoose } = props;
  const [search, setSearch] = useState("");
  const details = useRef<HTMLDetailsElement>(null);
  const field = useRef<HTMLInputElement>(null);
  const list = useId();
  const { scopes } = plant.description;
  const found = useMemo(() => {
    const wanted = search.trim().toLowerCase();
    return scopes.filter(({ name, path }) => `${name} ${path}`.toLowerCase().includes(wanted));
  }, [scopes, search]);
  return (
    <details
      className="scope-picker"
      ref={details}
      onToggle={({ currentTarget }) => {
        if (currentTarget.open) field.current?.focus();
      }}
    >
      <summary>
        <span className="muted">{t("desk.scope")}</span> {scope.name}
      </summary>
      <div className="scope-picker-body">
        <input
          ref={field}
          type="search"
          value={search}
          aria-label={t("setup.search")}
          placeholder={t("setup.search")}
          aria-controls={list}
          onChange={(event) => setSearch(event.target.value)}
        />
        <ul id={list}>
          {found.slice(0, SHOWN_MAX).map(({ path, name, kind }) => (
            <li key={path} style={{ paddingLeft: `${path === "*" ? 0 : path.split("/").length}rem` }}>
              <button
                type="button"
                aria-pressed={path === scope.path}
                onClick={() => {
                  if (details.current !== null) details.current.open = false;
                  onChoose(path);
                }}
              >
                {name} <small className="muted">{t(`scope.${kind}`)}</small>
              </button>
            </li>
          ))}
        </ul>
        {found.length > SHOWN_MAX ? (
          <p className="muted">{t("scope.more", { count: found.length - SHOWN_MAX })}</p>
        ) : null}
        {found.length === 0 ? <p className="muted">{t("setup.nothing")}</p> : null}
      </div>
    </details>
  );
}
