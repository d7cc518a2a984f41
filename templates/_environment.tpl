{{/* The environment, rendered; a variable that renders to nothing is left out. */}}
{{- define "maestro.environment" -}}
{{- range include "maestro.databaseEnv" . | fromYamlArray }}
{{ .name }}: {{ .value | quote }}
{{- end }}
{{- range $name, $value := .Values.global.environment }}
{{- with tpl ($value | default "" | toString) $ }}
{{ $name }}: {{ . | quote }}
{{- end }}
{{- end }}
{{- end -}}
