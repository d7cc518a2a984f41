{{/* Values of the official chart that cannot work here, one reason a line. */}}
{{- define "maestro.errors.airflow" -}}
{{- include "maestro.errors.unread" . }}
{{- include "maestro.errors.twice" . }}
{{- include "maestro.errors.executor" . }}
{{- include "maestro.errors.metrics" . }}
{{- include "maestro.errors.schedules" . }}
{{- include "maestro.errors.connections" . }}
{{- include "maestro.errors.keda" . }}
{{- include "maestro.errors.ingress" . }}
{{- include "maestro.errors.connections.database" . }}
{{- end -}}

{{/* Those that would be ignored: they must stay as files/airflow/unread.json has them. A key left empty means its default. */}}
{{- define "maestro.errors.unread" -}}
{{- range .Files.Get "files/airflow/unread.json" | fromJsonArray }}
{{- $value := $.Values.airflow }}
{{- range splitList "." .path }}{{ $value = (kindIs "map" $value) | ternary (get ($value | default dict) .) nil }}{{ end }}
{{- if and (kindIs "map" $value) (kindIs "map" .value) }}{{ $value = mergeOverwrite (deepCopy .value) $value }}{{ end }}
{{- if not (or (kindIs "invalid" $value) (eq (toString $value) "") (eq (toJson $value) (toJson .value))) }}
airflow.{{ .path }} cannot be changed: {{ .reason }}
{{- end }}
{{- end }}
{{- end -}}

{{/* The queues that Celery workers serve: a list. */}}
{{- define "maestro.servedQueues" -}}
{{- $celery := .Values.airflow.workers.celery | default dict -}}
{{- $queue := $celery.queue | default "default" -}}
{{- $queues := list -}}
{{- if ne (toString $celery.enableDefault) "false" -}}
{{- $queues = splitList "," $queue -}}
{{- end -}}
{{- range $celery.sets -}}
{{- $queues = concat $queues (splitList "," (.queue | default $queue)) -}}
{{- end -}}
{{- toYaml $queues -}}
{{- end -}}

{{/* One key of airflow.cfg, rendered. Call with (list $ "section" "key" "default"). */}}
{{- define "maestro.airflowConfig" -}}
{{- $root := index . 0 -}}
{{- $section := get ($root.Values.airflow.config | default dict) (index . 1) | default dict -}}
{{- $value := get $section (index . 2) -}}
{{- if eq (toString ($value | default "")) "" -}}{{ index . 3 }}{{- else -}}{{- tpl (toString $value) (dict "Values" $root.Values.airflow "Release" $root.Release "Chart" (dict "Name" "airflow") "Capabilities" $root.Capabilities "Template" $root.Template) -}}{{- end -}}
{{- end -}}

{{- define "maestro.errors.executor" -}}
{{- $airflow := .Values.airflow -}}
{{- $executors := splitList "," $airflow.executor -}}
{{- range $executors }}
{{- if not (has . (list "LocalExecutor" "CeleryExecutor" "KubernetesExecutor")) }}
airflow.executor names {{ . }}, which this chart does not run: choose LocalExecutor, CeleryExecutor or KubernetesExecutor, or two of them with a comma
{{- end }}
{{- end }}
{{- if semverCompare "<3.3.0-0" $airflow.airflowVersion }}
airflow.airflowVersion is {{ $airflow.airflowVersion }}, and the pipelines need Airflow 3.3: set 3.3.2 or newer
{{- end }}
{{- if include "maestro.kubernetesExecutor" . }}
{{- $account := $airflow.scheduler.serviceAccount | default dict }}
{{- if and (ne (toString $account.create) "false") (ne (toString $account.automountServiceAccountToken) "true") }}
KubernetesExecutor starts pods from the scheduler: set airflow.scheduler.serviceAccount.automountServiceAccountToken to true
{{- end }}
{{- if and (ne (include "maestro.airflowConfig" (list . "logging" "remote_logging" "False") | lower) "true") (not (dig "persistence" "enabled" false ($airflow.logs | default dict))) }}
logs of KubernetesExecutor are lost with its pods: set airflow.config.logging.remote_logging to 'True', or airflow.logs.persistence.enabled to true with a claim that many pods can mount
{{- end }}
{{- end }}
{{- if and $airflow.apiServer.allowPodLogReading (ne (toString (($airflow.apiServer).serviceAccount).automountServiceAccountToken) "true") }}
airflow.apiServer.allowPodLogReading lets the API server read logs of pods, but it has no service account token: set airflow.apiServer.serviceAccount.automountServiceAccountToken to true
{{- end }}
{{- if and ($airflow.cleanup).enabled (not (include "maestro.kubernetesExecutor" .)) }}
airflow.cleanup removes pods of KubernetesExecutor, and airflow.executor is {{ $airflow.executor }}: switch one of them
{{- end }}
{{- if include "maestro.celery" . }}
{{- $served := include "maestro.servedQueues" . | fromYamlArray }}
{{- $used := dict "airflow.config.operators.default_queue" (include "maestro.airflowConfig" (list . "operators" "default_queue" "default")) }}
{{- $_ := set $used "global.environment.MAESTRO_TRAINING_QUEUE" (include "maestro.environmentVariable" (list . "MAESTRO_TRAINING_QUEUE") | default "default") }}
{{- range $key, $queue := $used }}
{{- if not (has $queue $served) }}
no Celery worker serves the queue {{ $queue }} of {{ $key }}: name it in airflow.workers.celery.queue or in the queue of one of airflow.workers.celery.sets
{{- end }}
{{- end }}
{{- $names := list }}
{{- range $airflow.workers.celery.sets }}
{{- if has .name $names }}
airflow.workers.celery.sets has two sets named {{ .name }}: give each a different name
{{- end }}
{{- $names = append $names .name }}
{{- end }}
{{- end }}
{{- range $key, $must := dict "api.port" "8080" "logging.worker_log_server_port" "8793" "logging.trigger_log_server_port" "8794" "scheduler.scheduler_health_check_server_port" "8974" "scheduler.enable_health_check" "True" }}
{{- $parts := splitList "." $key }}
{{- $value := include "maestro.airflowConfig" (list $ (index $parts 0) (index $parts 1) $must) }}
{{- if ne ($value | lower) ($must | lower) }}
airflow.config.{{ $key }} is {{ $value }}, but the probes, Services and policies require {{ $must }}: do not change it
{{- end }}
{{- end }}
{{- end -}}

