#!/usr/bin/env python3
"""Installs the chart with Helm's own library on a local cluster, and looks at what came of it.

Usage: helm.py PATH-OF-SWIFTLET

Lints the chart; installs, upgrades, changes back and removes it, by default and with everything
switched on; has the operator that it installed do the samples; checks that values which do not
exist are refused; and puts what Helm rendered through yamllint, kubernetes-validate and checkov.
Ends with 1 where anything is wrong.
"""

import asyncio
import base64
import difflib
import glob
import gzip
import json
import os
import pathlib
import subprocess
import sys
import tempfile

import helm_sdkpy
import yaml
from cluster import LocalCluster, free_port
from report import ended_well, report

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
CHART = str(ROOT / "charts" / "swiftlet")
NAMESPACE = "swiftlet-system"
# What other operators bring to a cluster and the chart refers to when it is told to.
FOREIGN = [
    ("monitoring.coreos.com", "v1", "ServiceMonitor", "servicemonitors", "Namespaced"),
    ("monitoring.coreos.com", "v1", "PrometheusRule", "prometheusrules", "Namespaced"),
    ("policies.kyverno.io", "v1", "ValidatingPolicy", "validatingpolicies", "Cluster"),
    ("kyverno.io", "v1", "ClusterPolicy", "clusterpolicies", "Cluster"),
]


def definition(group, version, kind, plural, scope):
    """A definition of a kind that takes anything."""
    return {
        "apiVersion": "apiextensions.k8s.io/v1",
        "kind": "CustomResourceDefinition",
        "metadata": {"name": f"{plural}.{group}"},
        "spec": {
            "group": group,
            "scope": scope,
            "names": {"kind": kind, "plural": plural, "singular": kind.lower()},
            "versions": [
                {
                    "name": version,
                    "served": True,
                    "storage": True,
                    "schema": {
                        "openAPIV3Schema": {
                            "type": "object",
                            "x-kubernetes-preserve-unknown-fields": True,
                        }
                    },
                }
            ],
        },
    }


def rendered(cluster, revision):
    """What Helm applied, as its release Secret keeps it."""
    name = f"sh.helm.release.v1.swiftlet.v{revision}"
    secret = json.loads(
        cluster.kubectl("-n", NAMESPACE, "get", "secret", name, "-o", "json")
    )
    packed = base64.b64decode(base64.b64decode(secret["data"]["release"]))
    return json.loads(gzip.decompress(packed))["manifest"]


def check_text(manifest, name, folder):
    """Puts rendered manifests through the checkers of style, schemas and security."""
    file = folder / f"{name}.yaml"
    file.write_text(manifest.strip() + "\n")
    native = folder / f"{name}-native.yaml"
    foreign = {group for group, *_ in FOREIGN}
    documents = [part for part in yaml.safe_load_all(manifest) if part]
    native.write_text(
        yaml.safe_dump_all(
            part
            for part in documents
            if part["apiVersion"].split("/")[0] not in foreign
            and part["kind"] != "CustomResourceDefinition"
        )
    )
    for what, command in [
        ("style", ["yamllint", "--strict", "-c", str(ROOT / ".yamllint"), str(file)]),
        (
            "schemas of Kubernetes 1.30",
            ["kubernetes-validate", "--strict", "--quiet", "-k", "1.30", str(native)],
        ),
        (
            "security",
            ["checkov", "--config-file", str(ROOT / ".checkov.yaml"), "--file", str(file)],
        ),
    ]:
        tool = pathlib.Path(sys.executable).parent / command[0]
        run = subprocess.run(
            [str(tool), *command[1:]], capture_output=True, text=True, timeout=300
        )
        said = (run.stdout + run.stderr)[-4000:]
        report(f"{what} of the chart, {name}", None if run.returncode == 0 else said)
    return documents


def left(cluster):
    """What of the chart is still there, definitions aside: those are kept with their objects."""
    found = cluster.kubectl(
        "get",
        "deployments,services,serviceaccounts,configmaps,clusterroles,clusterrolebindings,roles,"
        "rolebindings,networkpolicies,poddisruptionbudgets,priorityclasses,flowschemas",
        "-A",
        "-l",
        "app.kubernetes.io/managed-by=Helm",
        "-o",
        "name",
    )
    return found.split()


