"""The Sparkplug edge node plant/LIBRARY with a metric `mode` of its own and a device `filler`: python sparkplug-edge.py LIBRARY PORT, in the Python that has that library.
A line of JSON on standard input ({"name", "value"}) tells a metric's value as DATA; at its end the node leaves."""
import json
import sys
import time

library, port = sys.argv[1], int(sys.argv[2])
FIRST = {"state": "Execute", "good": 100, "temperature": -5}

if library == "pysparkplug":
    from pysparkplug import DataType, Device, EdgeNode, Metric

    TYPES = {"state": DataType.STRING, "good": DataType.UINT32, "temperature": DataType.INT8}

    def metric(name, value):
        return Metric(timestamp=int(time.time() * 1000), name=name, datatype=TYPES[name], value=value)

    mode = Metric(timestamp=int(time.time() * 1000), name="mode", datatype=DataType.STRING, value="Execute")
    edge = EdgeNode("plant", library, metrics=[mode])
    edge.register(Device("filler", metrics=[metric(*item) for item in FIRST.items()]))
    edge.connect("127.0.0.1", port=port)

    def tell(name, value):
        edge.update_device("filler", [metric(name, value)])

    leave = edge.disconnect
else:
    from mqtt_spb_wrapper import MqttSpbEntityDevice, MqttSpbEntityEdgeNode

    edge = MqttSpbEntityEdgeNode("plant", library)
    edge.data.set_value("mode", "Execute")
    # Unless it is told, it waits for five seconds, and then publishes nothing.
    edge.connect("127.0.0.1", port, timeout=240)
    device = MqttSpbEntityDevice("plant", library, "filler")
    for item in FIRST.items():
        device.data.set_value(*item)
    device.connect("127.0.0.1", port, timeout=240)
    edge.publish_birth()
    device.publish_birth()

    def tell(name, value):
        device.data.set_value(name, value)
        device.publish_data()

    def leave():
        device.disconnect()
        edge.disconnect()


time.sleep(0.5)
print("ready", flush=True)
for line in sys.stdin:
    asked = json.loads(line)
    tell(asked["name"], asked["value"])
leave()
time.sleep(0.5)
