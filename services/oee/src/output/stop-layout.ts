/** How stops are laid out: a record per segment (ST-5). */
import { STOPS } from "@oee/gateway/tabular/columns";
import type { Plant, StopSegment } from "@oee/model";
import { duration, localTimes } from "./for-people.ts";
import type { Layout } from "./rendered.ts";
import type { TableColumn } from "./table.ts";

export function stopLayout(plant: Plant): Layout<StopSegment> {
  return { ...STOPS, table: { columns: tableColumns(plant), empty: "no stops", note: () => null } };
}

function tableColumns(plant: Plant): readonly TableColumn<StopSegment>[] {
  const { title, timeOf, zoneOf } = localTimes(plant);
  return [
    text("machine", ({ machine }) => machine),
    text(title("from"), ({ machine, from }) => timeOf(machine, from)),
    { ...text(title("to"), ({ machine, to, open }) => (open ? "still open" : timeOf(machine, to))), spare: 2 },
    { ...text("time zone", ({ machine }) => zoneOf(machine)), spare: 3 },
    { title: "duration", align: "right", cell: (segment) => duration(segment.duration) },
    {
      title: "scheduled",
      align: "right",
      cell: (segment) => duration(segment.scheduledDuration),
      silent: (segment) => segment.scheduledDuration === segment.duration,
      spare: 5,
    },
    text("kind", ({ minor, failure }) => (minor ? "minor stop" : failure ? "failure" : "stop")),
    text("state", ({ state }) => state),
    text("reason", ({ reason }) => reason),
    { ...text("shift", ({ shift, shiftDate }) => (shift === null ? null : `${shiftDate} ${shift}`)), spare: 4 },
    { ...text("product", ({ product }) => product), spare: 6 },
    { ...text("corrected by", ({ correctedBy }) => correctedBy), spare: 7 },
  ];
}

function text(title: string, of: (segment: StopSegment) => string | null): TableColumn<StopSegment> {
  return { title, align: "left", cell: (segment) => of(segment) ?? "", silent: (segment) => of(segment) === null };
}
