#!/usr/bin/env bash
# pymodbus 3.16.1 as a Modbus TCP server: of requests that arrive in one segment the first alone is answered.
#
# Versions: pymodbus 3.16.1.
# Behaviour: requests of Modbus TCP have an identifier of their transaction, so that a client may send several before the first answer.
#   TCP puts small writes in quick succession into one segment, as it likes. The server answers the first request in it and drops
#   the rest: the client waits for these until its timeout, and a register seems dead that is well. Sent one after the other, all are
#   answered.
# Output seen: one segment: answered 1; a segment each: answered 4 5 6
# Source: MODBUS Messaging on TCP/IP Implementation Guide V1.0b has several transactions on one connection; the behaviour is undocumented.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
python3 -m venv python && python/bin/pip install --quiet --disable-pip-version-check pymodbus==3.16.1
cat > run.py <<'PY'
import asyncio, socket, struct
from pymodbus.server import ModbusTcpServer
from pymodbus.simulator import DataType, SimData, SimDevice

ANSWER_BYTES = 11


def request(transaction):
    """Reads one holding register, the first."""
    return struct.pack(">HHHBBHH", transaction, 0, 6, 1, 3, 0, 1)


async def main():
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    device = SimDevice(1, simdata=[SimData(0, values=[7], datatype=DataType.REGISTERS)])
    await ModbusTcpServer([device], address=("127.0.0.1", port)).serve_forever(background=True)
    reader, writer = await asyncio.open_connection("127.0.0.1", port)

    async def answered():
        answers = []
        try:
            while len(answers) < 3:
                answer = await asyncio.wait_for(reader.readexactly(ANSWER_BYTES), 3)
                answers.append(str(struct.unpack(">H", answer[:2])[0]))
        except asyncio.TimeoutError:
            pass
        return " ".join(answers)

    writer.write(b"".join(request(n) for n in (1, 2, 3)))
    print("one segment: answered", await answered())
    for n in (4, 5, 6):
        writer.write(request(n))
        await asyncio.sleep(0.5)
    print("a segment each: answered", await answered())


asyncio.run(main())
PY
timeout 60 python/bin/python run.py 2> errors | tee seen || { cat errors; exit 1; }
diff seen - <<'EXPECTED'
one segment: answered 1
a segment each: answered 4 5 6
EXPECTED
