#!/bin/sh
# Run Python for a stage: with the environment that belongs to this checkout, and with this checkout's own code.
#
# DVC may have been called by its path (.venv/bin/dvc repro) with no environment active. A copy that `dvc exp run --temp`
# makes lies below the checkout; a second git worktree uses the environment of the main one, unless it has its own.
set -eu
# What DVC or make started ends with it. Not what a person started: that may go on when the terminal is closed.
if [ -n "${DVC_STAGE:-}${MAKELEVEL:-}" ]; then export MODESCOPE_STARTER=$PPID; fi
CHECK='import importlib.util as u, sys; sys.exit(not all(map(u.find_spec, ("pydantic", "scipy", "torch"))))'

environment() {
    folder=$PWD
    while [ -n "$folder" ]; do
        for python in "$folder/.venv/bin/python" "$folder/.venv/Scripts/python.exe"; do
            if [ -x "$python" ]; then echo "$python" && return; fi
        done
        folder=${folder%/*}
    done
    main=$(git rev-parse --path-format=absolute --git-common-dir 2>/dev/null || true)
    if [ -n "$main" ] && [ -x "${main%/*}/.venv/bin/python" ]; then echo "${main%/*}/.venv/bin/python" && return; fi
    for python in python python3; do
        if "$python" -c "$CHECK" 2>/dev/null; then echo "$python" && return; fi
    done
    echo "modescope: no Python environment with what requirements.lock lists: run \`make setup\`" >&2
    return 1
}

python=$(environment)
export PYTHONPATH="$PWD/src${PYTHONPATH:+:$PYTHONPATH}"
if [ "$1" = -c ]; then exec "$python" "$@"; fi
exec "$python" "${0%/*}/start.py" "$@"
