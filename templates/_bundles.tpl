{{/* Airflow's list of DAG bundles: those of the official chart's value, then those of global.dagBundles. Rendered inside the official chart. */}}
{{- define "maestro.dagBundles" -}}
{{- $bundles := list -}}
{{- range concat (.Values.dagProcessor.dagBundleConfigList | default list) ((.Values.global | default dict).dagBundles | default list) -}}
{{- $bundles = append $bundles (dict "name" .name "classpath" .classpath "kwargs" (.kwargs | default dict)) -}}
{{- end -}}
{{- $bundles | toJson -}}
{{- end -}}
