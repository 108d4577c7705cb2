"""Prints the offsets of all zones from 1970 to 2045, as Python reads them from the package tzdata, as JSON:
{"release": "2026f", "zones": {"Europe/Berlin": [[0, 3600], [323830800, 7200], ...]}}. Each pair is an instant (epoch s) and
the offset from UTC (s) from then on. Offsets are compared every third day; the instant of a change is found by bisection.
"""
import json
import sys
from datetime import datetime, timedelta, timezone
from hashlib import sha256
from importlib.resources import files
from zoneinfo import ZoneInfo, reset_tzpath

import tzdata

reset_tzpath(to=())  # zones of the package only, none of the system's
STEP = 3 * 86_400
END = int(datetime(2045, 1, 1, tzinfo=timezone.utc).timestamp())
EPOCH = datetime(1970, 1, 1, tzinfo=timezone.utc)


def changes(zone):
    def offset(at):
        moment = (EPOCH + timedelta(seconds=at)).astimezone(zone)
        return int(moment.utcoffset().total_seconds())

    before = offset(0)
    found = [[0, before]]
    for start in range(0, END, STEP):
        after = offset(start + STEP)
        if after == before:
            continue
        low, high = start, start + STEP
        while high - low > 1:
            middle = (low + high) // 2
            low, high = (middle, high) if offset(middle) == before else (low, middle)
        found.append([high, after])
        before = after
    return found


root = files("tzdata")
known = {}
zones = {}
for name in root.joinpath("zones").read_text().split():
    key = sha256(root.joinpath("zoneinfo", *name.split("/")).read_bytes()).digest()
    if key not in known:
        known[key] = changes(ZoneInfo(name))
    zones[name] = known[key]
json.dump({"release": tzdata.IANA_VERSION, "zones": zones}, sys.stdout)
