/**
 * The messages that are due about alerts (AL-3, AL-4). Each has a key of ticket, step and kind: a message whose key is
 * recorded as sent is not sent again, so that a restart or a second process sends nothing twice.
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
  /** The roles that the message goes to. */
  readonly roles: readonly string[];
}

export function messageKey(ticket: string, step: number, kind: MessageKind): string {
  return `${ticket}#${step}#${kind}`;
}

/** Messages that are due. A withdrawal is due for the steps alone of which `wasSent` says, by key, that their message was sent. */
export function messagesDue(alerts: readonly KnownAlert[], wasSent: (key: string) => boolean): readonly Message[] {
  return alerts.flatMap((alert) =>
    alert.steps.flatMap((step): Message[] => {
      const roles = rolesOf(alert.owners, step.to);
      const stepKey = messageKey(alert.ticket, step.number, "step");
      if (alert.withdrawn !== null) {
        if (!wasSent(stepKey)) return [];
        return [{ key: messageKey(alert.ticket, step.number, "withdrawal"), kind: "withdrawal", step, alert, roles }];
      }
      return step.due ? [{ key: stepKey, kind: "step", step, alert, roles }] : [];
    }),
  );
}

/** Whether a step was due more than `tooLateMs` ago, so that its message is not sent any more (AL-4). */
export function isTooLate({ kind, step }: Message, now: number, tooLateMs: number): boolean {
  return kind === "step" && now - step.at > tooLateMs;
}
