/** One field of an entry's form; the server's refusal of it stands below, tied to it for screen readers. */
import { OEE_RATIOS } from "@oee/model/kpis";
import { type ReactElement, type ReactNode, useId } from "react";
import { ProblemText } from "../../reasons/ProblemText.tsx";
import { LOSSES } from "../data/rows.ts";
import { type Desk, useDesk } from "../desk-context.ts";
import { MEASURE_NAMES, MEASURES } from "../measures.ts";
import { namedMeasureLabel } from "../named-measure.ts";
import type { FormValues } from "./body.ts";
import { type Entered, type Field, fieldLabel } from "./fields.ts";
import { type Goal, unitOf, WAYS } from "./goal.ts";
import { plainText } from "./plain-text.ts";

interface FieldProps {
  readonly type: Entered;
  readonly field: Field;
  readonly values: FormValues;
  readonly onChange: (name: string, value: string | readonly string[] | Goal) => void;
  /** The server's refusal of this field; `null`: there is none. */
  readonly refused: Error | null;
}

export function FieldInput(props: FieldProps): ReactElement {
  const { type, field, refused } = props;
  const { t } = useDesk();
  const told = useId();
  const label = t(fieldLabel(type, field.name));
  const about = refused === null ? {} : { "aria-invalid": true, "aria-describedby": told };
  return (
    <div className="field" data-field={field.name}>
      <Control {...props} label={label} about={about} />
      {field.otherwise === undefined ? null : (
        <small className="muted">{t("field.otherwise", { value: field.otherwise })}</small>
      )}
      {refused === null ? null : (
        <p id={told} className="refused">
          <ProblemText t={t} of={refused} />
        </p>
      )}
    </div>
  );
}

type About = Readonly<Record<string, boolean | string>>;

function Control(props: FieldProps & { readonly label: string; readonly about: About }): ReactElement {
  const { field, values, onChange, label, about } = props;
  const desk = useDesk();
  const { name, kind } = field;
  const required = field.required === true;
  const className = required ? "required" : undefined;
  const value = values[name] ?? "";
  const text = typeof value === "string" ? value : "";
  const set = (next: string): void => onChange(name, next);
  switch (kind) {
    case "scope":
      return (
        <label className={className}>
          {label}
          <ScopeSelect value={text} required={required} about={about} onChange={set} />
        </label>
      );
    case "measure":
      return (
        <label className={className}>
          {label}
          <MeasureSelect value={text} required={required} about={about} onChange={set} />
        </label>
      );
    case "scopes":
    case "measures": {
      const Select = kind === "scopes" ? ScopeSelect : MeasureSelect;
      return (
        <fieldset className={className} {...about}>
          <legend>{label}</legend>
          <ListOf values={Array.isArray(value) ? value : []} onChange={(list) => onChange(name, list)}>
            {(each, i, change) => (
              <Select
                key={i}
                label={`${label} ${i + 1}`}
                value={each}
                required={required && i === 0}
                about={{}}
                onChange={change}
              />
            )}
          </ListOf>
        </fieldset>
      );
    }
    case "goal":
      return <GoalInput {...props} goal={value as Goal} />;
    case "path":
      return (
        <label>
          {label}
          <select value={text} onChange={(event) => set(event.target.value)} {...about}>
            <option value="">{desk.t("field.path.linear")}</option>
            <option value="step">{desk.t("field.path.step")}</option>
          </select>
        </label>
      );
    case "figures":
      return (
        <fieldset {...about}>
          <legend>{label}</legend>
          {OEE_RATIOS.map((kpi) => (
            <label key={kpi}>
              {namedMeasureLabel(desk, kpi)} (%)
              <input
                inputMode="decimal"
                value={plainText(values[kpi])}
                onChange={(event) => onChange(kpi, event.target.value)}
              />
            </label>
          ))}
        </fieldset>
      );
    case "text":
    case "date":
    case "whole":
    case "money": {
      const currency = desk.plant.description.currency;
      return (
        <label className={className}>
          {label}
          {kind === "money" && currency !== null ? ` (${currency})` : ""}
          <input
            type={kind === "date" ? "date" : kind === "text" ? "text" : "number"}
            min={kind === "whole" ? field.least : kind === "money" ? 0 : undefined}
            step={kind === "money" ? "any" : undefined}
            required={required}
            value={text}
            onChange={(event) => set(event.target.value)}
            {...about}
          />
        </label>
      );
    }
    default:
      return kind satisfies never;
  }
}

