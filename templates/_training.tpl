{{/* Service accounts of the pods that run tasks or watch them, by the official chart's naming: a list. */}}
{{- define "maestro.taskServiceAccounts" -}}
{{- $airflow := .Values.airflow -}}
{{- $fullname := include "maestro.airflowFullname" . -}}
{{- $accounts := list (include "maestro.airflowAccount" (list $airflow.triggerer.serviceAccount (printf "%s-triggerer" $fullname))) -}}
{{- $executors := splitList "," $airflow.executor -}}
{{- if has "CeleryExecutor" $executors -}}
{{- $celery := $airflow.workers.celery -}}
{{- if ne (toString $celery.enableDefault) "false" -}}
{{- $accounts = append $accounts (include "maestro.airflowAccount" (list $celery.serviceAccount (printf "%s-worker" $fullname))) -}}
{{- end -}}
{{- range $celery.sets -}}
{{- $account := mergeOverwrite (deepCopy ($celery.serviceAccount | default dict)) (.serviceAccount | default dict) -}}
{{- $accounts = append $accounts (include "maestro.airflowAccount" (list $account (printf "%s-worker-%s" $fullname .name))) -}}
{{- end -}}
{{- end -}}
{{- if has "KubernetesExecutor" $executors -}}
{{- $accounts = append $accounts (include "maestro.airflowAccount" (list $airflow.workers.kubernetes.serviceAccount (printf "%s-worker-kubernetes" $fullname))) -}}
{{- end -}}
{{- if has "LocalExecutor" $executors -}}
{{- $accounts = append $accounts (include "maestro.schedulerServiceAccount" .) -}}
{{- end -}}
{{- toYaml ($accounts | uniq) -}}
{{- end -}}

{{- define "maestro.schedulerServiceAccount" -}}
{{- include "maestro.airflowAccount" (list .Values.airflow.scheduler.serviceAccount (printf "%s-scheduler" (include "maestro.airflowFullname" .))) -}}
{{- end -}}

{{/* A service account's name by the official chart's rule. Call with (list <its values> "name where none is given"). */}}
{{- define "maestro.airflowAccount" -}}
{{- $account := index . 0 -}}
{{- if eq (toString $account.create) "false" -}}{{ $account.name | default "default" }}{{- else -}}{{ $account.name | default (index . 1) }}{{- end -}}
{{- end -}}

{{- define "maestro.kubernetesExecutor" -}}
{{- if has "KubernetesExecutor" (splitList "," .Values.airflow.executor) -}}true{{- end -}}
{{- end -}}
