"""What the agents of client_attempt.py remembered lies in the database that was given."""

import json
import os
import urllib.request

from gateway import check, passed

BASE = (
    os.environ["SWIFTLET_MEMORY_URL"]
    + "/api/v2/tenants/default_tenant/databases/default_database/collections"
)


def ask(path: str, body: dict | None = None) -> object:
    data = None if body is None else json.dumps(body).encode()
    request = urllib.request.Request(
        BASE + path, data=data, headers={"Content-Type": "application/json"})
    with urllib.request.urlopen(request, timeout=20) as answer:
        return json.load(answer)


found = ask("")
check(len(found) == 1, f"one pool, tenant and type: {found}")
check(found[0]["metadata"]["pool"] == "default/crew", f"whose: {found}")
kept = ask(f"/{found[0]['id']}/get", {"include": ["documents"]})
check(len(kept["ids"]) == 2, f"what was said twice is kept once: {kept}")
check(any("grade seven" in text for text in kept["documents"]), f"the texts: {kept}")
passed("chroma 1.5.9: the memories of agents")
