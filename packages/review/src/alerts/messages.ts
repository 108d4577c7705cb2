/**
 * What is to be sent about alerts (AL-3, AL-4). Each message has a key (ticket, step, kind); what was recorded under a key
 * is not sent again, so that a restart or a second process sends nothing twice.
 */
import type { MessageKind } from "@oee/model";
import { type AlertStep, rolesOf } from "./alerts.ts";
import type { KnownAlert } from "./board.ts";

export interface Message {
  /** `TICKET#STEP#KIND`. */
  readonly key: string;
  readonly kind: MessageKind;
  readonly step: AlertStep;
  readonly alert: KnownAlert;
  /** Whom it goes to. */
  readonly roles: readonly string[];
}

export function messageKey(ticket: string, step: number, kind: MessageKind): string {
  return `${ticket}#${step}#${kind}`;
}

/** Messages that are due; `wasSent` says of a key whether somebody got it, a withdrawal goes to those alone. */
export function messagesDue(alerts: readonly KnownAlert[], wasSent: (key: string) => boolean): readonly Message[] {
  return alerts.flatMap((alert) =>
    alert.steps.flatMap((step): Message[] => {
      const roles = rolesOf(alert.owners, step.to);
      const told = messageKey(alert.ticket, step.number, "step");
      if (alert.withdrawn !== null) {
        if (!wasSent(told)) return [];
        return [{ key: messageKey(alert.ticket, step.number, "withdrawal"), kind: "withdrawal", step, alert, roles }];
      }
      return step.due ? [{ key: told, kind: "step", step, alert, roles }] : [];
    }),
  );
}

/** AL-4: a step that was due longer than `tooLateMs` ago when its turn comes pages no one. */
export function isTooLate({ kind, step }: Message, now: number, tooLateMs: number): boolean {
  return kind === "step" && now - step.at > tooLateMs;
}