async def walk(cluster, folder, name, values, changed):
    """One life of a release."""
    config = helm_sdkpy.Configuration(namespace=NAMESPACE, kubeconfig=cluster.kubeconfig)
    # The cluster has the definitions and the priority class already: the release takes them over.
    result = await helm_sdkpy.Install(config).run(
        "swiftlet",
        CHART,
        values=values,
        create_namespace=True,
        wait=False,
        take_ownership=True,
        disable_openapi_validation=False,
    )
    status = result["info"]["status"]
    report(f"helm install, {name}", None if status == "deployed" else str(result))
    documents = check_text(rendered(cluster, 1), name, folder)
    deployment = next(part for part in documents if part["kind"] == "Deployment")
    live = json.loads(
        cluster.kubectl(
            "-n", NAMESPACE, "get", "deployment", deployment["metadata"]["name"], "-o", "json"
        )
    )
    wanted = deployment["spec"].get("replicas", 1)
    made = live["status"].get("replicas", 0)
    report(
        f"pods of the operator, {name}",
        None if made == wanted else f"{made} pods instead of {wanted}: {live['status']}",
    )
    await helm_sdkpy.Upgrade(config).run(
        "swiftlet", CHART, values={**values, **changed}, wait=False
    )
    report(f"helm upgrade, {name}")
    await helm_sdkpy.Upgrade(config).run("swiftlet", CHART, values=values, wait=False)
    first, last = rendered(cluster, 1).splitlines(), rendered(cluster, 3).splitlines()
    changes = list(difflib.unified_diff(first, last, lineterm="", n=1))
    report(f"helm upgrade back, {name}", "\n".join(changes[:40]) if changes else None)
    await helm_sdkpy.Uninstall(config).run("swiftlet", wait=False)
    rest = left(cluster)
    report(f"helm uninstall, {name}", f"still there: {rest}" if rest else None)


async def work(program, folder):
    """Has the installed operator do the samples, with the rights of the chart and no others.

    Pods of the local cluster are processes of this machine: the operator is told where its token
    is, listens on free ports of the loopback, and is alone.
    """
    with LocalCluster(program, folder) as cluster:
        token = glob.glob(f"{folder}/*/operator.kubeconfig")[0]
        gateway, metrics = free_port(), free_port()
        config = helm_sdkpy.Configuration(namespace=NAMESPACE, kubeconfig=cluster.kubeconfig)
        await helm_sdkpy.Install(config).run(
            "swiftlet",
            CHART,
            values={
                "operator": {
                    "replicas": 1,
                    "listenAddress": "127.0.0.1",
                    "extraArgs": [f"--kubeconfig={token}"],
                },
                "gateway": {"url": f"https://127.0.0.1:{gateway}", "port": gateway},
                "metrics": {"port": metrics},
            },
            create_namespace=True,
            wait=False,
            take_ownership=True,
        )
        cluster.kubectl("apply", "-f", str(ROOT / "manifests/samples"))
        try:
            cluster.kubectl("wait", "--for=condition=Complete", "bt", "--all", "--timeout=50s")
            cluster.kubectl(
                "-n", NAMESPACE, "rollout", "status", "deploy/swiftlet-operator", "--timeout=5s"
            )
            report("the samples are done by what Helm installed")
        except RuntimeError as error:
            log = cluster.kubectl("-n", NAMESPACE, "logs", "deploy/swiftlet-operator", "--tail=30")
            report("the samples are done by what Helm installed", f"{error}\n{log}")


async def check(program):
    with tempfile.TemporaryDirectory() as path:
        folder = pathlib.Path(path)
        os.environ["TMPDIR"] = path
        everything = yaml.safe_load((ROOT / "charts/swiftlet/ci/everything.yaml").read_text())
        with LocalCluster(program, folder, "--no-node") as cluster:
            config = helm_sdkpy.Configuration(
                namespace=NAMESPACE, kubeconfig=cluster.kubeconfig
            )
            lint = await helm_sdkpy.Lint(config).run(CHART)
            # Helm's library keeps the words to itself: the template engine says them at install.
            faults = [message for message in lint["Messages"] or [] if message["Severity"] > 1]
            report("helm lint", str(faults) if faults else None)
            try:
                await helm_sdkpy.Install(config).run(
                    "swiftlet", CHART, values={"replicaCount": 3}, wait=False
                )
                report("a value that does not exist is refused", "it was taken")
            except helm_sdkpy.InstallError as error:
                said = str(error)
                fits = "replicaCount" in said and "schema" in said
                report("a value that does not exist is refused", None if fits else said)
            for kind in FOREIGN:
                cluster.kubectl("apply", "-f", "-", text=json.dumps(definition(*kind)))
            for team in ["team-a", "team-b"]:
                cluster.kubectl("create", "namespace", team)
            # Without any values an upgrade keeps those of before: the default is said in words.
            await walk(
                cluster,
                folder,
                "by default",
                {"operator": {"replicas": 2}},
                {"operator": {"replicas": 3}},
            )
            await walk(
                cluster,
                folder,
                "with everything switched on",
                everything,
                {"alerts": {"enabled": False}},
            )
        await work(program, folder)


if __name__ == "__main__":
    if len(sys.argv) != 2:
        raise SystemExit(__doc__)
    asyncio.run(check(os.path.abspath(sys.argv[1])))
    sys.exit(0 if ended_well() else 1)
