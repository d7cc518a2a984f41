{{/* The environment, rendered; a variable that renders to nothing is left out. */}}
{{- define "maestro.environment" -}}
{{- range $name, $value := .Values.global.environment }}
{{- with tpl ($value | default "" | toString) $ }}
{{ $name }}: {{ . | quote }}
{{- end }}
{{- end }}
{{- end -}}
