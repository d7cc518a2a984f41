{{/* Airflow's list of DAG bundles: those of the official chart's value, then those of global.dagBundles. Rendered inside the official chart. */}}
{{- define "maestro.dagBundles" -}}
{{- $bundles := list -}}
{{- range concat (.Values.dagProcessor.dagBundleConfigList | default list) ((.Values.global | default dict).dagBundles | default list) -}}
{{- $bundles = append $bundles (dict "name" .name "classpath" .classpath "kwargs" (.kwargs | default dict)) -}}
{{- end -}}
{{- $bundles | toJson -}}
{{- end -}}

{{/* Airflow reads no DAG at all where two bundles have one name. */}}
{{- define "maestro.errors.bundles" -}}
{{- $names := list }}
{{- range concat (.Values.airflow.dagProcessor.dagBundleConfigList | default list) .Values.global.dagBundles }}
{{- if has .name $names }}
global.dagBundles: two bundles are named {{ .name }}, and Airflow then reads no DAG at all: name one of them otherwise
{{- end }}
{{- $names = append $names .name }}
{{- end }}
{{- end -}}
