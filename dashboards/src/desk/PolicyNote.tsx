/** Says beside a comparison, with the baseline unless `text` says otherwise, that the two sides were computed by different policies, and what differs (BL-6). */
import type { ReactElement } from "react";
import { useDesk } from "./desk-context.ts";
import { policyText } from "./policy-parts.ts";

export function PolicyNote(props: {
  readonly parts: readonly string[] | undefined;
  readonly text?: "quality.policy" | "quality.policyBefore";
}): ReactElement | null {
  const { parts = [], text = "quality.policy" } = props;
  const desk = useDesk();
  if (parts.length === 0) return null;
  return (
    <p className="weak-note" role="note" data-policy={parts.join(" ")}>
      {desk.t(text, { list: policyText(desk, parts) })}
    </p>
  );
}
