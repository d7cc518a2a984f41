{{/* Authorities of one's own, from global.caBundle: a file in every container, and the variables by which programs find it. Call with $. */}}
{{- define "maestro.caBundle" -}}
{{- $bundle := (.Values.global | default dict).caBundle | default dict -}}
{{- if and $bundle.configMapName $bundle.secretName -}}
{{- fail "two bundles of authorities: set either global.caBundle.configMapName or global.caBundle.secretName" -}}
{{- end -}}
{{- $bundle.configMapName | default $bundle.secretName | default "" -}}
{{- end -}}

{{- define "maestro.caEnv" -}}
{{- if include "maestro.caBundle" . -}}
{{- range $name := list "SSL_CERT_FILE" "REQUESTS_CA_BUNDLE" "CURL_CA_BUNDLE" "AWS_CA_BUNDLE" "GIT_SSL_CAINFO" }}
- {name: {{ $name }}, value: /etc/maestro/ca/ca.crt}
{{- end -}}
{{- end -}}
{{- end -}}

{{- define "maestro.caVolumeMounts" -}}
{{- if include "maestro.caBundle" . }}
- {name: ca-bundle, mountPath: /etc/maestro/ca, readOnly: true}
{{- end -}}
{{- end -}}

{{- define "maestro.caVolumes" -}}
{{- if include "maestro.caBundle" . }}
{{- $bundle := .Values.global.caBundle }}
- name: ca-bundle
  {{ empty $bundle.configMapName | ternary "secret" "configMap" }}:
    {{ empty $bundle.configMapName | ternary "secretName" "name" }}: {{ include "maestro.caBundle" . }}
    items: [{key: {{ $bundle.key | default "ca.crt" | quote }}, path: ca.crt}]
{{- end -}}
{{- end -}}
