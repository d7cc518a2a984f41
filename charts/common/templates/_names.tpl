{{/* The name of a subchart's objects: the release's, then the chart's. */}}
{{- define "maestro.fullname" -}}
{{- printf "%s-%s" .Release.Name .Chart.Name -}}
{{- end -}}

{{/* The official chart's name with useStandardNaming: it adds its own name unless the release has it. tests/chart holds that it agrees. */}}
{{- define "maestro.airflowFullname" -}}
{{- ternary .Release.Name (printf "%s-airflow" .Release.Name) (contains "airflow" .Release.Name) -}}
{{- end -}}
