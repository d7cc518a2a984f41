{{/* Values of the database and its backups that cannot work, one reason a line. */}}
{{- define "maestro.errors.database" -}}
{{- if .Values.postgres.enabled -}}
{{- $needed := dict "airflow" "Airflow" -}}
{{- if and .Values.mlflow.enabled (not (dig "database" "url" "" .Values.mlflow)) }}{{ $_ := set $needed "mlflow" "MLflow" }}{{ end -}}
{{- if and .Values.featurestore.enabled (not (dig "server" "registry" "url" "" .Values.featurestore)) }}{{ $_ := set $needed "feast" "Feast's registry" }}{{ end -}}
{{- $databases := dig "databases" (list "airflow" "feast" "mlflow") .Values.postgres -}}
{{- range $name, $who := $needed }}
{{- if not (has $name $databases) }}
postgres.databases lacks {{ $name }}, the database of {{ $who }}: add it
{{- end }}
{{- end }}
{{- $backup := .Values.postgres.backup | default dict -}}
{{- if and (ne (toString $backup.enabled) "false") (eq ($backup.destination | default "pvc") "pvc") -}}
{{- $data := dig "persistence" "size" "" .Values.postgres | default "10Gi" -}}
{{- $room := dig "persistence" "size" "" $backup | default "10Gi" -}}
{{- if lt (include "maestro.bytes" (dict "root" . "key" "postgres.backup.persistence.size" "quantity" $room) | int64) (include "maestro.bytes" (dict "root" . "key" "postgres.persistence.size" "quantity" $data) | int64) }}
postgres.backup.persistence.size is {{ $room }}, and a dump of {{ $data }} of data may not fit beside the last good one: make it at least postgres.persistence.size, or send backups to a bucket (postgres.backup.destination: s3)
{{- end }}
{{- end -}}
{{- end -}}
{{- if .Values.statsd.enabled -}}
{{- $port := dig "service" "ingestPort" 0 .Values.statsd | default 9125 | int -}}
{{- range $path, $sent := dict "postgres.metrics.port" (dig "metrics" "port" 0 .Values.postgres | default 9125) "featurestore.redis.metrics.port" (dig "redis" "metrics" "port" 0 .Values.featurestore | default 9125) }}
{{- if ne (int $sent) $port }}
{{ $path }} is {{ int $sent }}, and statsd.service.ingestPort is {{ $port }}: set both to the same port
{{- end }}
{{- end }}
{{- end -}}
{{- end -}}
