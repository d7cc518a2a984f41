{{/* An external Redis is the online store too. */}}
{{- define "maestro.completeRedis" -}}
{{- $redis := .Values.externalRedis -}}
{{- if and $redis.host .Values.featurestore.enabled (not (dig "onlineStore" "address" "" .Values.featurestore)) (not (dig "redis" "enabled" true .Values.featurestore)) -}}
{{- $options := list (printf "%s:%d" $redis.host (int $redis.port)) (printf "db=%d" (int $redis.onlineStoreDatabase)) -}}
{{- if $redis.tls -}}
{{- $options = append $options "ssl=true" -}}
{{- if include "maestro.caBundle" . -}}{{- $options = append $options "ssl_ca_certs=/etc/maestro/ca/ca.crt" -}}{{- end -}}
{{- end -}}
{{- with $redis.username -}}{{- $options = append $options (printf "username=%s" .) -}}{{- end -}}
{{- $_ := set .Values.featurestore.onlineStore "address" (join "," $options) -}}
{{- end -}}
{{- end -}}

{{- define "maestro.databaseHost" -}}
{{- .Values.externalDatabase.host | default (printf "%s-postgres" .Release.Name) -}}
{{- end -}}

{{/* The same for pods of other namespaces. */}}
{{- define "maestro.databaseFqdn" -}}
{{- .Values.externalDatabase.host | default (printf "%s-postgres.%s" .Release.Name .Release.Namespace) -}}
{{- end -}}

{{- define "maestro.databasePort" -}}
{{- if .Values.externalDatabase.host -}}{{ int .Values.externalDatabase.port }}{{- else -}}5432{{- end -}}
{{- end -}}

{{/* The name of a database. Call with (list $ "airflow"). */}}
{{- define "maestro.databaseName" -}}
{{- $external := (first .).Values.externalDatabase -}}
{{- if $external.host -}}{{ get $external.databases (last .) | default (last .) }}{{- else -}}{{ last . }}{{- end -}}
{{- end -}}

{{/* Whether the server's certificate is held against the authorities of global.caBundle. */}}
{{- define "maestro.databaseVerified" -}}
{{- if and .Values.externalDatabase.host (hasPrefix "verify-" .Values.externalDatabase.sslmode) -}}true{{- end -}}
{{- end -}}

{{/* Whether clients speak TLS with PgBouncer. */}}
{{- define "maestro.pgbouncerTls" -}}
{{- if and (include "maestro.tls" .) .Values.airflow.pgbouncer.enabled -}}true{{- end -}}
{{- end -}}

{{/*
How Airflow's processes and tasks speak to the database, where their URLs do not say it: asyncpg, which the API server uses, takes no sslmode from a
URL. A list of variables.
*/}}
{{- define "maestro.databaseEnv" -}}
{{- if or .Values.postgres.enabled (include "maestro.pgbouncerTls" .) -}}
{{- include "maestro.tlsDatabaseEnv" . -}}
{{- else if and (not .Values.airflow.pgbouncer.enabled) (ne .Values.externalDatabase.sslmode "prefer") }}
- {name: PGSSLMODE, value: {{ .Values.externalDatabase.sslmode }}}
{{- if include "maestro.databaseVerified" . }}
- {name: PGSSLROOTCERT, value: /etc/maestro/ca/ca.crt}
{{- end }}
{{- end -}}
{{- end -}}

{{/* An external database is MLflow's and the feature server's too, unless their own values name another. */}}
{{- define "maestro.completeDatabase" -}}
{{- $external := .Values.externalDatabase -}}
{{- if $external.host -}}
{{- $query := printf "?sslmode=%s%s" $external.sslmode (include "maestro.databaseVerified" . | eq "true" | ternary "&sslrootcert=/etc/maestro/ca/ca.crt" "") -}}
{{- $url := printf "postgresql+psycopg://%%[1]s@%s:%d/%%[2]s%s" $external.host (int $external.port) $query -}}
{{- if and .Values.mlflow.enabled (not (dig "database" "url" "" .Values.mlflow)) -}}
{{- $_ := set .Values.mlflow.database "url" (printf $url "mlflow" (include "maestro.databaseName" (list . "mlflow"))) -}}
{{- end -}}
{{- if and .Values.featurestore.enabled (not (dig "server" "registry" "url" "" .Values.featurestore)) -}}
{{- $_ := set .Values.featurestore.server.registry "url" (printf $url "feast" (include "maestro.databaseName" (list . "feast"))) -}}
{{- end -}}
{{- end -}}
{{- end -}}
