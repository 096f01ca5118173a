#!/bin/sh
# Starts programs in a root folder that holds nothing but them and the libraries that they name: what
# an image must have, found out without one.
#
#   scripts/closure.sh PROGRAM...     lists the libraries; fails where a program does not start
set -eu
[ $# -gt 0 ] || { echo "usage: closure.sh PROGRAM..." >&2; exit 64; }

root=$(mktemp -d)
trap 'rm -rf "$root"' EXIT
# Made for its owner alone, and entered by a user without rights.
chmod 755 "$root"
mkdir -p "$root/bin" "$root/tmp" "$root/proc"

for program in "$@"; do
  cp "$program" "$root/bin/"
  # A static program names none, and ldd says so with an error.
  (ldd "$program" 2>/dev/null || true) | grep -o '/[^ )]*' | sort -u | while read -r library; do
    mkdir -p "$root$(dirname "$library")"
    # Programs look in the folder of their toolchain first, then where the system has libraries.
    [ -e "$root$library" ] || cp -L "$library" "$root$library"
  done
done

echo "libraries:"
(cd "$root" && find . -type f ! -path './bin/*' | sed 's|^\.||' | sort)
echo "bytes: $(du -sb "$root" | cut -f1)"

run() { # in the folder as root of everything, as a user without rights, with /proc as in any container
  if [ "$(id -u)" -eq 0 ]; then
    unshare --mount --pid --fork sh -c \
      'mount -t proc proc "$0/proc" && exec chroot --userspec=10001:10001 "$0" "$@"' "$root" "$@"
  else
    unshare --map-root-user --mount --pid --fork sh -c \
      'mount -t proc proc "$0/proc" && exec chroot "$0" "$@"' "$root" "$@"
  fi
}

for program in "$@"; do
  name=$(basename "$program")
  status=0
  output=$(run "/bin/$name" --help 2>&1) || status=$?
  # 127 is a library that is missing, 126 one that does not fit; above 128 a signal.
  if [ "$status" -ge 126 ]; then
    echo "$name does not start ($status): $output" >&2
    exit 1
  fi
  echo "starts: $name"
done
