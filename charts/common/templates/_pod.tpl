{{/* What every pod of a chart has in common. Call with (dict "root" $ "workload" <its values>). */}}
{{- define "maestro.podDefaults" -}}
serviceAccountName: {{ include "maestro.fullname" .root }}
automountServiceAccountToken: false
enableServiceLinks: false
{{- with .workload.podSecurityContext }}
securityContext: {{- toYaml . | nindent 2 }}
{{- end }}
{{- with include "maestro.pullSecrets" (concat (.root.Values.imagePullSecrets | default list) ((.root.Values.global | default dict).imagePullSecrets | default list)) }}
imagePullSecrets: {{- . | indent 2 }}
{{- end }}
{{- with .workload.priorityClassName }}
priorityClassName: {{ . }}
{{- end }}
{{- with .workload.nodeSelector }}
nodeSelector: {{- toYaml . | nindent 2 }}
{{- end }}
{{- with .workload.tolerations }}
tolerations: {{- toYaml . | nindent 2 }}
{{- end }}
{{- with .workload.affinity }}
affinity: {{- toYaml . | nindent 2 }}
{{- end }}
{{- end -}}
