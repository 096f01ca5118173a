#!/usr/bin/env python3
"""Holds a bill of materials to the schema of CycloneDX, strictly, and to what is built.

Usage: sbom.py FILE
"""

import json
import pathlib
import re
import sys

from cyclonedx.schema import SchemaVersion
from cyclonedx.validation.json import JsonStrictValidator
from report import ended_well, report

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent


def check(path):
    text = pathlib.Path(path).read_text()
    fault = JsonStrictValidator(SchemaVersion.V1_6).validate_str(text)
    report("bill of materials, strictly CycloneDX 1.6", str(fault) if fault else None)
    document = json.loads(text)
    parts = document["components"]
    purls = [part["purl"] for part in parts]
    twice = {purl for purl in purls if purls.count(purl) > 1}
    report(f"its {len(parts)} parts are each there once", str(twice) if twice else None)
    pins = json.loads((ROOT / "Package.resolved").read_text())["pins"]
    named = {(part["name"].lower(), part["version"]) for part in parts}
    missing = [
        pin["identity"]
        for pin in pins
        if (pin["identity"], pin["state"].get("version", pin["state"]["revision"])) not in named
    ]
    report("every resolved package is in it", f"missing: {missing}" if missing else None)
    dockerfile = (ROOT / "Dockerfile").read_text()
    last = dockerfile[dockerfile.rindex("FROM ") :]
    installed = re.search(r"install -y --no-install-recommends ([a-z0-9 -]+)", last).group(1)
    debian = {part["name"] for part in parts if part["group"] == "debian"} if parts else set()
    lost = set(installed.split()) - debian
    report("what the Dockerfile installs is in it", f"missing: {lost}" if lost else None)


if __name__ == "__main__":
    if len(sys.argv) != 2:
        raise SystemExit(__doc__)
    check(sys.argv[1])
    sys.exit(0 if ended_well() else 1)
