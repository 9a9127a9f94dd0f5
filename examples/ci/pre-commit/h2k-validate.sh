#!/usr/bin/env bash
# Validates what is staged of a workspace, not what lies in the work tree. As a hook of git itself:
#   ln -s ../../h2k-validate.sh .git/hooks/pre-commit
# H2K_WORKSPACE, or the first argument, is the workspace's folder in the repository.
set -euo pipefail

workspace=${1:-${H2K_WORKSPACE:-.}}
root=$(git rev-parse --show-toplevel)
staged=$(mktemp -d)
trap 'rm -rf "$staged"' EXIT
git -C "$root" checkout-index --all --prefix="$staged/"
cd "$staged"
h2k -C "$workspace" validate
