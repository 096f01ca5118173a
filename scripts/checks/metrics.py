#!/usr/bin/env python3
"""Scrapes an operator at work, and asks of its metrics what alerts and dashboard will ask.

Usage: metrics.py FOLDER-OF-PROGRAMS

Starts a local cluster, an operator with the rights that the install gives it, and a Prometheus;
applies the samples and waits for their end. What the operator exposes must pass the strict parser
of OpenMetrics and `promtool check metrics`; every rule and every query of the dashboard must
evaluate, and those that are to have data must have them. Ends with 1 where anything is wrong.
"""

import glob
import json
import os
import pathlib
import signal
import subprocess
import sys
import tempfile
import time
import urllib.parse
import urllib.request

from cluster import LocalCluster, free_port
from prometheus_client.openmetrics.parser import text_string_to_metric_families
from report import ended_well, report

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
TOOLS = ROOT / ".build" / "tools" / "usr" / "bin"
# Families that a cluster which has done some tasks must show.
EXPECTED = {
    "swiftlet_tasks",
    "swiftlet_task_wait_seconds",
    "swiftlet_task_attempt_seconds",
    "controller_runtime_reconcile",
    "workqueue_depth",
    "rest_client_requests",
    "leader_election_master_status",
    "process_resident_memory_bytes",
}


def fetch(url, accept="*/*"):
    request = urllib.request.Request(url, headers={"Accept": accept})
    with urllib.request.urlopen(request, timeout=10) as answer:
        return answer.read().decode()


def until(what, seconds, condition):
    """Waits for a condition, at most so many seconds."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        try:
            if condition():
                return
        except OSError:
            pass  # Nobody listens yet; the condition is asked again.
        time.sleep(0.2)
    raise SystemExit(f"checks: {what} did not come within {seconds} s")


class Process:
    """A program that runs for as long as the block lasts."""

    def __init__(self, command, log, environment=None):
        self.command = command
        self.log = log
        self.environment = {**os.environ, **(environment or {})}

    def __enter__(self):
        self.output = open(self.log, "w")
        self.process = subprocess.Popen(
            self.command, stdout=self.output, stderr=subprocess.STDOUT, env=self.environment
        )
        return self

    def __exit__(self, *_):
        self.process.send_signal(signal.SIGTERM)
        try:
            self.process.wait(timeout=20)
        except subprocess.TimeoutExpired:
            self.process.kill()
        self.output.close()


def check_exposition(url):
    text = fetch(url, "application/openmetrics-text; version=1.0.0")
    try:
        families = list(text_string_to_metric_families(text))
    except ValueError as error:
        return report("OpenMetrics, strictly", str(error))
    samples = sum(len(family.samples) for family in families)
    report(f"OpenMetrics, strictly: {len(families)} families, {samples} samples")
    missing = EXPECTED - {family.name for family in families}
    report("the families that people look for", f"missing: {missing}" if missing else None)
    run = subprocess.run(
        [str(TOOLS / "promtool"), "check", "metrics"],
        input=fetch(url, "text/plain"),
        capture_output=True,
        text=True,
        timeout=60,
    )
    said = run.stdout + run.stderr
    report("promtool check metrics", None if run.returncode == 0 else said)


def check_queries(base):
    dashboard = json.loads((ROOT / "charts/swiftlet/files/dashboard.json").read_text())
    empty, wrong, count = [], [], 0
    for panel in dashboard["panels"]:
        for target in panel.get("targets", []):
            query = target["expr"].replace("$namespace", ".*").replace("$pool", ".*")
            count += 1
            try:
                answer = json.loads(
                    fetch(f"{base}/api/v1/query?" + urllib.parse.urlencode({"query": query}))
                )
            except urllib.error.HTTPError as error:
                wrong.append(f"{panel['title']}: {query}: {error.read().decode()}")
                continue
            if not answer["data"]["result"]:
                empty.append(panel["title"])
    report(f"queries of the dashboard: {count}", "\n".join(wrong) if wrong else None)
    shown = count - len(empty)
    report(
        f"queries with data: {shown} (without: {', '.join(sorted(set(empty))) or 'none'})",
        None if shown * 2 > count else "most of the dashboard would be empty",
    )
    rules = json.loads(fetch(f"{base}/api/v1/rules"))["data"]["groups"]
    listed = [rule for group in rules for rule in group["rules"]]
    bad = [f"{rule['name']}: {rule.get('lastError')}" for rule in listed if rule["health"] != "ok"]
    report(f"alerts that evaluate: {len(listed)}", "\n".join(bad) if bad or not listed else None)
    firing = [
        alert["labels"]["alertname"]
        for alert in json.loads(fetch(f"{base}/api/v1/alerts"))["data"]["alerts"]
        if alert["state"] == "firing"
    ]
    report("no alert fires on a cluster that is well", str(firing) if firing else None)


def evaluated(base):
    """Whether every rule has been evaluated, and the operator scraped more than once."""
    groups = json.loads(fetch(f"{base}/api/v1/rules"))["data"]["groups"]
    rules = [rule for group in groups for rule in group["rules"]]
    query = urllib.parse.urlencode({"query": "count_over_time(up[5m])"})
    scrapes = json.loads(fetch(f"{base}/api/v1/query?{query}"))["data"]["result"]
    return (
        rules
        and all(rule["health"] != "unknown" for rule in rules)
        and scrapes
        and int(scrapes[0]["value"][1]) >= 3
    )


def check(programs):
    with tempfile.TemporaryDirectory() as path:
        folder = pathlib.Path(path)
        os.environ["TMPDIR"] = path
        metrics, gateway, prometheus = free_port(), free_port(), free_port()
        (folder / "prometheus.yml").write_text(
            json.dumps(
                {
                    "global": {"scrape_interval": "1s", "evaluation_interval": "1s"},
                    "rule_files": [str(ROOT / "charts/swiftlet/files/alerts.yaml")],
                    "scrape_configs": [
                        {
                            "job_name": "swiftlet-operator",
                            "static_configs": [{"targets": [f"127.0.0.1:{metrics}"]}],
                        }
                    ],
                }
            )
        )
        with LocalCluster(f"{programs}/swiftlet", folder) as cluster:
            kubeconfig = glob.glob(f"{path}/*/operator.kubeconfig")[0]
            operator = [
                f"{programs}/swiftlet-operator",
                f"--kubeconfig={kubeconfig}",
                f"--gateway-listen=127.0.0.1:{gateway}",
                f"--gateway-url=https://127.0.0.1:{gateway}",
                f"--metrics-listen=127.0.0.1:{metrics}",
            ]
            server = [
                str(TOOLS / "prometheus"),
                f"--config.file={path}/prometheus.yml",
                f"--storage.tsdb.path={path}/series",
                f"--web.listen-address=127.0.0.1:{prometheus}",
                f"--web.console.templates={path}",
                f"--web.console.libraries={path}",
            ]
            with Process(operator, folder / "operator.log"):
                with Process(server, folder / "prometheus.log"):
                    cluster.kubectl("apply", "-f", str(ROOT / "manifests/samples"))
                    cluster.kubectl(
                        "wait", "--for=condition=Complete", "bt", "--all", "--timeout=50s"
                    )
                    base = f"http://127.0.0.1:{prometheus}"
                    until("the evaluation of all rules", 60, lambda: evaluated(base))
                    check_exposition(f"http://127.0.0.1:{metrics}/metrics")
                    check_queries(base)


if __name__ == "__main__":
    if len(sys.argv) != 2:
        raise SystemExit(__doc__)
    check(os.path.abspath(sys.argv[1]))
    sys.exit(0 if ended_well() else 1)
