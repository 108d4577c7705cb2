"""Makes what pyarrow 26 writes of ref.ndjson beside it: python3 make.py. The other files are of pandas 3.1, polars 2.1 and pyarrow 26."""
import decimal
import json
import uuid

import pyarrow as pa
import pyarrow.parquet as pq
import pyarrow.compute as pc

rows = [json.loads(line) for line in open("ref.ndjson")]
columns = list(dict.fromkeys(key for row in rows for key in row))


def decimals(kind):
    return {
        name: pa.array([None if row.get(name) is None else decimal.Decimal(row[name]) for row in rows], kind)
        for name in ("good", "scrap")
        if name in columns
    }


plain = {name: pa.array([row.get(name) for row in rows]) for name in columns}
ids = pa.array([uuid.UUID(int=i).bytes for i in range(len(rows))], pa.uuid())
# Of any width, whole or with a scale.
for name, kind in {
    "dec32": pa.decimal32(7, 0),
    "dec64": pa.decimal64(15, 2),
    "dec256": pa.decimal256(50, 3),
}.items():
    table = pa.table(plain | decimals(kind) | {"id": ids})
    with pa.ipc.new_stream(f"pa-{name}.arrows", table.schema, options=pa.ipc.IpcWriteOptions(compression="lz4")) as out:
        out.write_table(table)
pq.write_table(pa.table(plain | decimals(pa.decimal128(12, 2)) | {"id": ids}), "pa-dec.parquet")
runs = pa.table(plain | {"machine": pc.run_end_encode(plain["machine"])})
with pa.ipc.new_stream("pa-runs.arrows", runs.schema) as out:
    out.write_table(runs)
# Timestamps without a time zone, as a pandas column has them unless it is told one.
naive = pa.table(plain | {"at": plain["at"].cast(pa.timestamp("ms"))})
pq.write_table(naive, "pa-no-zone.parquet")
with pa.ipc.new_file("pa-no-zone.arrow", naive.schema) as out:
    out.write_table(naive)
