{{/*
Which component may call which, as a list of {from, to, tcp, udp}: the one table both ends' policies are made of. What is not here is denied.
A component that this release does not have is left out of the rules.
*/}}
{{- define "maestro.connections" -}}
{{- $tasks := include "maestro.taskRunners" . | fromYamlArray -}}
{{- $airflow := list "api-server" "scheduler" "dag-processor" "triggerer" "worker" "database-cleanup" "airflow-cleanup-pods" "setup" "tests" "doctor" -}}
{{- $pooled := .Values.airflow.pgbouncer.enabled -}}
# Airflow's metadata database, through PgBouncer where there is one
- {from: {{ toJson $airflow }}, to: pgbouncer, tcp: [6543]}
- {from: {{ toJson ($pooled | ternary (list "pgbouncer") $airflow) }}, to: postgres, tcp: [5432]}
# Feast's registry and MLflow's database, and the Jobs of the database itself
- {from: {{ toJson (concat $tasks (list "training" "feature-server" "mlflow" "postgres-databases" "postgres-backup" "postgres-restore")) }}, to: postgres, tcp: [5432]}
# The API that tasks report to
- {from: [scheduler, worker, triggerer, dag-processor, tests], to: api-server, tcp: [8080]}
# Logs of tasks that run, and of triggers
- {from: [api-server], to: scheduler, tcp: [8793]}
- {from: [api-server], to: worker, tcp: [8793]}
- {from: [api-server], to: triggerer, tcp: [8794]}
# Celery's broker
- {from: [scheduler, worker, flower], to: redis, tcp: [6379]}
- {from: {{ toJson (concat $tasks (list "training")) }}, to: mlflow, tcp: [5000]}
- {from: {{ toJson (concat $tasks (list "training" "feature-server")) }}, to: online-store, tcp: [6379]}
- {from: {{ toJson (concat $tasks (list "training")) }}, to: feature-server, tcp: [6566]}
# Metrics
- {from: [api-server, scheduler, dag-processor, triggerer, worker, flower, database-cleanup, airflow-cleanup-pods, setup, tests, postgres, online-store], to: statsd, udp: [9125]}
- {from: [tests], to: statsd, tcp: [9102]}
{{ include "maestro.networkListOfParts" (list . "connections") }}
{{- end -}}

{{/* The components in which tasks run, and the test that looks at what they reach. */}}
{{- define "maestro.taskRunners" -}}
{{- if contains "LocalExecutor" .Values.airflow.executor }}
- scheduler
{{- end }}
{{- if or (include "maestro.celery" .) (include "maestro.kubernetesExecutor" .) }}
- worker
{{- end }}
- doctor
{{- end -}}

{{/* Who may come in from outside the release, as a list of {to, tcp, peers}; no peers means everybody who can reach the pod. */}}
{{- define "maestro.networkVisitors" -}}
{{- $policies := .Values.networkPolicies -}}
- {to: api-server, tcp: [8080], peers: {{ toJson $policies.webFrom }}}
- {to: flower, tcp: [5555], peers: {{ toJson $policies.webFrom }}}
- {to: statsd, tcp: [9102], peers: {{ toJson $policies.metricsFrom }}}
- {to: pgbouncer, tcp: [9127], peers: {{ toJson $policies.metricsFrom }}}
{{- with $policies.mlflowFrom }}
- {to: mlflow, tcp: [5000], peers: {{ toJson . }}}
{{- end }}
{{- with $policies.featureServerFrom }}
- {to: feature-server, tcp: [6566], peers: {{ toJson . }}}
{{- end }}
{{ include "maestro.networkListOfParts" (list . "visitors") }}
{{- end -}}

