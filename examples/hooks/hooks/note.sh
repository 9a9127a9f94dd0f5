#!/bin/sh
# Only what the manifest names is in the environment, besides PATH, HOME and LANG.
echo "$(date -u +%FT%TZ) $1 $2" >> "$NOTES"
