/** The view of the raw events from which figures and stops are computed: those of a machine as they came, and corrections that overlap the period. */
import type { RawEventAnswer } from "@oee/protocol";
import type { ReactElement } from "react";
import { apiUrl } from "../../shared/api/ask.ts";
import { serverNow } from "../../shared/api/server-time.ts";
import { Answered } from "../Answered.tsx";
import { useTable } from "../data/use-table.ts";
import { type Desk, useDesk } from "../desk-context.ts";
import { nameOf } from "../element-columns.ts";
import { follow } from "../Shell.tsx";
import type { Column } from "../table/column.ts";
import { DataTable } from "../table/DataTable.tsx";
import { NOT_KNOWN } from "../values.ts";

export function Events(): ReactElement {
  const { scope } = useDesk();
  return scope.kind === "machine" ? <OfMachine machine={scope.path} /> : <Machines />;
}

function OfMachine(props: { readonly machine: string }): ReactElement {
  const { machine } = props;
  const desk = useDesk();
  const { t, spans } = desk;
  const asked = useTable<RawEventAnswer>(apiUrl("/events", { machine, ...spans.span, limit: 10_000 }));
  return (
    <Answered asked={asked}>
      {({ rows, headers }) => (
        <>
          <p className="muted">{t("events.what")}</p>
          {headers.get("oee-next") === null ? null : (
            <p role="note" className="note">
              {t("events.cut", { count: rows.length })}
            </p>
          )}
          <DataTable
            name="events"
            caption={t("events.title", { count: rows.length })}
            columns={columnsOf(desk)}
            rows={rows}
            span={spans.span}
            keyOf={({ bearing, topic, partition, offset, index }) =>
              `${bearing} ${topic} ${partition} ${offset} ${index}`
            }
          />
        </>
      )}
    </Answered>
  );
}

function columnsOf(desk: Desk): readonly Column<RawEventAnswer>[] {
  const { t, format, scope } = desk;
  const instant = (name: "at" | "receivedAt"): Column<RawEventAnswer> => ({
    name,
    label: t(`events.${name}`),
    value: (event) => event[name],
    text: (event) => format.clockInstant(Date.parse(event[name]), serverNow(), scope.timezone),
  });
  return [
    instant("at"),
    { name: "type", label: t("events.type"), value: ({ type }) => type, text: ({ type }) => type },
    {
      name: "bearing",
      label: t("events.bearing"),
      value: ({ bearing }) => bearing,
      text: ({ bearing }) => t(`bearing.${bearing}`),
    },
    {
      name: "raw",
      label: t("events.raw"),
      value: ({ raw }) => raw,
      text: ({ raw }) => raw,
      // A correction names who made it.
      person: ({ type }) => type === "correction",
      shown: ({ raw }) => <code className="raw">{raw}</code>,
    },
    instant("receivedAt"),
    { name: "id", label: t("events.id"), value: ({ id }) => id, text: ({ id }) => id ?? NOT_KNOWN },
    { name: "topic", label: t("events.topic"), value: ({ topic }) => topic, text: ({ topic }) => topic },
    number("partition", t("events.partition")),
    number("offset", t("events.offset")),
    number("index", t("events.index")),
  ];
}

/** A column of a partition, offset or index, written without separators, as tools of the log write it. */
function number(name: "partition" | "offset" | "index", label: string): Column<RawEventAnswer> {
  return { name, label, value: (event) => event[name], text: (event) => String(event[name]) };
}

/** A choice of the machine, since events are shown of one machine at a time. */
function Machines(): ReactElement {
  const desk = useDesk();
  const { t, plant, scope, href, go } = desk;
  const machines = plant.below(scope.path, "machine");
  return (
    <section>
      <p>{t("events.choose")}</p>
      <ul className="lines">
        {machines.map(({ path }) => (
          <li key={path}>
            <a href={href({ scope: path })} onClick={(event) => follow(event, () => go({ scope: path }))}>
              {nameOf(desk, path)}
            </a>
          </li>
        ))}
      </ul>
    </section>
  );
}
