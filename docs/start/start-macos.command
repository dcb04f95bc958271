#!/bin/bash
# Starts the classroom app on macOS (and Linux) by a double click. The first time it installs what the app needs and
# compiles the model for browsers: some minutes, with internet. Close this window to close the app.
set -e
cd "$(dirname "$0")/../.."
python=$(command -v python3 || true)
if [ -z "$python" ] || ! "$python" -c 'import sys; sys.exit(sys.version_info < (3, 11))'; then
    echo "Install Python 3.11 or newer first: python.org"
    exit 1
fi
if [ ! -x .venv/bin/partnership ]; then
    "$python" -m venv .venv
    .venv/bin/python -m pip install --quiet -e '.[lab,page]'
fi
exec .venv/bin/partnership lab open=true "$@"
