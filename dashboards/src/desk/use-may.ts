/** What somebody's role does not let them enter is said before they try: the server judges by the same roles. */
import { type Session, useSession } from "../shared/api/session.ts";
import { useDesk } from "./desk-context.ts";

/** Each includes those before it. */
const ROLES = ["viewer", "operator", "supervisor", "engineer", "admin"] as const;
export type Role = (typeof ROLES)[number];

/** `scope`: of what is to be entered. A page that does not know yet who looks does not stand in the way. */
export function mayEnter(session: Session | null, needed: Role, scope: string): boolean {
  if (session === null || !session.signIn) return true;
  return session.roles.some(
    ({ role, scope: held }) =>
      ROLES.findIndex((name) => name === role) >= ROLES.indexOf(needed) &&
      (held === "*" || scope === held || scope.startsWith(`${held}/`)),
  );
}

/** Why one may not, in words; `null`: one may. */
export function useWhyNot(needed: Role, scope: string): string | null {
  const session = useSession();
  const { t, plant } = useDesk();
  if (mayEnter(session, needed, scope)) return null;
  return t("may.not", { role: t(`role.${needed}`), scope: plant.scope(scope)?.name ?? scope });
}
