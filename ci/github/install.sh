#!/usr/bin/env bash
# Installs trueup's wheel into an environment of its own, and puts it on the path of the steps that follow.
# VERSION: the version; empty for that of this checkout.
set -euo pipefail
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
version=${VERSION:-$(sed -n 's/^version = "\(.*\)"$/\1/p' "$root/Cargo.toml" | head -n 1)}
python=$(command -v python3 || command -v python)
"$python" -m venv "$RUNNER_TEMP/trueup"
bin="$RUNNER_TEMP/trueup/bin"
if [ ! -d "$bin" ]; then bin="$RUNNER_TEMP/trueup/Scripts"; fi # Windows
"$bin/python" -m pip install --quiet --disable-pip-version-check "trueup==$version"
echo "$bin" >>"$GITHUB_PATH"
"$bin/trueup" --version
