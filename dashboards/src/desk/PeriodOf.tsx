import { type ReactElement, useEffect } from "react";
import { Choice } from "./Choice.tsx";
import { useDesk } from "./desk-context.ts";

const PERIODS = ["this-quarter", "last-quarter", "this-month", "last-month", "this-week", "last-week"] as const;

/**
 * The name of the whole period in the address: `of`, such as `2026-Q2`, else that of the other views where it is one of these,
 * such as `last-quarter`.
 */
export function periodOfIn({ of, period }: Readonly<Record<string, string>>): string {
  return of ?? PERIODS.find((name) => name === period) ?? "this-quarter";
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
      onChange={(next) => go({ options: { period: next, of: null, from: null, to: null, ...props.also } })}
    />
  );
}

/** Notes by which name an answer of the chosen period is pinned, for links. */
export function usePinnedPeriod(headers: Headers | undefined): void {
  const { address, notePinned } = useDesk();
  const of = periodOfIn(address.options);
  const name = headers?.get("oee-period") ?? null;
  useEffect(() => notePinned(name === null ? null : { of, name }), [of, name, notePinned]);
}
