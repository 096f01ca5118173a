"""Where the gateway is and who calls it, for the clients beside this file."""

import os
import ssl
import sys

URL = os.environ["SWIFTLET_MCP_URL"]
# An attempt has neither: its agent's token lies in a file.
TOKEN = os.environ.get("SWIFTLET_MCP_TOKEN", "")
STRANGER = os.environ.get("SWIFTLET_MCP_STRANGER", "")
CA = os.environ.get("SWIFTLET_MCP_CA") or os.environ["SWIFTLET_MCP_CA_FILE"]


def headers(token: str = TOKEN) -> dict[str, str]:
    return {"Authorization": f"Bearer {token}"}


def trust() -> ssl.SSLContext:
    """Trusts the gateway's own authority and nobody else."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.load_verify_locations(CA)
    return context


def passed(what: str) -> None:
    print(f"ok {what}", flush=True)


def check(holds: object, what: str) -> None:
    if not holds:
        print(f"not ok {what}", flush=True)
        sys.exit(1)
