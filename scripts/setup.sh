#!/bin/sh
# Installs the Debian packages that this project needs and that are missing. Does nothing, and asks
# for nothing, where all are there. With the word `browser`, also what the test of the status page
# needs.
set -eu

missing=""
[ -e /usr/include/x86_64-linux-gnu/curl/curl.h ] || [ -e /usr/include/curl/curl.h ] ||
  [ -e "/usr/include/$(uname -m)-linux-gnu/curl/curl.h" ] || missing="$missing libcurl4-openssl-dev"
[ -e /usr/include/openssl/ssl.h ] || missing="$missing libssl-dev"
command -v kubectl >/dev/null 2>&1 || missing="$missing kubernetes-client"
command -v python3 >/dev/null 2>&1 || missing="$missing python3"
python3 -c "import ensurepip" >/dev/null 2>&1 || missing="$missing python3-venv"
if [ "${1:-}" = browser ] && ! command -v chromium >/dev/null 2>&1; then
  missing="$missing chromium fonts-dejavu-core"
fi
[ -n "$missing" ] || exit 0

if ! command -v apt-get >/dev/null 2>&1; then
  echo "setup: please install what corresponds to these Debian packages:$missing" >&2
  exit 1
fi
sudo=""
[ "$(id -u)" -eq 0 ] || sudo=sudo
echo "setup: installing$missing"
$sudo apt-get update -qq
# shellcheck disable=SC2086
DEBIAN_FRONTEND=noninteractive $sudo apt-get install -y -qq --no-install-recommends $missing >/dev/null
