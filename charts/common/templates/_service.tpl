{{/* Which addresses a Service has, from global.ipFamilyPolicy and global.ipFamilies: lines of its spec, or nothing. Call with $. */}}
{{- define "maestro.ipFamilies" -}}
{{- $global := .Values.global | default dict -}}
{{- with $global.ipFamilyPolicy }}
ipFamilyPolicy: {{ . }}
{{- end }}
{{- with $global.ipFamilies }}
ipFamilies: {{- toYaml . | nindent 2 }}
{{- end }}
{{- end -}}

{{/* The address a server that listens on one family binds to: all of the first one. */}}
{{- define "maestro.listenAddress" -}}
{{- ternary "::" "0.0.0.0" (eq "IPv6" (first (((.Values.global | default dict).ipFamilies) | default (list "IPv4")))) -}}
{{- end -}}