/** A select for each chosen value, and one more to add a value. */
function ListOf(props: {
  readonly values: readonly string[];
  readonly onChange: (values: readonly string[]) => void;
  readonly children: (value: string, i: number, change: (value: string) => void) => ReactElement;
}): ReactElement {
  const { values, onChange, children } = props;
  return (
    <>
      {[...values, ""].map((value, i) =>
        children(value, i, (next) => {
          const list = [...values.slice(0, i), next, ...values.slice(i + 1)];
          onChange(list.filter((each) => each !== ""));
        }),
      )}
    </>
  );
}

interface SelectProps {
  /** The accessible name, where there is no label element around it. */
  readonly label?: string;
  readonly value: string;
  readonly required: boolean;
  readonly about: About;
  readonly onChange: (value: string) => void;
}

/** A select whose first option is "none". */
function OneOf({
  label,
  value,
  required,
  about,
  onChange,
  children,
}: SelectProps & { readonly children: ReactNode }): ReactElement {
  return (
    <select
      aria-label={label}
      value={value}
      required={required}
      onChange={(event) => onChange(event.target.value)}
      {...about}
    >
      <option value="">–</option>
      {children}
    </select>
  );
}

function ScopeSelect(props: SelectProps): ReactElement {
  const { plant } = useDesk();
  return (
    <OneOf {...props}>
      {plant.description.scopes.map(({ path, name }) => (
        <option key={path} value={path}>
          {[...plant.ancestors(path).map((above) => above.name), name].join(" › ")}
        </option>
      ))}
    </OneOf>
  );
}

/** Measures that a target can have: KPIs that have a better, losses, reasons (ME-1, ME-2). */
function aims(desk: Desk): readonly (readonly [string, readonly string[]])[] {
  const { t, plant } = desk;
  return [
    [
      "KPI",
      MEASURE_NAMES.filter((name) => MEASURES[name].better !== 0 && MEASURES[name].rule !== "ST-4" && !isAmount(name)),
    ],
    [t("column.loss"), LOSSES.map((loss) => `loss:${loss}`)],
    [t("column.reason"), ["no-reason", ...plant.description.reasons.map(({ path }) => `reason:${path}`)]],
  ];
}

/** Whether a figure is an amount, which grows with the period and is no KPI. */
function isAmount(name: (typeof MEASURE_NAMES)[number]): boolean {
  return name.endsWith("Count") || name === "unplannedStopTime";
}

function MeasureSelect(props: SelectProps): ReactElement {
  const { value } = props;
  const desk = useDesk();
  const groups = aims(desk);
  const isKnown = value === "" || groups.some(([, names]) => names.includes(value));
  return (
    <OneOf {...props}>
      {isKnown ? null : <option value={value}>{namedMeasureLabel(desk, value)}</option>}
      {groups.map(([group, names]) => (
        <optgroup key={group} label={group}>
          {names.map((name) => (
            <option key={name} value={name}>
              {namedMeasureLabel(desk, name)}
            </option>
          ))}
        </optgroup>
      ))}
    </OneOf>
  );
}

function GoalInput(
  props: FieldProps & { readonly label: string; readonly about: About; readonly goal: Goal },
): ReactElement {
  const { field, values, onChange, label, about, goal } = props;
  const { t } = useDesk();
  const unit = unitOf(plainText(values["measure"]));
  const change = (part: Partial<Goal>): void => onChange(field.name, { ...goal, ...part });
  return (
    <fieldset className="required">
      <legend>{label}</legend>
      <select
        aria-label={t("goal.how")}
        value={goal.way}
        onChange={(event) => change({ way: event.target.value as Goal["way"] })}
      >
        {WAYS.filter((way) => way !== "points" || unit === "percent").map((way) => (
          <option key={way} value={way}>
            {t(way === "reach" ? `goal.reach.${unit}` : `goal.${way}`)}
          </option>
        ))}
      </select>
      <input
        aria-label={label}
        inputMode="decimal"
        required
        value={goal.number}
        onChange={(event) => change({ number: event.target.value })}
        {...about}
      />
    </fieldset>
  );
}
