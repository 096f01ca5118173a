#!/usr/bin/env bash
# Runs real clients against the gateway of a local cluster: the Python packages of
# Tests/Integrations, with the versions that its requirements files name, each in a virtual
# environment of its own. Usage: scripts/integrations.sh FOLDER-OF-THE-BUILT-PROGRAMS
set -euo pipefail
bin=${1:?the folder of the built programs}
root=$(cd "$(dirname "$0")/.." && pwd)
sources=$root/Tests/Integrations
environments=${SWIFTLET_ENVIRONMENTS:-$root/.build/integrations}
work=$(mktemp -d /var/tmp/swiftlet-integrations-XXXXXX)
passed=0
failed=0

environment() { # NAME: makes it, unless it is there with just these packages
  local place=$environments/$1 wanted=$sources/requirements-$1.txt
  cmp -s "$wanted" "$place/requirements.txt" && return
  echo "integrations: installing $(tr '\n' ' ' <"$wanted")"
  rm -rf "$place"
  python3 -m venv "$place"
  # Of Chroma its server is wanted, not what its client would bring.
  "$place/bin/pip" install --quiet --disable-pip-version-check --requirement "$wanted" \
    $([ "$1" != chroma ] || echo --no-deps)
  cp "$wanted" "$place/requirements.txt"
}

end() {
  for program in "${dev:-}" "${chroma:-}"; do
    [ -z "$program" ] || { kill "$program" 2>/dev/null || true; wait "$program" 2>/dev/null || true; }
  done
  rm -rf "$work"
}
trap end EXIT

client() { # ENVIRONMENT FILE
  local output=$work/$2.log
  if timeout 180 "$environments/$1/bin/python" "$sources/$2" >"$output" 2>&1; then
    grep '^ok ' "$output"
    passed=$((passed + $(grep -c '^ok ' "$output")))
  else
    failed=$((failed + 1))
    sed "s/^/$2: /" "$output"
  fi
}

for name in langgraph mcp fastmcp chroma; do environment $name; done

free_port() {
  python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])'
}
# What agents remember is kept in a real database.
memory=$(free_port)
"$environments/chroma/bin/python" -c \
  'import sys, chromadb_rust_bindings as b; b.cli(["chroma", "run", *sys.argv[1:]])' \
  --path "$work/chroma" --host 127.0.0.1 --port "$memory" >"$work/chroma.log" 2>&1 &
chroma=$!
export SWIFTLET_MEMORY_URL=http://127.0.0.1:$memory
for _ in $(seq 100); do
  python3 -c "import urllib.request as u; u.urlopen('$SWIFTLET_MEMORY_URL/api/v2/heartbeat')" \
    2>/dev/null && break
  kill -0 "$chroma" || { cat "$work/chroma.log"; exit 1; }
  sleep 0.2
done
port=$(free_port)
export KUBECONFIG=$work/kubeconfig
TMPDIR=$work "$bin/swiftlet" dev --kubeconfig "$KUBECONFIG" --gateway-port "$port" \
  >"$work/dev.out" 2>"$work/dev.err" &
dev=$!
for _ in $(seq 200); do
  grep -q '^ready ' "$work/dev.out" && break
  kill -0 "$dev" || { cat "$work/dev.err"; exit 1; }
  sleep 0.1
done
kubectl apply -f "$sources/cluster.yaml" >/dev/null
kubectl wait --for=condition=Ready backgroundagentpool/crew --timeout=60s >/dev/null
kubectl get secret -n swiftlet-system swiftlet-gateway-ca -o 'jsonpath={.data.tls\.crt}' |
  base64 -d >"$work/ca.pem"
export SWIFTLET_MCP_URL=https://127.0.0.1:$port/mcp SWIFTLET_MCP_CA=$work/ca.pem
SWIFTLET_MCP_TOKEN=$(kubectl create token builder --audience swiftlet-gateway)
SWIFTLET_MCP_STRANGER=$(kubectl create token stranger --audience swiftlet-gateway)
export SWIFTLET_MCP_TOKEN SWIFTLET_MCP_STRANGER SWIFTLET_PROGRAM=$bin/swiftlet

client mcp client_mcp2.py
client mcp client_listen.py
client mcp client_attempt.py
client mcp memories.py
client langgraph client_mcp1.py
client fastmcp client_fastmcp.py
client langgraph client_langgraph.py
client langgraph page.py

if [ "$failed" -gt 0 ]; then
  echo "--- the operator's last words"
  tail -20 "$work"/*/operator.log 2>/dev/null || true
fi
echo "$passed passed, $failed failed"
[ "$failed" -eq 0 ]
