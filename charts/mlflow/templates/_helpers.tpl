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

{{- define "mlflow.databaseUrl" -}}
{{- $url := default (printf "postgresql+psycopg://mlflow@%s-postgres:5432/mlflow" .Release.Name) .Values.database.url -}}
{{- if regexMatch "://[^/@]*:[^/@]*@" $url -}}
{{- fail "mlflow: database.url holds a password, keep it in the Secret of database.existingSecret" -}}
{{- end -}}
{{- $url -}}
{{- end -}}

{{- define "mlflow.authConfig" -}}
[mlflow]
default_permission = {{ .Values.auth.defaultPermission }}
database_uri = {{ include "mlflow.databaseUrl" . }}
authorization_function = mlflow.server.auth:authenticate_request_basic_auth
{{- end -}}

{{/* MLflow answers only requests whose Host it knows; by default those are localhost and private addresses, not the names of a Service. */}}
{{- define "mlflow.allowedHosts" -}}
{{- $name := include "mlflow.fullname" . -}}
{{- $service := list $name (printf "%s.%s" $name .Release.Namespace) (printf "%s.%s.svc" $name .Release.Namespace) (printf "%s.%s.svc.cluster.local" $name .Release.Namespace) -}}
{{- $hosts := list -}}
{{- range concat (list "localhost" "127.0.0.1") $service -}}
{{- $hosts = concat $hosts (list . (printf "%s:*" .)) -}}
{{- end -}}
{{- join "," (concat $hosts .Values.allowedHosts) -}}
{{- end -}}

{{- define "mlflow.artifactsDestination" -}}
{{- if eq .Values.artifacts.destination "s3" -}}
{{- $uri := required "mlflow: artifacts in S3 need a place, set artifacts.s3.uri to s3://bucket/prefix" .Values.artifacts.s3.uri -}}
{{- if not (hasPrefix "s3://" $uri) -}}
{{- fail (printf "mlflow: artifacts.s3.uri must look like s3://bucket/prefix, not %q" $uri) -}}
{{- end -}}
{{- $uri -}}
{{- else if eq .Values.artifacts.destination "pvc" -}}
/artifacts
{{- else -}}
{{- fail (printf "mlflow: artifacts.destination must be pvc or s3, not %q" .Values.artifacts.destination) -}}
{{- end -}}
{{- end -}}
