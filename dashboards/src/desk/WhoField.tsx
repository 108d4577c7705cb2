/** The field of a form for the person's name; where people sign in it shows who is signed in. */
import type { ReactElement } from "react";
import { whoIs } from "../shared/who.ts";
import { useSession } from "../shared/api/session.ts";
import { useDesk } from "./desk-context.ts";

export function WhoField(): ReactElement {
  const { t } = useDesk();
  const session = useSession();
  if (session?.signIn === true) {
    return (
      <p>
        {t("present.by")}: <b>{session.name}</b>
      </p>
    );
  }
  return (
    <label className="required">
      {t("present.by")}
      <input name="by" required defaultValue={whoIs()} />
    </label>
  );
}
