#!/usr/bin/env bash
# Is a small Maestro all right? scripts/validate_minikube.py has the checks; --help lists the options.
cd "$(dirname "$0")/.." || exit 3
command -v python3 >/dev/null || { echo "validate-minikube: python3 is not on PATH: install it" >&2; exit 2; }
exec python3 scripts/validate_minikube.py "$@"
