#!/usr/bin/env python3
"""Writes what the image is made of, as a CycloneDX 1.6 document.

Usage: sbom.py [--image IMAGE] [--program FILE]... > sbom.cdx.json

Swift packages are those of Package.resolved: they are linked into both programs. Debian packages
are those of an image where one is named, asked of its own dpkg through podman or docker; without
one, those of this machine that the programs need to start (`ldd`), and the two that the Dockerfile
installs for their files. The same sources give the same document.
"""

import argparse
import json
import os
import pathlib
import re
import shutil
import subprocess
import sys
import uuid

ROOT = pathlib.Path(__file__).resolve().parent.parent
# What the Dockerfile installs besides the libraries, for its files.
FILES = ["ca-certificates", "tzdata"]
QUERY = "${binary:Package}\t${Version}\t${Architecture}\t${source:Package}\n"


def run(*command):
    result = subprocess.run(command, capture_output=True, text=True, cwd=ROOT)
    if result.returncode != 0:
        sys.exit(f"sbom: {' '.join(command)}: {result.stderr.strip()}")
    return result.stdout


def version():
    text = (ROOT / "Sources/SwiftletAPI/SwiftletVersion.swift").read_text()
    return re.search(r'current = "([^"]+)"', text).group(1)


def licence(identity):
    """The licence of a package that was fetched, where its text is one that is well known."""
    for name in ["LICENSE.txt", "LICENSE", "LICENSE.md"]:
        path = ROOT / ".build/checkouts" / identity / name
        if path.exists():
            text = path.read_text(errors="replace")[:4000]
            if "Apache License" in text:
                return "Apache-2.0"
            if "MIT License" in text or "Permission is hereby granted" in text:
                return "MIT"
    return None


def swift_packages():
    for pin in json.loads((ROOT / "Package.resolved").read_text())["pins"]:
        place = pin["location"].removeprefix("https://").removesuffix(".git")
        state = pin["state"]
        named = state.get("version") or state["revision"]
        component = {
            "type": "library",
            "bom-ref": f"pkg:swift/{place}@{named}",
            "group": "/".join(place.split("/")[:-1]),
            "name": place.split("/")[-1],
            "version": named,
            "scope": "required",
            "purl": f"pkg:swift/{place}@{named}",
            "externalReferences": [{"type": "vcs", "url": pin["location"]}],
            "properties": [{"name": "swiftlet:revision", "value": state["revision"]}],
        }
        name = licence(pin["location"].split("/")[-1].removesuffix(".git"))
        if name:
            component["licenses"] = [{"license": {"id": name}}]
        yield component


def swift_itself():
    """Swift's own libraries, which both programs have in them, by the image that builds them."""
    text = (ROOT / "Dockerfile").read_text()
    named = re.search(r"SWIFT_IMAGE=swift:([0-9.]+)", text).group(1)
    return {
        "type": "framework",
        "bom-ref": f"pkg:github/swiftlang/swift@{named}",
        "group": "swiftlang",
        "name": "swift",
        "version": named,
        "scope": "required",
        "purl": f"pkg:github/swiftlang/swift@{named}",
        "licenses": [{"license": {"id": "Apache-2.0"}}],
        "externalReferences": [{"type": "vcs", "url": "https://github.com/swiftlang/swift"}],
    }


def of_image(image):
    tool = shutil.which("podman") or shutil.which("docker")
    if not tool:
        sys.exit("sbom: --image needs podman or docker")
    return run(
        tool, "run", "--rm", "--network=none", "--entrypoint", "dpkg-query", image, "-W", "-f", QUERY
    )


def of_machine(programs):
    """The packages of this machine that the programs name as libraries, and those of FILES."""
    paths = set()
    for program in programs:
        linked = subprocess.run(["ldd", program], capture_output=True, text=True)
        # A static program has none; ldd says so with an error.
        if linked.returncode == 0:
            paths.update(re.findall(r"(?:=> |^\s*)(/\S+) \(", linked.stdout, re.MULTILINE))
    names = set(FILES)
    for path in sorted(paths):
        # Debian has /lib as a link to /usr/lib, and its packages say either.
        for spelt in [os.path.realpath(path), path, path.removeprefix("/usr")]:
            owner = subprocess.run(["dpkg-query", "-S", spelt], capture_output=True, text=True)
            if owner.returncode == 0:
                names.add(owner.stdout.split(": ")[0].split(",")[0])
                break
    return run("dpkg-query", "-W", "-f", QUERY, *sorted(names))


def debian_packages(text):
    release = dict(
        line.split("=", 1) for line in pathlib.Path("/etc/os-release").read_text().splitlines()
        if "=" in line
    ).get("VERSION_CODENAME", "bookworm")
    for line in sorted(set(text.splitlines())):
        name, named, architecture, source = line.split("\t")
        name = name.split(":")[0]
        purl = f"pkg:deb/debian/{name}@{named}?arch={architecture}&distro={release}".replace(
            "+", "%2B"
        )
        yield {
            "type": "library",
            "bom-ref": purl,
            "group": "debian",
            "name": name,
            "version": named,
            "scope": "required",
            "purl": purl,
            "properties": [{"name": "swiftlet:debian-source", "value": source}],
        }


def main():
    options = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    options.add_argument("--image")
    options.add_argument("--program", action="append", default=[])
    given = options.parse_args()
    packages = of_image(given.image) if given.image else of_machine(given.program)
    parts = [swift_itself(), *swift_packages(), *debian_packages(packages)]
    parts.sort(key=lambda part: part["bom-ref"])
    named = version()
    own = {
        "type": "container",
        "bom-ref": f"pkg:oci/swiftlet@{named}",
        "name": "swiftlet",
        "version": named,
        "purl": f"pkg:oci/swiftlet@{named}",
        "licenses": [{"license": {"id": "Apache-2.0"}}],
        "properties": [
            {"name": "swiftlet:packages-of", "value": given.image or "the machine that built it"}
        ],
    }
    body = {
        "metadata": {
            "lifecycles": [{"phase": "build"}],
            "component": own,
        },
        "components": parts,
        "dependencies": [
            {"ref": own["bom-ref"], "dependsOn": [part["bom-ref"] for part in parts]},
            *({"ref": part["bom-ref"], "dependsOn": []} for part in parts),
        ],
    }
    serial = uuid.uuid5(uuid.NAMESPACE_URL, json.dumps(body, sort_keys=True))
    document = {
        "$schema": "http://cyclonedx.org/schema/bom-1.6.schema.json",
        "bomFormat": "CycloneDX",
        "specVersion": "1.6",
        "serialNumber": f"urn:uuid:{serial}",
        "version": 1,
        **body,
    }
    json.dump(document, sys.stdout, indent=2)
    print()


if __name__ == "__main__":
    main()
