{{- define "statsd.fullname" -}}
{{- printf "%s-statsd" .Release.Name | trunc 63 | trimSuffix "-" -}}
{{- end -}}

{{/* The immutable part of the labels. Call with (dict "root" $ "component" "server"). */}}
{{- define "statsd.selectorLabels" -}}
app.kubernetes.io/name: statsd
app.kubernetes.io/instance: {{ .root.Release.Name }}
app.kubernetes.io/component: {{ .component }}
{{- end -}}

{{- define "statsd.labels" -}}
helm.sh/chart: {{ printf "%s-%s" .root.Chart.Name .root.Chart.Version }}
{{ include "statsd.selectorLabels" . }}
app.kubernetes.io/version: {{ .root.Chart.AppVersion | quote }}
app.kubernetes.io/part-of: maestro
app.kubernetes.io/managed-by: {{ .root.Release.Service }}
{{- end -}}

{{- define "statsd.image" -}}
{{- printf "%s:%s" (required "statsd: an image needs a repository, set image.repository" .repository) (required "statsd: an image needs a tag, set image.tag" .tag) -}}
{{- end -}}

{{/* What every pod of this chart has in common. Call with (dict "root" $ "workload" <its values>). */}}
{{- define "statsd.podDefaults" -}}
serviceAccountName: {{ include "statsd.fullname" .root }}
automountServiceAccountToken: false
enableServiceLinks: false
securityContext: {{- toYaml .workload.podSecurityContext | nindent 2 }}
{{- with .root.Values.imagePullSecrets }}
imagePullSecrets: {{- toYaml . | nindent 2 }}
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

{{- define "statsd.mapping" -}}
{{- tpl (.Files.Get "files/mapping.yaml") . -}}
{{- end -}}

{{/* Picks this release's series among others in the same Prometheus. */}}
{{- define "statsd.selector" -}}
{{- default (printf "namespace=%q,job=%q" .Release.Namespace (include "statsd.fullname" .)) .Values.alerts.selector -}}
{{- end -}}
