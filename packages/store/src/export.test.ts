/** Tables in the formats in which they leave the store, by both ways to ClickHouse. */
import { buffer, text as textOf } from "node:stream/consumers";
import { tableFromIPC } from "apache-arrow";
import { expect, test } from "vitest";
import { event, HOUR, row, segment, stamp } from "../test/rows.ts";
import { byBothWays } from "../test/both-ways.ts";

byBothWays((on) => {
  test("contract: rows are exported as JSON lines, CSV, Arrow and Parquet", async () => {
    await on.store.insertRows(
      [row("out/a/l/m", 1, { product: "cola" }), row("out/a/l/m", 2), row("out/a/l/m", 70)],
      stamp(1),
    );
    await on.store.insertStops([segment("out/a/l/m", 1, 1)], stamp(1));
    await on.store.insertEvents([event("out/a/l/m", 1, 1)]);
    const query = { machines: { under: "out" }, period: HOUR } as const;
    const csv = await textOf(await on.store.export({ ...query, table: "kpi_minutes", format: "CSVWithNames" }));
    expect(csv.split("\n").map((line) => line.split(",").slice(0, 3).join())).toEqual([
      '"machine","minute","run_time_ms"',
      '"out/a/l/m","2026-03-02T05:01:00.000Z",60000',
      '"out/a/l/m","2026-03-02T05:02:00.000Z",60000',
      "",
    ]);
    for (const table of ["kpi_minutes", "stops", "events"] as const) {
      const lines = (await textOf(await on.store.export({ ...query, table, format: "JSONEachRow" })))
        .trim()
        .split("\n");
      const arrow = tableFromIPC(await buffer(await on.store.export({ ...query, table, format: "ArrowStream" })));
      expect(arrow.numRows).toBe(lines.length);
      expect(arrow.schema.fields.map((field) => field.name)).toEqual(Object.keys(JSON.parse(lines[0] ?? "")));
      const instants = { events: ["at", "received_at"], kpi_minutes: ["minute"], stops: ["from_time", "to_time"] }[
        table
      ];
      const first = JSON.parse(lines[0] ?? "") as Readonly<Record<string, unknown>>;
      const [header = "", record = ""] = (
        await textOf(await on.store.export({ ...query, table, format: "CSVWithNames" }))
      ).split("\n");
      const names = header.slice(1, -1).split('","');
      for (const name of instants) {
        expect(String(arrow.schema.fields.find((field) => field.name === name)?.type)).toBe(
          "Timestamp<MILLISECOND, UTC>",
        );
        const text = String(first[name]);
        expect(text).toMatch(/^2026-03-0\dT\d\d:\d\d:\d\d\.\d{3}Z$/);
        expect(arrow.getChild(name)?.get(0)).toBe(Date.parse(text));
        expect(record.split(",")[names.indexOf(name)]).toBe(`"${text}"`);
      }
      expect(record).not.toContain("\\N");
      const missing = names.filter((name) => first[name] === null && name !== "raw");
      if (table !== "events") expect(missing.length).toBeGreaterThan(0);
      if (table !== "events") for (const name of missing) expect(record.split(",")[names.indexOf(name)]).toBe("");
      const parquet = await buffer(await on.store.export({ ...query, table, format: "Parquet" }));
      expect(parquet.subarray(0, 4).toString()).toBe("PAR1");
      expect(parquet.subarray(-4).toString()).toBe("PAR1");
    }
  });
});
