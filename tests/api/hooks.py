"""What schemathesis has to know of the API besides its document: what our text formats look like, and which refusals of a
valid request are an answer all the same, for they depend on the plant or on several parameters together."""

import datetime
import hashlib
import os

import schemathesis
from hypothesis import strategies as st

WINDOWS = ["15m", "1h", "8h", "24h", "shift"]
MACHINES = ["s/x/l/a", "s/x/l/b", "s/x/l/c"]

instants = st.datetimes(datetime.datetime(2001, 1, 1), datetime.datetime(2099, 1, 1))
durations = st.builds("{}{}".format, st.integers(0, 9_000), st.sampled_from(["ms", "s", "m", "h"]))
schemathesis.openapi.format(
    "instant",
    st.one_of(
        instants.map(lambda at: at.isoformat(timespec="milliseconds") + "Z"),
        st.just("now"),
        st.builds("now{}{}".format, st.sampled_from("-+"), durations),
    ),
)
schemathesis.openapi.format("short-duration", st.builds("{}{}".format, st.integers(1, 900), st.sampled_from(["ms", "s", "m"])))
schemathesis.openapi.format("windows", st.lists(st.sampled_from(WINDOWS)).map(",".join))
schemathesis.openapi.format(
    "stop-key", st.builds("{}@{}".format, st.integers(946_684_800_000, 4_102_444_799_999), st.sampled_from(MACHINES))
)
days = st.dates(datetime.date(2001, 1, 1), datetime.date(2099, 1, 1)).map(lambda day: day.isoformat())
schemathesis.openapi.format("local-date", days)
schemathesis.openapi.format("measure", st.sampled_from(["oee", "availability", "performance", "quality", "mttr"]))
# Of tokens and displays.
schemathesis.openapi.format("user-name", st.from_regex(r"[A-Za-z0-9][A-Za-z0-9 ._@-]{0,63}", fullmatch=True))
schemathesis.openapi.format("scope-path", st.sampled_from(["*", "s", "s/x", "s/x/l", "elsewhere"]))
schemathesis.openapi.format(
    "instant-to-come",
    st.datetimes(datetime.datetime(2050, 1, 1), datetime.datetime(2099, 1, 1)).map(lambda at: at.isoformat() + "Z"),
)
schemathesis.openapi.format("certificate-digest", st.from_regex(r"[0-9a-f]{64}|([0-9A-F]{2}:){31}[0-9A-F]{2}", fullmatch=True))
RELATIVE = [f"{which}-{length}" for which in ("this", "last") for length in ("week", "month", "quarter", "year")]
schemathesis.openapi.format(
    "period",
    st.one_of(
        st.sampled_from(["today", "yesterday", *RELATIVE]),
        days,
        st.builds("{}-Q{}".format, st.integers(2001, 2098), st.integers(1, 4)),
        st.builds("{}-{:02}".format, st.integers(2001, 2098), st.integers(1, 12)),
        st.builds("{}-W{:02}".format, st.integers(2001, 2098), st.integers(1, 52)),
    ),
)

DEPENDS = {
    "OEE_HTTP_EMPTY_PERIOD",
    "OEE_HTTP_BY_ABOVE_SCOPE",
    "OEE_HTTP_TOO_MANY_ELEMENTS",
    "OEE_HTTP_UNKNOWN_SCOPE",
    "OEE_HTTP_CORRECTION_REFUSED",
    # What an entry must hold depends on its type, on the plant and on entries before it.
    "OEE_HTTP_ENTRY_REFUSED",
    # An event or body of another kind than the content type says, which the document cannot tell.
    "OEE_HTTP_BODY_TOO_LARGE",
    # Where people sign in: names and passwords are made up, and who is signed in says nothing of who they are.
    "OEE_HTTP_SIGN_IN_FAILED",
    "OEE_HTTP_SIGN_IN_DELAYED",
    "OEE_HTTP_PASSWORD_REFUSED",
    # The suite's gateway has no secret of users, without which nobody has a second factor.
    "OEE_HTTP_SECOND_FACTOR_REFUSED",
    "OEE_HTTP_BY_REFUSED",
}

# Of the person who asks; empty where nobody signs in.
COOKIE = os.environ.get("OEE_API_COOKIE", "")
PERSON = os.environ.get("OEE_API_PERSON", "")
# Identifiers that lists answer and that are tried where something is ended: with these it would be who asks.
OWN = {PERSON, hashlib.sha256(COOKIE.partition("=")[2].encode()).hexdigest()}


@schemathesis.hook
def before_call(context, case, kwargs):
    if COOKIE == "":
        return
    signs_out = case.method.upper() == "DELETE" and case.path == "/api/v1/session"
    name, _, secret = COOKIE.partition("=")
    # Not as a header: that of cookies which answers set would take its place.
    case.cookies = {**(case.cookies or {}), name: "nobody" if signs_out else secret}
    case.headers = {**(case.headers or {}), "oee-request": "schemathesis"}
    body = case.body
    is_valid = case.meta is not None and case.meta.generation.mode.is_positive
    if is_valid and isinstance(body, dict) and isinstance(body.get("certificate"), str):
        # A certificate stands for one token, which the document cannot say of those that are made here.
        case.body = {**body, "certificate": os.urandom(32).hex()}
    if case.method.upper() == "DELETE" and case.path_parameters.get("id") in OWN:
        case.path_parameters["id"] = "nobody"


@schemathesis.check
def valid_requests_are_answered(ctx, response, case):
    """A request that the document allows is answered, or refused for what the document cannot say."""
    meta = case.meta
    if meta is None or not meta.generation.mode.is_positive:
        return
    if response.status_code < 400 or response.status_code == 404:
        return
    code = response.json().get("code")
    assert code in DEPENDS, f"a valid request is refused: {response.status_code} {code} {response.text[:400]}"
