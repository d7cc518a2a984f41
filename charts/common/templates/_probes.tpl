{{/*
The probes of a container that need about a tenth of a second: five minutes to start, half a minute until it is out of service, two minutes until it is
restarted. Call with a handler for each, as in a pod: (dict "startup" (dict "httpGet" ...) "readiness" ... "liveness" ...).
*/}}
{{- define "maestro.probes" -}}
startupProbe:
  {{- toYaml .startup | nindent 2 }}
  periodSeconds: 5
  timeoutSeconds: 5
  failureThreshold: 60
readinessProbe:
  {{- toYaml .readiness | nindent 2 }}
  periodSeconds: 10
  timeoutSeconds: 10
  failureThreshold: 3
livenessProbe:
  {{- toYaml .liveness | nindent 2 }}
  periodSeconds: 20
  timeoutSeconds: 10
  failureThreshold: 6
{{- end -}}
