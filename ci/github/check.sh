#!/usr/bin/env bash
# Checks, with annotations, and leaves the exit code in the output `code`, so that the SARIF file is uploaded with findings, too.
# CHECK_PATH, CHECK_ARGS: separated by blanks. SARIF: the file to write; empty for none.
set -euo pipefail
read -r -a paths <<<"${CHECK_PATH:-.}"
read -r -a arguments <<<"${CHECK_ARGS:-}"
code=0
trueup check --format github "${arguments[@]+"${arguments[@]}"}" -- "${paths[@]}" || code=$?
if [ -n "${SARIF:-}" ]; then
    trueup check --format sarif --output "$SARIF" --quiet "${arguments[@]+"${arguments[@]}"}" -- "${paths[@]}" || true
fi
echo "code=$code" >>"$GITHUB_OUTPUT"
