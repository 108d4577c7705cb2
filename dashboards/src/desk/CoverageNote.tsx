import type { ReactElement } from "react";
import type { Coverage } from "./data/use-coverage.ts";
import { useDesk } from "./desk-context.ts";

/** A note that a view rests on too little data, with its coverage. */
export function CoverageNote(props: { readonly coverage: Coverage }): ReactElement | null {
  const { share, weak } = props.coverage;
  const { t, values } = useDesk();
  if (!weak || share === null) return null;
  return (
    <p className="weak-note" data-weak={true} role="note">
      {share === 0 ? t("desk.nothingKnown") : t("mark.coverage", { percent: values.ratio(share) })}
    </p>
  );
}