{{/* Airflow and the exporter must agree on where metrics go and what they are called. */}}
{{- define "maestro.errors.metrics" -}}
{{- if .Values.statsd.enabled }}
{{- $port := dig "service" "ingestPort" 9125 .Values.statsd | int | toString }}
{{- $prefix := dig "mapping" "prefix" "airflow" .Values.statsd }}
{{- $sent := include "maestro.airflowConfig" (list . "metrics" "statsd_port" "8125") }}
{{- if ne $port $sent }}
statsd.service.ingestPort is {{ $port }}, and Airflow sends to airflow.config.metrics.statsd_port {{ $sent }}: set both to the same port
{{- end }}
{{- $named := include "maestro.airflowConfig" (list . "metrics" "statsd_prefix" "airflow") }}
{{- if ne $prefix $named }}
statsd.mapping.prefix is {{ $prefix }}, and Airflow's airflow.config.metrics.statsd_prefix is {{ $named }}: set both to the same text
{{- end }}
{{- end }}
{{- end -}}

{{/* Connections to a server of this release that it does not run. */}}
{{- define "maestro.errors.connections" -}}
{{- if not .Values.mlflow.enabled }}
{{- range $id, $fields := .Values.setup.connections }}
{{- if and $fields (contains (printf "%s-mlflow" $.Release.Name) (tpl (toJson $fields) $)) }}
setup.connections.{{ $id }} names the MLflow server of this release, and mlflow.enabled is false: name your server there, or set the connection to null
{{- end }}
{{- end }}
{{- end }}
{{- end -}}

{{- define "maestro.errors.keda" -}}
{{- if .Values.keda.enabled }}
{{- if not (include "maestro.celery" .) }}
keda.enabled scales Celery workers, and airflow.executor is {{ .Values.airflow.executor }}: switch one of them
{{- end }}
{{- if not .Values.keda.serverAddress }}
keda.enabled reads the queues from Prometheus: name it in keda.serverAddress
{{- end }}
{{- if not .Values.statsd.enabled }}
keda.enabled reads what the exporter exposes, and statsd.enabled is false: switch it on
{{- end }}
{{- $celery := .Values.airflow.workers.celery }}
{{- $names := ternary (list) (list "default") (eq (toString $celery.enableDefault) "false") }}
{{- $scaled := dig "hpa" "enabled" false $celery }}
{{- range $celery.sets }}
{{- $names = append $names .name }}
{{- if dig "hpa" "enabled" false . }}{{ $scaled = true }}{{ end }}
{{- end }}
{{- if $scaled }}
keda.enabled and airflow.workers.celery.hpa both scale the workers: switch one of them off
{{- end }}
{{- range $names }}
{{- $limits := include "maestro.scalingLimits" (list $ .) | fromYaml }}
{{- if gt (int $limits.minReplicaCount) (int $limits.maxReplicaCount) }}
keda gives the set {{ . }} at least {{ int $limits.minReplicaCount }} workers and at most {{ int $limits.maxReplicaCount }}: raise maxReplicaCount
{{- end }}
{{- end }}
{{- range $name, $limits := .Values.keda.sets }}
{{- if not (has $name $names) }}
keda.sets names {{ $name }}, and there is no such set in airflow.workers.celery.sets
{{- end }}
{{- end }}
{{- end }}
{{- end -}}

{{/* How many workers KEDA gives a set. Call with (list $ "name"); a merge would take a minimum of 0 for none. */}}
{{- define "maestro.scalingLimits" -}}
{{- $keda := (index . 0).Values.keda -}}
{{- $own := get ($keda.sets | default dict) (index . 1) | default dict -}}
{{- range $key := list "minReplicaCount" "maxReplicaCount" }}
{{ $key }}: {{ hasKey $own $key | ternary (get $own $key) (get $keda $key) }}
{{- end }}
{{- end -}}
