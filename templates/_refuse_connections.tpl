{{/*
How many connections each client of the release's PostgreSQL may open at once: the size its pool may grow to. A refused connection fails a task or an API call,
so the sum must fit into max_connections.
*/}}
{{- define "maestro.databaseConnections" -}}
{{- $airflow := .Values.airflow -}}
{{- $celery := $airflow.workers.celery | default dict -}}
{{- $concurrency := include "maestro.airflowConfig" (list . "celery" "worker_concurrency" "16") | int -}}
{{- $schedulers := $airflow.scheduler.replicas | default 1 | int -}}
{{- $slots := mul $schedulers (include "maestro.airflowConfig" (list . "core" "parallelism" "32") | int) -}}
{{- $pool := add (include "maestro.airflowConfig" (list . "database" "sql_alchemy_pool_size" "5") | int) (include "maestro.airflowConfig" (list . "database" "sql_alchemy_max_overflow" "10") | int) -}}
{{- $servers := mul ($airflow.apiServer.replicas | default 1 | int) (include "maestro.airflowConfig" (list . "api" "workers" "1") | int) -}}
{{- if $airflow.pgbouncer.enabled }}
{{- $settings := .Values.pgbouncer.settings | default dict }}
{{- $size := add ($settings.default_pool_size | default 20 | int) ($settings.reserve_pool_size | int) }}
{{- with $settings.max_db_connections | int }}{{ $size = min $size . }}{{ end }}
PgBouncer: {{ mul ($airflow.pgbouncer.replicas | default 1 | int) $size }}
{{- else }}
Airflow: {{ mul $pool (add $schedulers $servers ($airflow.dagProcessor.replicas | default 1 | int) ($airflow.triggerer.replicas | default 1 | int)) }}
{{- end }}
{{- if .Values.mlflow.enabled }}
{{- if not (dig "database" "url" "" .Values.mlflow) }}
MLflow: {{ mul 15 (dig "replicas" 1 .Values.mlflow | int) (dig "workers" 1 .Values.mlflow | int) }}
{{- end }}
{{- end }}
{{- if and .Values.featurestore.enabled (dig "server" "enabled" true .Values.featurestore) (not (dig "server" "registry" "url" "" .Values.featurestore)) }}
the feature server: {{ mul 15 (dig "server" "replicas" 1 .Values.featurestore | int) (dig "server" "workers" 1 .Values.featurestore | int) }}
{{- end }}
{{- if eq (include "maestro.environmentVariable" (list . "FEAST_REGISTRY_TYPE")) "sql" }}
tasks: {{ $slots }}
{{- end }}
setup, backups and the reserved ones: 10
{{- end -}}

{{- define "maestro.errors.connections.database" -}}
{{- if .Values.postgres.enabled }}
{{- $limit := dig "parameters" "max_connections" (dig "maxConnections" 100 .Values.postgres) .Values.postgres | int }}
{{- $sum := 0 }}
{{- $parts := list }}
{{- range $who, $count := include "maestro.databaseConnections" . | fromYaml }}
{{- $sum = add $sum (int $count) }}
{{- $parts = append $parts (printf "%s %d" $who (int $count)) }}
{{- end }}
{{- if gt $sum $limit }}
PostgreSQL may get up to {{ $sum }} connections ({{ join ", " $parts }}), but accepts {{ $limit }}: raise postgres.maxConnections, or lower pgbouncer.settings.default_pool_size or airflow.config.core.parallelism
{{- end }}
{{- end }}
{{- end -}}
