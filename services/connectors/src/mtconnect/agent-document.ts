/** What a document of an MTConnect agent tells, whatever its form. */

export interface AgentDocument {
  /** The run of the agent. Another value: the agent was restarted, and its sequence numbers begin again. */
  readonly instanceId: string;
  /** The sequence number from which to read on. */
  readonly nextSequence: number;
  readonly lastSequence: number;
  readonly observations: readonly AgentObservation[];
  /** The first error code of an MTConnectError document, empty where it has none; `null`: it is another document. */
  readonly errorCode: string | null;
}

export interface AgentObservation {
  /** `null`: the document names none. */
  readonly device: string | null;
  /** The type: `Execution`, `PartCount`; of a condition its level. */
  readonly element: string;
  readonly dataItemId: string;
  readonly name: string | null;
  readonly timestamp: string;
  readonly sequence: number;
  /** Of a condition its level: `Normal`, `Warning`, `Fault` or `Unavailable`. */
  readonly value: string;
  /** Which of its alarms a condition speaks of (its `conditionId` or `nativeCode`); empty: of all of them; `null`: it is no condition. */
  readonly alarm: string | null;
}
