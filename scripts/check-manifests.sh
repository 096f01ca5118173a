#!/bin/sh
# Checks what people apply: the style of YAML, the manifests against Kubernetes' schemas, their
# security, the chart, and the alerts. A program that is not there is skipped, and that is said;
# `make tools` brings all but helm.
set -eu
cd "$(dirname "$0")/.."
PATH="$PWD/.build/tools/venv/bin:$PWD/.build/tools/usr/bin:$PATH"
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
check helm "lint of the chart" helm lint --strict charts/swiftlet
check helm "templates of the chart, by default" helm template swiftlet charts/swiftlet
check helm "templates of the chart, with everything switched on" \
  helm template swiftlet charts/swiftlet --values charts/swiftlet/ci/everything.yaml
check promtool "syntax of the alerts" promtool check rules charts/swiftlet/files/alerts.yaml
check promtool "tests of the alerts" promtool test rules charts/swiftlet/ci/alerts-test.yaml
exit $failed
