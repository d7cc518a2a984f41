{{/* Airflow's image as the official chart finds it. */}}
{{- define "maestro.airflowImage" -}}
{{- $airflow := .Values.airflow -}}
{{- $image := $airflow.images.airflow | default dict -}}
{{- $repository := $image.repository | default $airflow.defaultAirflowRepository -}}
{{- with $image.digest | default $airflow.defaultAirflowDigest -}}
{{- printf "%s@%s" $repository . -}}
{{- else -}}
{{- printf "%s:%s" $repository ($image.tag | default $airflow.defaultAirflowTag) -}}
{{- end -}}
{{- end -}}

{{- define "maestro.celery" -}}
{{- if contains "CeleryExecutor" .Values.airflow.executor -}}true{{- end -}}
{{- end -}}

{{/* One variable of the environment, rendered. Call with (list $ "NAME"). */}}
{{- define "maestro.environmentVariable" -}}
{{- $root := index . 0 -}}
{{- tpl (get $root.Values.global.environment (index . 1) | default "" | toString) $root -}}
{{- end -}}

{{/* The values of Airflow that pods of ours on its image follow where their own are empty. A mapping. */}}
{{- define "maestro.likeAirflow" -}}
{{- $airflow := .Values.airflow -}}
podSecurityContext: {{- toYaml (dig "pod" dict ($airflow.securityContexts | default dict)) | nindent 2 }}
securityContext: {{- toYaml (dig "containers" dict ($airflow.securityContexts | default dict)) | nindent 2 }}
{{- range $key := list "nodeSelector" "tolerations" "affinity" "topologySpreadConstraints" }}
{{ dict $key (get $airflow $key) | toYaml }}
{{- end }}
imageReference: {{ include "maestro.airflowImage" . }}
imagePullPolicy: {{ ($airflow.images.airflow | default dict).pullPolicy | default "IfNotPresent" }}
imagePullSecrets: {{- include "maestro.airflowPullSecrets" . | nindent 2 }}
{{- end -}}

{{/* The volume of the run store. */}}
{{- define "maestro.storeName" -}}
{{- .Values.store.name | default (printf "%s-store" .Release.Name) -}}
{{- end -}}

{{/* Our subcharts in this release, by name. Each says in templates of its own which Secrets it reads and whom its pods call. */}}
{{- define "maestro.parts" -}}
{{- range $name, $chart := .Subcharts -}}
{{- if not (has $name (list "airflow" "common")) }}
- {{ $name }}
{{- end -}}
{{- end -}}
{{- end -}}
