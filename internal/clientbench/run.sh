#!/usr/bin/env bash
# Measures Optgate beside other consent tools and writes docs/benchmarks.md.
# RUNS=7      rounds
# PEERS=a,b   some of the tools, by the names of peers/
# PROFILES=.. slow, fast or both
# OUT=file    another file to write
set -euo pipefail
cd "$(dirname "$0")/../.."

# A folder whose name begins with a dot is none of Go's: one of the packages has
# Go code in it.
export CLIENTBENCH_CACHE="$PWD/.cache/clientbench"
mkdir -p "$CLIENTBENCH_CACHE"
stamp="$CLIENTBENCH_CACHE/node_modules/.package-lock.json"
if [ ! -e "$stamp" ] || ! cmp -s internal/clientbench/package-lock.json "$CLIENTBENCH_CACHE/package-lock.json"; then
  cp internal/clientbench/package.json internal/clientbench/package-lock.json "$CLIENTBENCH_CACHE"
  npm --prefix "$CLIENTBENCH_CACHE" ci --no-audit --no-fund --loglevel=error
fi
exec node internal/clientbench/bench.mjs
