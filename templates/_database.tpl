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
