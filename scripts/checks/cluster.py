"""The local cluster that checks run against."""

import signal
import socket
import subprocess


def free_port():
    """A port that nobody listens on, as far as can be known."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


class LocalCluster:
    """A local cluster without an operator, for as long as the block lasts."""

    def __init__(self, program, folder, *options):
        self.command = [program, "dev", "--no-operator", *options]
        self.kubeconfig = str(folder / "kubeconfig")

    def __enter__(self):
        self.process = subprocess.Popen(
            [*self.command, "--kubeconfig", self.kubeconfig],
            stdout=subprocess.PIPE,
            text=True,
        )
        # The program says one line when it answers; its end would end the reading as well.
        line = self.process.stdout.readline()
        if not line.startswith("ready "):
            raise SystemExit(f"checks: the local cluster did not start; it said: {line!r}")
        return self

    def __exit__(self, *_):
        self.process.send_signal(signal.SIGTERM)
        self.process.wait(timeout=30)

    def kubectl(self, *arguments, text=None):
        run = subprocess.run(
            ["kubectl", "--kubeconfig", self.kubeconfig, *arguments],
            input=text,
            capture_output=True,
            text=True,
            timeout=60,
        )
        if run.returncode != 0:
            raise RuntimeError(f"kubectl {' '.join(arguments)}: {run.stderr}")
        return run.stdout
