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
{{- end -}}
