"""An OPC UA server: python opcua-server.py PORT [OPTION...], where an option is `moved` (another namespace first, so that indexes differ)
`unsubscribed` (it knows no subscriptions) or `secure FOLDER` (its certificate and key in that folder, signed and encrypted alone; user anna, password secret, or the
certificate user.der).
A line of JSON on standard input sets a variable: {"name", "value", "status", "at"} (epoch ms); with {"count", "together", "everyMs"} too, to
so many values from that one on, so many of them at once. {"add", "value"} makes a variable with a text."""
import asyncio
import json
import logging
import sys
from datetime import datetime, timezone
from pathlib import Path

from asyncua import Server, ua
from asyncua.common.structures104 import new_struct, new_struct_field
from asyncua.common.utils import ServiceError
from asyncua.crypto.permission_rules import SimpleRoleRuleset, User, UserRole
from asyncua.server.internal_session import InternalSession
from asyncua.server.user_managers import UserManager

URI = "http://example.org/press"


class Users(UserManager):
    def __init__(self, certificate):
        self.certificate = certificate

    def get_user(self, iserver, username=None, password=None, certificate=None):
        if username == "anna" and password == "secret":
            return User(role=UserRole.User)
        if certificate == self.certificate:
            return User(role=UserRole.User)
        return None


async def refuse(*_, **__):
    raise ServiceError(ua.StatusCodes.BadServiceUnsupported)


async def main() -> None:
    logging.disable(logging.WARNING)
    port, options = int(sys.argv[1]), sys.argv[2:]
    secure = options[options.index("secure") + 1] if "secure" in options else None
    server = Server(user_manager=Users(Path(secure, "user.der").read_bytes()) if secure else None)
    await server.init()
    server.set_endpoint(f"opc.tcp://127.0.0.1:{port}/")
    if secure:
        await server.load_certificate(f"{secure}/server.der")
        await server.load_private_key(f"{secure}/server.pem")
        server.set_security_policy([ua.SecurityPolicyType.Basic256Sha256_SignAndEncrypt], permission_ruleset=SimpleRoleRuleset())
        server.set_identity_tokens([ua.UserNameIdentityToken, ua.X509IdentityToken])
        await server.set_application_uri("urn:example:press")
    else:
        server.set_security_policy([ua.SecurityPolicyType.NoSecurity])
    if "unsubscribed" in options:
        InternalSession.create_subscription = refuse
    if "moved" in options:
        await server.register_namespace("http://example.org/newcomer")
    index = await server.register_namespace(URI)
    press = await server.nodes.objects.add_object(ua.NodeId("Press", index), ua.QualifiedName("Press", index))
    await new_struct(server, index, "CountType", [
        new_struct_field("ID", ua.VariantType.Int32),
        new_struct_field("Count", ua.VariantType.Int32),
        new_struct_field("AccCount", ua.VariantType.Int32),
    ])
    types = await server.load_data_type_definitions()
    made = types["CountType"](ID=1, Count=3, AccCount=1003)
    kinds = {
        "State": (6, ua.VariantType.Int32),
        "Text": ("Execute", ua.VariantType.String),
        "Good": (100, ua.VariantType.UInt64),
        "Scrap": (5, ua.VariantType.UInt32),
        "Run": (True, ua.VariantType.Boolean),
        "Speed": (1.5, ua.VariantType.Float),
        "Order": (ua.LocalizedText("4711", "en"), ua.VariantType.LocalizedText),
        "Counts": ([made], ua.VariantType.ExtensionObject),
    }
    nodes = {}
    for name, (value, kind) in kinds.items():
        nodes[name] = await press.add_variable(ua.NodeId(f"Press.{name}", index), ua.QualifiedName(name, index), ua.Variant(value, kind))
    async with server:
        print("ready", flush=True)
        lines = asyncio.StreamReader()
        await asyncio.get_running_loop().connect_read_pipe(lambda: asyncio.StreamReaderProtocol(lines), sys.stdin)
        while line := await lines.readline():
            asked = json.loads(line)
            if "add" in asked:
                await press.add_variable(ua.NodeId(f"Press.{asked['add']}", index), ua.QualifiedName(asked["add"], index), asked["value"])
                continue
            name = asked["name"]
            value = asked.get("value")
            for n in range(asked.get("count", 0)):
                if n % asked["together"] == 0:
                    await asyncio.sleep(asked["everyMs"] / 1000)
                now = datetime.now(timezone.utc).replace(tzinfo=None)
                await nodes[name].write_value(ua.DataValue(ua.Variant(value + n, kinds[name][1]), SourceTimestamp=now))
            if "count" in asked:
                continue
            if name == "Counts":
                value = [types["CountType"](ID=1, Count=0, AccCount=value)]
            at = datetime.fromtimestamp(asked["at"] / 1000, timezone.utc).replace(tzinfo=None) if "at" in asked else datetime.now(timezone.utc).replace(tzinfo=None)
            status = ua.StatusCode(asked.get("status", 0))
            await nodes[name].write_value(ua.DataValue(ua.Variant(value, kinds[name][1]), status, SourceTimestamp=at))


asyncio.run(main())
