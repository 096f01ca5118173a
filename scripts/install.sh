#!/bin/sh
# Puts the programs of a build below a prefix, with the name under which kubectl finds a plugin, and
# what completes their words in shells.
#
#   scripts/install.sh FOLDER-OF-THE-BUILD PREFIX
set -eu
build=$1
prefix=$2
bin=$prefix/bin
mkdir -p "$bin" "$prefix/share/bash-completion/completions" \
  "$prefix/share/zsh/site-functions" "$prefix/share/fish/vendor_completions.d"

for program in swiftlet swiftlet-operator swiftlet-agent; do
  install -m 755 "$build/$program" "$bin/$program"
done
ln -sf swiftlet "$bin/kubectl-swiftlet"

"$bin/swiftlet" --generate-completion-script bash \
  >"$prefix/share/bash-completion/completions/swiftlet"
"$bin/swiftlet" --generate-completion-script zsh >"$prefix/share/zsh/site-functions/_swiftlet"
"$bin/swiftlet" --generate-completion-script fish \
  >"$prefix/share/fish/vendor_completions.d/swiftlet.fish"
# kubectl asks this program when the words of its plugin are completed.
cat >"$bin/kubectl_complete-swiftlet" <<'EOF'
#!/bin/sh
# Completes `kubectl swiftlet …`: the commands, one in a line, then what kubectl should do besides.
[ $# -gt 1 ] || kubectl-swiftlet --help | sed -n 's/^  \([a-z][a-z-]*\)  .*/\1/p'
echo ":4"
EOF
chmod 755 "$bin/kubectl_complete-swiftlet"
echo "installed below $prefix"
