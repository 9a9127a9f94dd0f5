#!/usr/bin/env bash
# Sets the machine up for the tests and runs them: all, or `quick` for those that need no guest and no long copy.
set -euo pipefail
cd "$(dirname "$0")/.."

scripts/setup.sh test
export PATH="$PWD/node_modules/.bin:$PATH"

case "${1:-all}" in
  quick) exec vitest run --project quick "${@:2}" ;;
  all) H2K_TEST_FUZZ=full exec vitest run "${@:2}" ;;
  *) exec vitest run "$@" ;;
esac
