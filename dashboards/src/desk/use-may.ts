/** Whether a person's role lets them use a form, so that the page can say so before they try. The server decides by the same roles. */
import { isInScope } from "@oee/model/paths";
import { type Session, useSession } from "../shared/api/session.ts";
import { useDesk } from "./desk-context.ts";

/** The roles; each includes those before it. */
const ROLES = ["viewer", "operator", "supervisor", "engineer", "admin"] as const;
export type Role = (typeof ROLES)[number];

/** Whether a session has a role for the scope of what is entered; `true` while the session is not known yet. */
export function mayEnter(session: Session | null, needed: Role, scope: string): boolean {
  if (session === null || !session.signIn) return true;
  return session.roles.some(
    ({ role, scope: held }) =>
      ROLES.findIndex((name) => name === role) >= ROLES.indexOf(needed) && isInScope(scope, held),
  );
}

/** Why the person may not use a form, in words; `null`: they may. */
export function useWhyNot(needed: Role, scope: string): string | null {
  const session = useSession();
  const { t, plant } = useDesk();
  if (mayEnter(session, needed, scope)) return null;
  return t("may.not", { role: t(`role.${needed}`), scope: plant.scope(scope)?.name ?? scope });
}
