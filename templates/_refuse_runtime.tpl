{{/* What would go wrong while tasks run. */}}
{{- define "maestro.errors.runtime" -}}
{{- if include "maestro.celery" . -}}
{{- $workers := .Values.airflow.workers.celery -}}
{{- $transport := (.Values.airflow.config | default dict).celery_broker_transport_options | default dict -}}
{{- /* Airflow's own default is a day. */ -}}
{{- $redelivered := $transport.visibility_timeout | default 86400 | int64 -}}
{{- $longest := $workers.terminationGracePeriodSeconds | default 600 | int64 -}}
{{- range $workers.sets | default list -}}
{{- $longest = max $longest (.terminationGracePeriodSeconds | int64) -}}
{{- end -}}
{{- if le $redelivered $longest }}
airflow.config.celery_broker_transport_options.visibility_timeout is {{ $redelivered }}: after as many seconds the broker hands a task that still runs to a second worker, and workers are given {{ $longest }} seconds to finish theirs (workers.celery.terminationGracePeriodSeconds): make it longer than your longest task
{{- end }}
{{- end -}}
{{- /* Airflow chooses who writes the logs by how the place begins, and does not start with another one. */ -}}
{{- $logs := include "maestro.airflowConfig" (list . "logging" "remote_base_log_folder" "") -}}
{{- $search := or (.Values.airflow.elasticsearch).enabled (.Values.airflow.opensearch).enabled -}}
{{- if and (eq (include "maestro.airflowConfig" (list . "logging" "remote_logging" "False") | lower) "true") (not $search) (not (regexMatch "^((s3|gs|cloudwatch|stackdriver|oss|hdfs)://|wasb)" $logs)) }}
airflow.config.logging.remote_base_log_folder is {{ $logs | quote }}, and remote_logging is on: Airflow writes logs to s3://, gs://, wasb:// (Azure), oss://, hdfs://, cloudwatch:// and stackdriver://, name such a place or set remote_logging to 'False'
{{- end }}
{{- end -}}
