/**
 * The page that sets a screen up: what it shows and how, a preview, and the address to open on it, to copy or to scan.
 */
import { type ReactElement, type ReactNode, useEffect, useId, useMemo, useRef, useState } from "react";
import { renderSVG } from "uqr";
import type { Format } from "../../shared/format.ts";
import { LANGUAGE_NAMES, LANGUAGES, useTranslate } from "../../shared/i18n.ts";
import { fetchPlant, PlantIndex } from "../../shared/plant.ts";
import { formatWallAddress, SORTS, THEMES, TILES, type WallAddress } from "../address.ts";
import { Waiting } from "../Banner.tsx";
import { UnitNote } from "../Figure.tsx";
import { windowName } from "../Header.tsx";
import { quantityUnit } from "../../shared/quantity-unit.ts";
import { SIGNS } from "../sign.ts";
import { SignIcon } from "../SignIcon.tsx";
import { Latency } from "./Latency.tsx";
import { scopeList } from "./scope-tree.ts";

const ROTATE_SECONDS = [10, 20, 30, 60, 120] as const;

export function SetUp(props: { readonly initial: WallAddress; readonly format: Format }): ReactElement {
  const { initial, format } = props;
  const t = useTranslate();
  const [plant, setPlant] = useState<PlantIndex | null>(null);
  const [problem, setProblem] = useState<string | null>(null);
  const [address, setAddress] = useState(initial);
  useEffect(() => {
    void fetchPlant(setProblem).then((description) => {
      setPlant(new PlantIndex(description));
      const first = description.scopes.find((scope) => scope.kind === "line") ?? description.scopes[0];
      const { windows } = description;
      setAddress((current) => ({
        ...current,
        scopes: first === undefined ? [] : [first.path],
        window: windows.includes(current.window) ? current.window : (windows[0] ?? current.window),
      }));
    });
  }, []);
  useEffect(() => {
    document.title = `${t("setup.title")} · open OEE`;
    document.documentElement.dataset["theme"] = address.theme;
  }, [t, address.theme]);
  if (plant === null) return <Waiting problem={problem === null ? null : t("status.noServer", { problem })} />;
  const change = (part: Partial<WallAddress>): void => setAddress({ ...address, ...part });
  const path = formatWallAddress(address);
  const turns = address.scopes.length > 1 || plant.scope(address.scopes[0] ?? "")?.kind !== "machine";
  return (
    <main className="setup">
      <header className="setup-head">
        <h1>{t("setup.title")}</h1>
        <p>{t("setup.lead")}</p>
        <Elsewhere language={initial.language} />
      </header>
      <div className="setup-form">
        <Scopes plant={plant} chosen={address.scopes} onChange={(scopes) => change({ scopes })} />
        <Choice
          label={t("setup.window")}
          value={address.window}
          options={plant.description.windows.map((name) => [name, windowName(name, t, format)])}
          onChange={(window) => change({ window })}
        />
        <Choice
          label={t("setup.theme")}
          value={address.theme}
          options={THEMES.map((theme) => [theme, t(`setup.theme.${theme}`)])}
          onChange={(theme) => change({ theme })}
        />
        <Choice
          label={t("setup.language")}
          value={address.language ?? ""}
          options={[
            ["", t("setup.language.browser")],
            ...LANGUAGES.map((language) => [language, LANGUAGE_NAMES[language]] as const),
          ]}
          onChange={(language) => change({ language: language === "" ? null : language })}
        />
        {turns ? (
          <>
            <Choice
              label={t("setup.rotate")}
              value={String(address.rotateMs / 1_000)}
              options={ROTATE_SECONDS.map((seconds) => [String(seconds), format.duration(seconds * 1_000)])}
              onChange={(seconds) => change({ rotateMs: Number(seconds) * 1_000 })}
            />
            <Choice
              label={t("setup.sort")}
              value={address.sort}
              options={SORTS.map((sort) => [sort, t(`setup.sort.${sort}`)])}
              onChange={(sort) => change({ sort })}
            />
            <Choice
              label={t("setup.tiles")}
              value={address.tiles}
              options={TILES.map((tiles) => [tiles, t(`setup.tiles.${tiles}`)])}
              onChange={(tiles) => change({ tiles })}
            />
          </>
        ) : null}
      </div>
      {address.scopes.length === 0 ? null : (
        <div className="setup-result">
          <Preview path={path} />
          <Address url={`${location.origin}${path}`} />
          <Legend />
          <Latency format={format} />
        </div>
      )}
    </main>
  );
}

/** Links to the product's other pages, in the same language: the server's bare address leads here. */
function Elsewhere(props: { readonly language: string | null }): ReactElement {
  const t = useTranslate();
  const search = props.language === null ? "" : `?${new URLSearchParams({ lang: props.language })}`;
  return (
    <nav aria-label={t("setup.elsewhere")}>
      <a href={`/review${search}`}>{t("setup.desk")}</a>
      <a href={`/reasons${search}`}>{t("setup.tablet")}</a>
    </nav>
  );
}

