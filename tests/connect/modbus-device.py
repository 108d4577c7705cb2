"""A Modbus TCP device: python modbus-device.py PORT VALUE...; a line "address value" on standard input sets a register."""
import asyncio
import sys

from pymodbus.server import ModbusTcpServer
from pymodbus.simulator import DataType, SimData, SimDevice


async def main() -> None:
    port, values = int(sys.argv[1]), [int(value) for value in sys.argv[2:]]
    device = SimDevice(1, simdata=[SimData(0, values=values, datatype=DataType.REGISTERS)])
    server = ModbusTcpServer([device], address=("127.0.0.1", port))
    await server.serve_forever(background=True)
    print("ready", flush=True)
    lines = asyncio.StreamReader()
    await asyncio.get_running_loop().connect_read_pipe(lambda: asyncio.StreamReaderProtocol(lines), sys.stdin)
    while line := await lines.readline():
        address, value = line.split()
        await server.context.async_setValues(1, 6, int(address), [int(value)])


asyncio.run(main())
