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

{{/* The volume of the run store. */}}
{{- define "maestro.storeName" -}}
{{- .Values.store.name | default (printf "%s-store" .Release.Name) -}}
{{- end -}}