{{/*
What lies outside the release and is named by the values, as a list of {from, tcp}. A Secret's contents are not seen here: the ports of what only a
Secret names are networkPolicies.ports.
*/}}
{{- define "maestro.networkOutside" -}}
{{- $airflow := .Values.airflow -}}
{{- $ports := .Values.networkPolicies.ports -}}
{{- $config := $airflow.config | default dict -}}
{{- $tasks := include "maestro.taskRunners" . | fromYamlArray -}}
{{- $work := append $tasks "training" -}}
{{- $celery := include "maestro.celery" . -}}
{{- $environment := .Values.global.environment -}}
{{- $database := .Values.externalDatabase -}}
{{- if $database.host }}
- {from: {{ toJson (concat $work (list "feature-server" "mlflow") ($airflow.pgbouncer.enabled | ternary (list "pgbouncer") (list "api-server" "scheduler" "dag-processor" "triggerer" "worker" "database-cleanup" "airflow-cleanup-pods" "setup" "tests" "doctor"))) }}, tcp: [{{ int $database.port }}]}
{{- end }}
{{- with dig "database" "url" "" .Values.mlflow }}
- {from: [mlflow], tcp: [{{ include "maestro.portOf" . }}]}
{{- end }}
{{- with dig "server" "registry" "url" "" .Values.featurestore }}
- {from: {{ toJson (append $work "feature-server") }}, tcp: [{{ include "maestro.portOf" . }}]}
{{- end }}
{{- $remote := eq (include "maestro.airflowConfig" (list . "logging" "remote_logging" "False") | lower) "true" -}}
{{- /* boto3 and MLflow read these; whoever writes or shows a task's log does too. */}}
{{- range $name := list "AWS_ENDPOINT_URL" "AWS_ENDPOINT_URL_S3" "MLFLOW_S3_ENDPOINT_URL" }}
{{- with include "maestro.environmentVariable" (list $ $name) }}
- {from: {{ toJson (concat $work (list "feature-server") ($remote | ternary (list "api-server" "triggerer") list)) }}, tcp: [{{ include "maestro.portOf" . }}]}
{{- end }}
{{- end }}
{{- range $id, $fields := .Values.setup.connections }}
{{- with ($fields | default dict).port }}
- {from: {{ toJson $tasks }}, tcp: [{{ int . }}]}
{{- end }}
{{- end }}
{{- $redis := dig "redis" "enabled" true .Values.featurestore -}}
{{- $redisPorts := .Values.externalRedis.host | empty | ternary $ports.redis (list (int .Values.externalRedis.port)) -}}
{{- if and (eq (include "maestro.environmentVariable" (list . "FEAST_ONLINE_STORE_TYPE")) "redis") (not (and .Values.featurestore.enabled $redis)) }}
- {from: {{ toJson (append $work "feature-server") }}, tcp: {{ toJson $redisPorts }}}
{{- end }}
{{- if and $celery (not $airflow.redis.enabled) }}
- {from: [scheduler, worker, flower], tcp: {{ toJson (.Values.externalRedis.host | empty | ternary $ports.broker (list (int .Values.externalRedis.port))) }}}
{{- end }}
{{- $mlflow := include "maestro.environmentVariable" (list . "MLFLOW_TRACKING_URI") -}}
{{- if and (not .Values.mlflow.enabled) (contains "://" $mlflow) }}
- {from: {{ toJson $work }}, tcp: [{{ include "maestro.portOf" $mlflow }}]}
{{- end }}
{{- with include "maestro.environmentVariable" (list . "MAESTRO_ALERTMANAGER_URL") }}
- {from: {{ toJson $tasks }}, tcp: [{{ include "maestro.portOf" . }}]}
{{- end }}
{{- if $remote }}
- {from: {{ toJson (concat $tasks (list "api-server" "triggerer")) }}, tcp: {{ toJson $ports.objectStore }}}
{{- end }}
{{- range list "MAESTRO_STORE" "MAESTRO_DATA" }}
{{- if contains "://" (include "maestro.environmentVariable" (list $ .)) }}
- {from: {{ toJson (append $work "feature-server") }}, tcp: {{ toJson $ports.objectStore }}}
{{- end }}
{{- end }}
{{- if and .Values.mlflow.enabled (eq (dig "artifacts" "destination" "" .Values.mlflow) "s3") }}
- {from: [mlflow], tcp: {{ toJson (include "maestro.objectStorePorts" (list $ (dig "artifacts" "s3" "endpointUrl" "" .Values.mlflow)) | fromYamlArray) }}}
{{- end }}
{{- if and .Values.postgres.enabled (eq (dig "backup" "destination" "" .Values.postgres) "s3") }}
- {from: [postgres-backup, postgres-restore], tcp: {{ toJson (include "maestro.objectStorePorts" (list $ (dig "backup" "s3" "endpointUrl" "" .Values.postgres)) | fromYamlArray) }}}
{{- end }}
{{- /* Who starts pods, and who watches them. */}}
{{- if .Values.training.enabled }}
- {from: {{ toJson (append $tasks "triggerer") }}, tcp: {{ toJson $ports.kubernetesApi }}}
{{- end }}
{{- if include "maestro.kubernetesExecutor" . }}
- {from: [scheduler, airflow-cleanup-pods], tcp: {{ toJson $ports.kubernetesApi }}}
{{- end }}
{{- if $airflow.apiServer.allowPodLogReading }}
- {from: [api-server], tcp: {{ toJson $ports.kubernetesApi }}}
{{- end }}
{{- /* Failed tasks, missed deadlines, and DAG files that cannot be imported. */}}
- {from: {{ toJson (concat $tasks (list "triggerer" "dag-processor")) }}, tcp: {{ toJson $ports.notifications }}}
{{- with dig "smtp" "smtp_host" "" $config }}
- {from: {{ toJson (concat $tasks (list "triggerer" "dag-processor")) }}, tcp: [{{ dig "smtp" "smtp_port" 25 $config | int }}]}
{{- end }}
{{- range concat ($airflow.dagProcessor.dagBundleConfigList | default list) .Values.global.dagBundles }}
{{- if contains "GitDagBundle" .classpath }}
- {from: {{ toJson (concat $tasks (list "dag-processor" "triggerer" "api-server")) }}, tcp: {{ include "maestro.gitPorts" (list $ (.kwargs | default dict)) }}}
{{- end }}
{{- end }}
{{ include "maestro.networkListOfParts" (list . "outside") }}
{{- end -}}

