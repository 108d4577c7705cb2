import type { ReactElement } from "react";
import { Choice } from "./Choice.tsx";
import { useDesk } from "./desk-context.ts";

const PERIODS = ["this-quarter", "last-quarter", "this-month", "last-month", "this-week", "last-week"] as const;

/** The name of the period in the address, such as `2026-Q2` or `this-quarter`. */
export function periodOfIn(options: Readonly<Record<string, string>>): string {
  return options["of"] ?? "this-quarter";
}

/** A choice of a period of the calendar, for views that compare whole periods. */
export function PeriodOf(props: { readonly also?: Readonly<Record<string, null>> }): ReactElement {
  const { t, address, go } = useDesk();
  const of = periodOfIn(address.options);
  const named = PERIODS.find((name) => name === of);
  return (
    <Choice
      label={t("quarter.of")}
      value={of}
      options={[
        ...(named === undefined ? [[of, of] as const] : []),
        ...PERIODS.map((name) => [name, t(`period.${name}`)] as const),
      ]}
      onChange={(next) => go({ options: { of: next, ...props.also } })}
    />
  );
}
