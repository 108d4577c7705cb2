"""Sends the cases of a file by librdkafka (confluent-kafka). Usage: librdkafka.py BROKER TOPIC FILE (see README.md)."""
import os
import sys

from cases import cases
from confluent_kafka import Producer

broker, topic, path = sys.argv[1:4]
failed = []
kept = []


def producer(codec, **more):
    return Producer({
        "bootstrap.servers": broker,
        "partitioner": "murmur2_random",
        "compression.type": codec,
        "linger.ms": 50,
        **more,
    })


def send(to, records):
    for key, value in records:
        to.produce(topic, key=key, value=value, on_delivery=lambda error, _: error and failed.append(error))
    to.flush()


for case in cases(path):
    mode, codec = case["mode"], case["codec"]
    if mode != "plain":
        timeout = 5000 if mode == "open" else 60000
        tx = producer(codec, **{"transactional.id": "rdkafka-" + case["name"], "transaction.timeout.ms": timeout})
        tx.init_transactions()
        tx.begin_transaction()
        send(tx, case["E"] if mode == "commit" else case["D"])
        if mode == "commit":
            tx.commit_transaction()
        elif mode == "abort":
            tx.abort_transaction()
        else:
            kept.append(tx)
    if mode != "commit":
        send(producer(codec), case["E"])
if failed:
    sys.exit(str(failed[0]))
print("done", flush=True)
sys.stdin.read()
# exit without closing producers, which would abort their open transactions
os._exit(0)
