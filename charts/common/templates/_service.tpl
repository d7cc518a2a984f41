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

{{/*
The Service of a workload, by the names of its container's ports. Call with
(dict "root" $ "component" "server" "name" "m-mlflow" "ports" (list (dict "name" "http" "port" 5000))); a port's protocol is TCP unless it has one.
*/}}
{{- define "maestro.service" -}}
apiVersion: v1
kind: Service
metadata:
  name: {{ .name }}
  labels: {{- include "maestro.labels" . | nindent 4 }}
spec:
  type: ClusterIP
  {{- with include "maestro.ipFamilies" .root | trim }}
  {{- . | nindent 2 }}
  {{- end }}
  selector: {{- include "maestro.selectorLabels" . | nindent 4 }}
  ports:
    {{- range .ports }}
    - {name: {{ .name }}, port: {{ .port }}, targetPort: {{ .name }}, protocol: {{ .protocol | default "TCP" }}}
    {{- end }}
{{- end -}}
