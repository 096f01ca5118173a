#!/bin/sh
# Puts the programs that check manifests, alerts and metrics into .build/tools, where
# scripts/check-manifests.sh finds them. Nothing else of the machine is changed.
set -eu
cd "$(dirname "$0")/.."
tools=.build/tools
mkdir -p "$tools"

if [ ! -x "$tools/venv/bin/checkov" ]; then
  python3 -m venv "$tools/venv"
  "$tools/venv/bin/pip" install --quiet --disable-pip-version-check \
    yamllint==1.38.0 kubernetes-validate==1.37.0 checkov==3.3.30 prometheus-client==0.26.0 \
    'cyclonedx-python-lib[json-validation]==7.6.2'
fi
# Helm's own library. It asks for a newer Python than Debian 12 has, and needs none of it.
if ! "$tools/venv/bin/python" -c 'import helm_sdkpy' 2>/dev/null; then
  "$tools/venv/bin/pip" install --quiet --disable-pip-version-check --ignore-requires-python \
    helm-sdkpy==0.1.32
fi
# Debian's package would also start a server: only its two programs are wanted.
if [ ! -x "$tools/usr/bin/promtool" ] && command -v apt-get >/dev/null 2>&1; then
  (cd "$tools" && apt-get download --quiet prometheus && dpkg -x prometheus_*.deb . &&
    rm -f prometheus_*.deb)
fi
echo "tools: ready in $tools"
