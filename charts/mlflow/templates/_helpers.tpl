{{- define "mlflow.fullname" -}}
{{- printf "%s-mlflow" .Release.Name | trunc 63 | trimSuffix "-" -}}
{{- end -}}

{{/* The immutable part of the labels. Call with (dict "root" $ "component" "server"). */}}
{{- define "mlflow.selectorLabels" -}}
app.kubernetes.io/name: mlflow
app.kubernetes.io/instance: {{ .root.Release.Name }}
app.kubernetes.io/component: {{ .component }}
{{- end -}}

{{- define "mlflow.labels" -}}
helm.sh/chart: {{ printf "%s-%s" .root.Chart.Name .root.Chart.Version }}
{{ include "mlflow.selectorLabels" . }}
app.kubernetes.io/version: {{ .root.Chart.AppVersion | quote }}
app.kubernetes.io/part-of: maestro
app.kubernetes.io/managed-by: {{ .root.Release.Service }}
{{- end -}}

{{- define "mlflow.image" -}}
{{- printf "%s:%s" (required "mlflow: an image needs a repository, set image.repository" .repository) (required "mlflow: an image needs a tag, set image.tag" .tag) -}}
{{- end -}}

{{/* What every pod of this chart has in common. Call with (dict "root" $ "workload" <its values>). */}}
{{- define "mlflow.podDefaults" -}}
serviceAccountName: {{ include "mlflow.fullname" .root }}
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
