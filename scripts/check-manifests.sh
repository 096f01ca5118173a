#!/bin/sh
# Checks what people apply: the style of YAML, the manifests against Kubernetes' schemas, their
# security, the alerts, and chart and metrics on a local cluster. A program that is not there is
# skipped, and that is said; `make tools` brings them all. Takes the folder of our own programs.
set -eu
cd "$(dirname "$0")/.."
PATH="$PWD/.build/tools/venv/bin:$PWD/.build/tools/usr/bin:$PATH"
programs=${1:-.build/debug}
failed=0

check() { # program, what it does, command…
  program=$1
  what=$2
  shift 2
  if ! command -v "$program" >/dev/null 2>&1; then
    echo "skipped: $what ($program is not installed; see make tools)"
    return 0
  fi
  if output=$("$@" 2>&1); then
    echo "ok:      $what"
  else
    echo "FAILED:  $what"
    echo "$output" | tail -40
    failed=1
  fi
}

check yamllint "style of YAML" yamllint --strict .
check kubernetes-validate "manifests against the schemas of Kubernetes 1.30" \
  kubernetes-validate --strict --quiet -k 1.30 manifests/install.yaml manifests/rbac.yaml \
  manifests/production/00-tenants.yaml manifests/production/10-access.yaml \
  manifests/production/20-limits.yaml
check checkov "security of the manifests (exceptions: .checkov.yaml)" \
  checkov --config-file .checkov.yaml --directory manifests
check promtool "syntax of the alerts" promtool check rules charts/swiftlet/files/alerts.yaml
check promtool "tests of the alerts" promtool test rules charts/swiftlet/ci/alerts-test.yaml

# What needs a cluster: the chart in the hands of Helm, and metrics in those of Prometheus.
python="$PWD/.build/tools/venv/bin/python"
walk() { # what it does, module that it needs, script, argument
  if ! "$python" -c "import $2" 2>/dev/null; then
    echo "skipped: $1 (see make tools)"
  elif [ ! -x "$programs/swiftlet" ]; then
    echo "skipped: $1 (swiftlet is not built)"
  else
    "$python" "scripts/checks/$3" "$4" || failed=1
  fi
}
if ! command -v dpkg-query >/dev/null 2>&1; then
  echo "skipped: the bill of materials (this machine has no dpkg)"
elif [ -x "$programs/swiftlet-operator" ]; then
  scripts/sbom.py --program "$programs/swiftlet-operator" --program "$programs/swiftlet-agent" \
    >.build/sbom.cdx.json && walk "the bill of materials" cyclonedx sbom.py .build/sbom.cdx.json ||
    failed=1
else
  echo "skipped: the bill of materials (swiftlet-operator is not built)"
fi
walk "the chart on a cluster" helm_sdkpy helm.py "$programs/swiftlet"
if [ -x .build/tools/usr/bin/prometheus ]; then
  walk "metrics, alerts and dashboard on a cluster" prometheus_client metrics.py "$programs"
else
  echo "skipped: metrics, alerts and dashboard on a cluster (see make tools)"
fi
exit $failed
