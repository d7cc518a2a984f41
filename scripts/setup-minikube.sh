#!/usr/bin/env bash
# Maestro on a small Kubernetes: minikube, kind, or whatever kubectl speaks to. Run it again as often as you like.
#
#   scripts/setup-minikube.sh [--start] [--build] [--load minikube|kind|none|COMMAND] [--dry-run]
#                             [--namespace NAME] [--release NAME] [--values FILE]... [--port PORT] [--timeout TIME] [--context NAME]
#
#   --start      start minikube first (2 CPUs, 4 GiB)
#   --build      build both images (`make image`)
#   --load       how the images get into the cluster; COMMAND is called with their names (default: minikube where --start is given, else none)
#   --values     values over values/minikube.yaml
#   --port       the node's port of the UI, where 30880 belongs to another release
#   --dry-run    print the commands, change nothing
#
# Exit codes: 0 installed; 2 the request is wrong or a tool is missing (nothing was done); 3 something it needs failed.
set -euo pipefail
cd "$(dirname "$0")/.."

namespace=maestro release=maestro timeout=15m context='' start='' build='' load='' dry='' nodeport='' more=()
stop() { echo "setup-minikube: $2" >&2; exit "$1"; }
value() { [ -n "${2:-}" ] || stop 2 "$1 needs a value"; printf '%s' "$2"; }
while [ $# -gt 0 ]; do
  case $1 in
    --start) start=1; shift ;;
    --build) build=1; shift ;;
    --dry-run) dry=1; shift ;;
    --load) load=$(value "$@"); shift 2 ;;
    --namespace) namespace=$(value "$@"); shift 2 ;;
    --release) release=$(value "$@"); shift 2 ;;
    --values) more+=(--values "$(value "$@")"); shift 2 ;;
    --port) nodeport=$(value "$@"); shift 2 ;;
    --timeout) timeout=$(value "$@"); shift 2 ;;
    --context) context=$(value "$@"); shift 2 ;;
    -h | --help) sed -n '2,15s/^# \{0,1\}//p' "$0"; exit 0 ;;
    *) stop 2 "unknown option $1 (--help lists them)" ;;
  esac
done
load=${load:-${start:+minikube}}
load=${load:-none}

needs() { command -v "$1" >/dev/null || stop 2 "$1 is not on PATH: $2"; }
needs kubectl "install it from https://kubernetes.io/docs/tasks/tools"
if [ -n "$start" ]; then needs minikube "install it from https://minikube.sigs.k8s.io, or leave out --start"; fi
case $load in
  none) ;;
  minikube) needs minikube "install it from https://minikube.sigs.k8s.io, or give another --load" ;;
  kind) needs kind "install it from https://kind.sigs.k8s.io, or give another --load" ;;
  *) needs "${load%% *}" "it was given with --load" ;;
esac
for ((i = 1; i < ${#more[@]}; i += 2)); do [ -f "${more[i]}" ] || stop 2 "no such file: ${more[i]}"; done
[[ -z $nodeport || ($nodeport =~ ^3[0-2][0-9]{3}$ && $nodeport -le 32767) ]] || stop 2 "--port $nodeport: Kubernetes gives ports 30000 to 32767 to nodes"
[ -x .venv/bin/python ] || [ -z "$build" ] || stop 2 "--build needs .venv: run make install"

# do WORDS...: the command, or with --dry-run its text; a failure ends the script.
do_() {
  if [ -n "$dry" ]; then printf '%q ' "$@"; echo; return; fi
  echo "> $*" >&2
  "$@" >&2 || stop 3 "failed: $*"
}
kube=(kubectl) helm=(.tools/helm)
[ -z "$context" ] || { kube+=(--context "$context") helm+=(--kube-context "$context"); }

[ -z "$start" ] || do_ minikube start --cpus 2 --memory 4g
[ -n "$dry" ] || "${kube[@]}" get --raw /readyz >/dev/null 2>&1 || stop 3 "no cluster answers: check 'kubectl config current-context', or start minikube with --start"
do_ ci/deps
values=(--values values/minikube.yaml ${more[@]+"${more[@]}"})
[ -z "$nodeport" ] || values+=(--set-json "airflow.apiServer.service.ports=[{\"name\": \"api-server\", \"port\": 8080, \"nodePort\": $nodeport}]")
# Asked before anything is made: Helm would stop in the middle.
taken() {
  local ours="$namespace/$(fullname)-api-server" wanted
  wanted=$("${helm[@]}" template "$release" . --namespace "$namespace" "${values[@]}" --show-only charts/airflow/templates/api-server/api-server-service.yaml |
    sed -n 's/^ *nodePort: *//p' | head -n 1) || return 0
  "${kube[@]}" get services --all-namespaces --output 'jsonpath={range .items[*]}{.metadata.namespace}/{.metadata.name}{range .spec.ports[*]} {.nodePort}{end}{"\n"}{end}' |
    while read -r service ports; do
      [[ $service = "$ours" || " $ports " != *" $wanted "* ]] || echo "$wanted of the node belongs to the Service $service"
    done
}
# The official chart's name of a release.
fullname() { case $release in *airflow*) echo "$release" ;; *) echo "$release-airflow" ;; esac; }
if [ -z "$dry" ]; then
  other=$(taken)
  [ -z "$other" ] || stop 2 "port $other: choose another with --port"
fi
[ -z "$build" ] || do_ make image
# shellcheck source=ci/settings
. ci/settings
case $load in
  none) ;;
  minikube) for image in "${IMAGES[@]}"; do do_ minikube image load "$image"; done ;;
  kind) do_ kind load docker-image "${IMAGES[@]}" ;;
  *) read -ra words <<<"$load"; do_ "${words[@]}" "${IMAGES[@]}" ;;
esac
do_ "${helm[@]}" upgrade --install "$release" . --namespace "$namespace" --create-namespace \
  "${values[@]}" --wait --wait-for-jobs --timeout "$timeout"
[ -z "$dry" ] || exit 0

address=$("${kube[@]}" get nodes --output "jsonpath={.items[0].status.addresses[?(@.type=='InternalIP')].address}")
port=$("${kube[@]}" --namespace "$namespace" get service "$(fullname)-api-server" --output 'jsonpath={.spec.ports[0].nodePort}')
echo "Maestro is installed: http://$address:$port"
echo "Log in as admin; the password is in the Secret maestro-development of the namespace $namespace, key admin-password."
echo "Check it: scripts/validate-minikube.sh --namespace $namespace --release $release${context:+ --context $context}"
