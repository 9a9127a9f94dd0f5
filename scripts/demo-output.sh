# Sourced by the demos: how they show what they do.
# shellcheck shell=bash

bold='' plain=''
if [ -t 1 ]; then bold=$'\e[1m' plain=$'\e[0m'; fi

section() { printf '\n%s%s%s\n' "$bold" "$*" "$plain"; }

run() {
  printf '\n%s$ %s%s\n' "$bold" "$*" "$plain"
  "$@"
}
