{{/* Names that Kubernetes would refuse, one reason a line. The longest of ours is a CronJob's, which may have 52 characters. */}}
{{- define "maestro.errors.names" -}}
{{- $length := len .Release.Name }}
{{- if gt $length 27 }}
the release name {{ .Release.Name }} has {{ $length }} characters, but at most 27 are allowed: <release>-airflow-database-cleanup is a CronJob, whose name may have at most 52
{{- end }}
{{- if not (regexMatch "^[a-z]([-a-z0-9]*[a-z0-9])?$" .Release.Name) }}
the release name {{ .Release.Name }} is a prefix of the names of Services, which must begin with a letter and contain only letters, digits and hyphens: choose another
{{- end }}
{{- if contains "CeleryExecutor" .Values.airflow.executor }}
{{- $celery := .Values.airflow.workers.celery | default dict }}
{{- range $celery.sets }}
{{- if not (regexMatch "^[a-z0-9]([-a-z0-9]*[a-z0-9])?$" .name) }}
airflow.workers.celery.sets names a set {{ .name }}, and its workers' Deployment is named after it: use lower-case letters, digits and hyphens
{{- end }}
{{- $name := printf "%s-worker-%s" (include "maestro.airflowFullname" $) .name }}
{{- $most := dig "persistence" "enabled" (dig "persistence" "enabled" false $celery) . | ternary 52 63 }}
{{- if gt (len $name) $most }}
airflow.workers.celery.sets: the workers of the set {{ .name }} would be called {{ $name }}, {{ len $name }} characters where Kubernetes allows {{ $most }}: choose a shorter name for the set or the release
{{- end }}
{{- end }}
{{- end }}
{{- $training := include "maestro.environmentVariable" (list . "MAESTRO_TRAINING_NAMESPACE") }}
{{- if and .Values.training.enabled (not (regexMatch "^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?$" $training)) }}
global.environment.MAESTRO_TRAINING_NAMESPACE is {{ $training }}, which is not a valid name of a namespace: use up to 63 lower-case letters, digits and hyphens
{{- end }}
{{- $users := list }}
{{- range .Values.setup.users }}
{{- if has .username $users }}
setup.users has two users named {{ .username }}, and the second would be left out: name each once
{{- end }}
{{- $users = append $users .username }}
{{- end }}
{{- include "maestro.errors.nodePorts" . }}
{{- $account := .Values.airflow.scheduler.serviceAccount | default dict }}
{{- if and .Values.schedulerServiceAccount.create (or (ne (toString $account.create) "false") (not $account.name)) }}
schedulerServiceAccount.create creates the account that airflow.scheduler.serviceAccount names: set its name, and its create to false
{{- end }}
{{- if (index .Subcharts "airflow").Subcharts.postgresql }}
airflow.postgresql.enabled is empty or true, and this chart runs its own PostgreSQL: set it to false
{{- end }}
{{- end -}}

{{/*
Ports of the nodes that another Service has, where the cluster answers: Kubernetes would refuse that Service after it made the rest. Only on a laptop:
in production, whoever installs may lack the right to list the Services of all namespaces, and Helm would stop.
*/}}
{{- define "maestro.errors.nodePorts" -}}
{{- $service := dig "service" (dict) .Values.airflow.apiServer | default dict }}
{{- if and .Values.developmentSecrets.enabled (eq (toString $service.type) "NodePort") }}
{{- $own := printf "%s/%s-api-server" .Release.Namespace (include "maestro.airflowFullname" .) }}
{{- $wanted := list }}
{{- range $service.ports }}{{ $wanted = append $wanted (toString .nodePort) }}{{ end }}
{{- range (lookup "v1" "Service" "" "" | default dict).items }}
{{- $name := printf "%s/%s" .metadata.namespace .metadata.name }}
{{- range .spec.ports }}
{{- if and .nodePort (has (toString .nodePort) $wanted) (ne $name $own) }}
airflow.apiServer.service.ports uses the node port {{ .nodePort }}, which the Service {{ $name }} already has: choose another nodePort, such as {{ add1 .nodePort }}
{{- end }}
{{- end }}
{{- end }}
{{- end }}
{{- end -}}
