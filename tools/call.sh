#!/usr/bin/env bash
# call.sh FUNCTION ARGS...: runs one function of tools/*.sh in a shell of its own. step() uses it, because a function
# that is called from a condition would go on after an error.
set -euo pipefail

cd "$(dirname "${BASH_SOURCE[0]}")/.."
for part in lib setup build test generated extra; do
    # shellcheck disable=SC1090
    . "tools/$part.sh"
done
"$@"
