{{- define "statsd.mapping" -}}
{{- tpl (.Files.Get "files/mapping.yaml") . -}}
{{- end -}}

{{/* Picks this release's series among others in the same Prometheus. */}}
{{- define "statsd.selector" -}}
{{- default (printf "namespace=%q,job=%q" .Release.Namespace (include "maestro.fullname" .)) .Values.alerts.selector -}}
{{- end -}}

{{/* Its components in the network, by the name the umbrella's policies know them by. */}}
{{- define "statsd.network" -}}
components: {statsd: exporter}
{{- end -}}

{{/* It reads no Secret. */}}
{{- define "statsd.requiredSecrets" -}}
{{- end -}}
