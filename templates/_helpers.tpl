{{- define "maestro.fullname" -}}
{{- .Release.Name | trunc 53 | trimSuffix "-" -}}
{{- end -}}

{{/* The official chart's name with useStandardNaming: tests/chart holds that it agrees. */}}
{{- define "maestro.airflowFullname" -}}
{{- if contains "airflow" .Release.Name -}}
{{- .Release.Name | trunc 63 | trimSuffix "-" -}}
{{- else -}}
{{- printf "%s-airflow" .Release.Name | trunc 63 | trimSuffix "-" -}}
{{- end -}}
{{- end -}}

{{/* The immutable part of the labels. Call with (dict "root" $ "component" "setup"). */}}
{{- define "maestro.selectorLabels" -}}
app.kubernetes.io/name: maestro
app.kubernetes.io/instance: {{ .root.Release.Name }}
app.kubernetes.io/component: {{ .component }}
{{- end -}}

{{- define "maestro.labels" -}}
helm.sh/chart: {{ printf "%s-%s" .root.Chart.Name .root.Chart.Version }}
{{ include "maestro.selectorLabels" . }}
app.kubernetes.io/version: {{ .root.Chart.AppVersion | quote }}
app.kubernetes.io/part-of: maestro
app.kubernetes.io/managed-by: {{ .root.Release.Service }}
{{- end -}}

{{- define "maestro.airflowImage" -}}
{{- $image := .Values.airflow.images.airflow | default dict -}}
{{- printf "%s:%s" ($image.repository | default .Values.airflow.defaultAirflowRepository) ($image.tag | default .Values.airflow.defaultAirflowTag) -}}
{{- end -}}

{{- define "maestro.celery" -}}
{{- if contains "CeleryExecutor" .Values.airflow.executor -}}true{{- end -}}
{{- end -}}

{{/* One variable of the environment, rendered. Call with (list $ "NAME"). */}}
{{- define "maestro.environmentVariable" -}}
{{- $root := index . 0 -}}
{{- tpl (get $root.Values.global.environment (index . 1) | default "" | toString) $root -}}
{{- end -}}

{{- define "maestro.databaseHost" -}}
{{- .Values.externalDatabase.host | default (printf "%s-postgres" .Release.Name) -}}
{{- end -}}

{{/* The same for pods of other namespaces. */}}
{{- define "maestro.databaseFqdn" -}}
{{- .Values.externalDatabase.host | default (printf "%s-postgres.%s" .Release.Name .Release.Namespace) -}}
{{- end -}}

{{- define "maestro.databasePort" -}}
{{- if .Values.externalDatabase.host -}}{{ .Values.externalDatabase.port }}{{- else -}}5432{{- end -}}
{{- end -}}

{{- define "maestro.containerSecurityContext" -}}
{{- toYaml .Values.airflow.securityContexts.containers -}}
{{- end -}}

{{/* What every pod of ours on the Airflow image has in common. */}}
{{- define "maestro.airflowPodDefaults" -}}
automountServiceAccountToken: false
enableServiceLinks: false
securityContext: {{- toYaml .Values.airflow.securityContexts.pod | nindent 2 }}
{{- with .Values.airflow.imagePullSecrets }}
imagePullSecrets: {{- toYaml . | nindent 2 }}
{{- end }}
{{- with .Values.airflow.nodeSelector }}
nodeSelector: {{- toYaml . | nindent 2 }}
{{- end }}
{{- with .Values.airflow.tolerations }}
tolerations: {{- toYaml . | nindent 2 }}
{{- end }}
{{- end -}}