function Scopes(props: {
  readonly plant: PlantIndex;
  readonly chosen: readonly string[];
  readonly onChange: (scopes: readonly string[]) => void;
}): ReactElement {
  const { plant, chosen, onChange } = props;
  const t = useTranslate();
  const [search, setSearch] = useState("");
  const [several, setSeveral] = useState(false);
  const name = useId();
  const [opened, setOpened] = useState<ReadonlySet<string>>(
    () => new Set(chosen.flatMap((path) => plant.ancestors(path).map((ancestor) => ancestor.path))),
  );
  const { entries, hidden } = useMemo(
    () => scopeList(plant.description.scopes, search, opened),
    [plant, search, opened],
  );
  const toggle = (path: string): void => {
    const next = new Set(opened);
    if (!next.delete(path)) next.add(path);
    setOpened(next);
  };
  const choose = (path: string): void => {
    if (!several) onChange([path]);
    else if (!chosen.includes(path)) onChange([...chosen, path]);
    else if (chosen.length > 1) onChange(chosen.filter((other) => other !== path));
  };
  return (
    <fieldset className="setup-scopes">
      <legend>{t("setup.scope")}</legend>
      <input
        type="search"
        value={search}
        placeholder={t("setup.search")}
        aria-label={t("setup.search")}
        onChange={(event) => setSearch(event.target.value)}
      />
      <div className="setup-list" role="group" aria-label={t("setup.scope")}>
        {entries.length === 0 ? <p className="muted">{t("setup.nothing")}</p> : null}
        {entries.map(({ scope, depth, open }) => (
          <div key={scope.path} className="setup-entry" style={{ paddingLeft: `${depth * 1.1}rem` }}>
            <label className="setup-scope">
              <input
                type={several ? "checkbox" : "radio"}
                name={name}
                value={scope.path}
                checked={chosen.includes(scope.path)}
                onChange={() => choose(scope.path)}
              />
              <bdi className="cut">{scope.name}</bdi>
              <span className="muted cut">
                {t(`scope.${scope.kind}`)}
                <UnitNote unit={quantityUnit(scope, t)} />
              </span>
            </label>
            {open === null ? null : (
              <button
                type="button"
                className="setup-branch"
                aria-expanded={open}
                aria-label={t("setup.below", { name: scope.name })}
                onClick={() => toggle(scope.path)}
              >
                {open ? "−" : "+"}
              </button>
            )}
          </div>
        ))}
        {hidden === 0 ? null : <p className="muted">{t("setup.hidden", { count: hidden })}</p>}
      </div>
      <label className="setup-several">
        <input
          type="checkbox"
          checked={several}
          onChange={(event) => {
            setSeveral(event.target.checked);
            if (!event.target.checked) onChange(chosen.slice(0, 1));
          }}
        />
        {t("setup.more")}
      </label>
    </fieldset>
  );
}

function Choice<T extends string>(props: {
  readonly label: string;
  readonly value: T;
  readonly options: readonly (readonly [T, ReactNode])[];
  readonly onChange: (value: T) => void;
}): ReactElement {
  const name = useId();
  return (
    <fieldset className="setup-choice">
      <legend>{props.label}</legend>
      <div className="setup-options">
        {props.options.map(([value, label]) => (
          <label key={value}>
            <input
              type="radio"
              name={name}
              value={value}
              checked={value === props.value}
              onChange={() => props.onChange(value)}
            />
            <span>{label}</span>
          </label>
        ))}
      </div>
    </fieldset>
  );
}

/** The screen's page in a small frame, on whose size all its sizes depend. */
function Preview(props: { readonly path: string }): ReactElement {
  const t = useTranslate();
  const [portrait, setPortrait] = useState(false);
  return (
    <section className="setup-preview">
      <Choice
        label={t("setup.preview")}
        value={portrait ? "portrait" : "landscape"}
        options={[
          ["landscape", t("setup.landscape")],
          ["portrait", t("setup.portrait")],
        ]}
        onChange={(value) => setPortrait(value === "portrait")}
      />
      <div className={portrait ? "setup-frame portrait" : "setup-frame"}>
        <iframe key={props.path} src={props.path} title={t("setup.preview")} tabIndex={-1} />
      </div>
    </section>
  );
}

function Address(props: { readonly url: string }): ReactElement {
  const { url } = props;
  const t = useTranslate();
  const field = useRef<HTMLInputElement>(null);
  const [copied, setCopied] = useState<string | null>(null);
  const code = useMemo(() => `data:image/svg+xml,${encodeURIComponent(renderSVG(url, { border: 2 }))}`, [url]);
  const id = useId();
  const copy = (): void => {
    // Browsers have `navigator.clipboard` only on pages with TLS, which plants often have not.
    field.current?.select();
    const done = document.execCommand("copy");
    if (done) setCopied(url);
  };
  return (
    <section className="setup-address">
      <img src={code} alt={t("setup.scan")} width="160" height="160" />
      <div>
        <label htmlFor={id}>{t("setup.address")}</label>
        <input id={id} ref={field} readOnly value={url} onFocus={(event) => event.target.select()} />
        <div className="setup-actions">
          <button type="button" onClick={copy}>
            {copied === url ? t("setup.copied") : t("setup.copy")}
          </button>
          <a href={url}>{t("setup.open")}</a>
        </div>
        <p className="muted">{t("setup.scan")}</p>
      </div>
    </section>
  );
}

function Legend(): ReactElement {
  const t = useTranslate();
  return (
    <section className="setup-legend">
      <h2>{t("setup.signs")}</h2>
      <ul>
        {SIGNS.map((sign) => (
          <li key={sign}>
            <span className={`setup-sign sign-${sign}`}>
              <SignIcon sign={sign} />
            </span>
            <span>
              <strong>{t(`sign.${sign}`)}</strong>
              <br />
              <span className="muted">{t(`signs.${sign}`)}</span>
            </span>
          </li>
        ))}
      </ul>
    </section>
  );
}
