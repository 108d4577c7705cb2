"""Sends the cases of a file by aiokafka. Usage: aio.py BROKER TOPIC FILE (see README.md)."""
import asyncio
import os
import sys

from aiokafka import AIOKafkaProducer
from cases import cases

broker, topic, path = sys.argv[1:4]


async def producer(codec, **more):
    made = AIOKafkaProducer(
        bootstrap_servers=broker, compression_type=None if codec == "none" else codec, linger_ms=50, **more
    )
    await made.start()
    return made


async def send(to, records):
    waiting = [await to.send(topic, value.encode(), key=key.encode()) for key, value in records]
    await asyncio.gather(*waiting)


async def main():
    for case in cases(path):
        mode, codec = case["mode"], case["codec"]
        if mode != "plain":
            timeout = 5000 if mode == "open" else 60000
            tx = await producer(codec, transactional_id="aio-" + case["name"], transaction_timeout_ms=timeout)
            await tx.begin_transaction()
            await send(tx, case["E"] if mode == "commit" else case["D"])
            if mode == "commit":
                await tx.commit_transaction()
            elif mode == "abort":
                await tx.abort_transaction()
            if mode != "open":
                await tx.stop()
        if mode != "commit":
            plain = await producer(codec)
            await send(plain, case["E"])
            await plain.stop()
    print("done", flush=True)
    sys.stdin.read()
    os._exit(0)


asyncio.run(main())
