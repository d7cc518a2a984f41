#!/usr/bin/env bash
# Is a small Maestro all right? Numbered checks, from the namespace to a run of each pipeline on the flights of 2013.
#
#   scripts/validate-minikube.sh [--json] [--skip-runs] [--namespace NAME] [--release NAME] [--timeout SECONDS] [--context NAME]
#
#   --json       one JSON document on stdout, everything else on stderr
#   --skip-runs  leave out the runs of the pipelines (minutes)
#   --timeout    seconds a run may take (default 900)
#
# Exit codes: 0 everything passed; 1 something failed; 2 the request is wrong or a tool is missing; 3 the cluster does not answer.
set -uo pipefail
cd "$(dirname "$0")/.." || exit 3

namespace=maestro release=maestro timeout=900 context='' json='' runs=1
stop() { echo "validate-minikube: $2" >&2; exit "$1"; }
value() { [ -n "${2:-}" ] || stop 2 "$1 needs a value"; printf '%s' "$2"; }
while [ $# -gt 0 ]; do
  case $1 in
    --json) json=1; shift ;;
    --skip-runs) runs=''; shift ;;
    --namespace) namespace=$(value "$@") || exit 2; shift 2 ;;
    --release) release=$(value "$@") || exit 2; shift 2 ;;
    --timeout) timeout=$(value "$@") || exit 2; shift 2 ;;
    --context) context=$(value "$@") || exit 2; shift 2 ;;
    -h | --help) sed -n '2,11s/^# \{0,1\}//p' "$0"; exit 0 ;;
    *) stop 2 "unknown option $1 (--help lists them)" ;;
  esac
done
for tool in kubectl curl python3; do command -v "$tool" >/dev/null || stop 2 "$tool is not on PATH: install it"; done
kube() { kubectl ${context:+--context "$context"} --namespace "$namespace" "$@"; }
kube get --raw /readyz >/dev/null 2>&1 || stop 3 "no cluster answers: check 'kubectl config current-context'"

# The official chart's name of a release.
case $release in *airflow*) airflow=$release ;; *) airflow=$release-airflow ;; esac

number=0 failed=0 records=()
# check NAME "how to mend it" COMMAND...: the command's last line is the detail.
check() {
  local name=$1 mend=$2 began=$SECONDS detail state; shift 2
  if detail=$("$@" 2>&1); then state=PASS; else state=FAIL; failed=$((failed + 1)); fi
  detail=$(tail -n 1 <<<"$detail")
  number=$((number + 1))
  printf '%2d %s  %-12s %s (%d s)\n' "$number" "$state" "$name" "$detail" "$((SECONDS - began))" >"$report"
  [ "$state" = PASS ] || echo "         to mend it: $mend" >"$report"
  records+=("$number" "$name" "$state" "$detail" "$((SECONDS - began))")
}
report=/dev/stdout
[ -z "$json" ] || report=/dev/stderr

# In the scheduler, which has Python, Airflow and the release's environment.
inside() { kube exec -i "deployment/$airflow-scheduler" --container scheduler -- "$@"; }
sql() { kube exec "$release-postgres-0" -- psql --username postgres --dbname airflow --no-align --tuples-only --command "$1"; }

has_namespace() { kube get namespace "$namespace" --output 'jsonpath={.status.phase}' | grep Active; }
has_postgres() { kube exec "$release-postgres-0" -- pg_isready --quiet && sql 'select version()' | cut -d ' ' -f 1,2; }
pods_ready() {
  kube get pods --selector "release=$release" --output json >"$scratch/a" && kube get pods --selector "app.kubernetes.io/instance=$release" --output json >"$scratch/b" || return 1
  python3 scripts/pods_ready.py "$scratch/a" "$scratch/b"
}
database_migrated() { inside airflow db check-migrations --migration-wait-timeout 1 >/dev/null && echo "the schema is the one Airflow expects"; }
ui_answers() {
  local wrong
  wrong=$(login wrong "$scratch/wrong") || return 1
  [ "$wrong" = 401 ] || { echo "a wrong password was answered with $wrong"; return 1; }
  [ "$(login "$password" "$scratch/token")" = 201 ] || { echo "$url refuses the password of the Secret maestro-development"; return 1; }
  echo "$url, a wrong password is refused"
}
# The password goes through the environment and standard input: no process list shows it.
login() {
  LOGIN_PASSWORD=$1 python3 -c 'import json, os; print(json.dumps({"username": "admin", "password": os.environ["LOGIN_PASSWORD"]}))' |
    curl --silent --show-error --noproxy '*' --max-time 30 --output "$2" --write-out '%{http_code}' --json @- "$url/auth/token"
}
connections_there() {
  inside airflow connections get mlflow_default --output plain >/dev/null || { echo "mlflow_default is missing"; return 1; }
  echo "mlflow_default"
}

scratch=$(mktemp -d) && chmod 700 "$scratch"
trap 'rm -rf "$scratch"' EXIT
check namespace "scripts/setup-minikube.sh --namespace $namespace" has_namespace
address=$(kube get nodes --output "jsonpath={.items[0].status.addresses[?(@.type=='InternalIP')].address}" 2>/dev/null)
port=$(kube get service "$airflow-api-server" --output 'jsonpath={.spec.ports[0].nodePort}' 2>/dev/null)
url=http://$address:$port
password=$(kube get secret maestro-development --output 'jsonpath={.data.admin-password}' 2>/dev/null | base64 --decode)
check postgresql "kubectl -n $namespace logs $release-postgres-0" has_postgres
check pods "kubectl -n $namespace describe pod NAME, and docs/chart.md 'When it does not come up'" pods_ready
check database "kubectl -n $namespace logs -l app.kubernetes.io/component=setup --all-containers" database_migrated
check ui "kubectl -n $namespace logs deployment/$airflow-api-server" ui_answers
export AIRFLOW_URL=$url AIRFLOW_USERNAME=admin AIRFLOW_PASSWORD=$password PYTHONPATH=files/tests no_proxy='*'
check dags "kubectl -n $namespace logs deployment/$airflow-dag-processor" python3 files/tests/dags.py
check connections "the setup Job imports them: kubectl -n $namespace logs -l app.kubernetes.io/component=setup" connections_there
check statsd "kubectl -n $namespace logs deployment/$release-statsd" inside env "STATSD_HOST=$release-statsd" python3 - <files/tests/statsd.py
if [ -n "$runs" ]; then
  for run in data_validation_pipeline=2013-12-01T00:00:00Z feast_feature_materialization=2013-12-01T02:00:00Z model_training_pipeline=2013-12-01T04:00:00Z; do
    check "run" "the task's log in the UI: $url/dags/${run%%=*}" python3 scripts/run_dag.py "${run%%=*}" "${run#*=}" "$timeout"
  done
fi

[ -z "$json" ] || python3 -c '
import json, sys
words = sys.argv[2:]
checks = [
    {"number": int(n), "name": name, "passed": state == "PASS", "detail": detail, "seconds": int(seconds)}
    for n, name, state, detail, seconds in zip(*[iter(words)] * 5)
]
print(json.dumps({"passed": sys.argv[1] == "0", "checks": checks}, indent=2))' "$failed" "${records[@]}"
[ "$failed" -eq 0 ] || { echo "$failed of $number checks failed" >&2; exit 1; }
echo "all $number checks passed" >&2
