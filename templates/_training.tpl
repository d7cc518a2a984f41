{{/* Service accounts of the pods that run tasks or watch them, by the official chart's naming: a list. */}}
{{- define "maestro.taskServiceAccounts" -}}
{{- $airflow := include "maestro.airflowFullname" . -}}
{{- $accounts := list (printf "%s-triggerer" $airflow) -}}
{{- if include "maestro.celery" . -}}
{{- $celery := .Values.airflow.workers.celery -}}
{{- if ne (toString $celery.enableDefault) "false" -}}
{{- $accounts = append $accounts (printf "%s-worker" $airflow) -}}
{{- end -}}
{{- range $celery.sets -}}
{{- $accounts = append $accounts (printf "%s-worker-%s" $airflow .name) -}}
{{- end -}}
{{- else -}}
{{- $accounts = append $accounts ((.Values.airflow.scheduler.serviceAccount).name | default (printf "%s-scheduler" $airflow)) -}}
{{- end -}}
{{- toYaml $accounts -}}
{{- end -}}
