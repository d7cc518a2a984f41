{{/* What cannot be reached with these values, one reason a line. */}}
{{- define "maestro.errors.network" -}}
{{- if and (include "maestro.databaseVerified" .) (not (include "maestro.caBundle" .)) }}
externalDatabase.sslmode is {{ .Values.externalDatabase.sslmode }}, but there is no authority to check the certificate: name a bundle in global.caBundle, or use require
{{- end }}
{{- $redis := .Values.externalRedis -}}
{{- if and $redis.host (include "maestro.celery" .) .Values.airflow.redis.enabled }}
externalRedis.host is {{ $redis.host }}, and airflow.redis.enabled starts another broker: set it to false
{{- end }}
{{- if and $redis.host .Values.featurestore.enabled (dig "redis" "enabled" true .Values.featurestore) }}
externalRedis.host is {{ $redis.host }}, and featurestore.redis.enabled starts another online store: set it to false
{{- end }}
{{- end -}}