{{/* The port of a URL. */}}
{{- define "maestro.portOf" -}}
{{- $authority := urlParse . | dig "host" "" -}}
{{- regexMatch ":[0-9]+$" $authority | ternary (regexFind "[0-9]+$" $authority) (get (dict "https" 443 "http" 80 "postgresql" 5432 "redis" 6379 "rediss" 6379 "ssh" 22 "git" 9418) (urlParse . | dig "scheme" "" | splitList "+" | first) | default 443) -}}
{{- end -}}

{{/*
The port of a bundle's repository, where `repo_url` or the host of its connection names one: a URL, or user@host:path, which is SSH. Else those of the
values. Call with (list $ <the bundle's kwargs>).
*/}}
{{- define "maestro.gitPorts" -}}
{{- $root := first . -}}{{- $kwargs := last . -}}
{{- $connection := get $root.Values.setup.connections ($kwargs.git_conn_id | default "") | default dict -}}
{{- $repository := $kwargs.repo_url | default (tpl ($connection.host | default "") $root) -}}
{{- if contains "://" $repository -}}
[{{ include "maestro.portOf" $repository }}]
{{- else if contains ":" $repository -}}
[22]
{{- else -}}
{{ toJson $root.Values.networkPolicies.ports.git }}
{{- end -}}
{{- end -}}

{{/* The ports of an object store: the named endpoint's, or those of the values. Call with (list $ endpoint). */}}
{{- define "maestro.objectStorePorts" -}}
{{- with last . }}
- {{ include "maestro.portOf" . }}
{{- else }}
{{- range (first .).Values.networkPolicies.ports.objectStore }}
- {{ . }}
{{- end }}
{{- end }}
{{- end -}}
