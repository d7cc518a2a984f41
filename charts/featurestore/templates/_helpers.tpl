{{- define "featurestore.fullname" -}}
{{- printf "%s-featurestore" .Release.Name | trunc 63 | trimSuffix "-" -}}
{{- end -}}

{{/* The immutable part of the labels. Call with (dict "root" $ "component" "server"). */}}
{{- define "featurestore.selectorLabels" -}}
app.kubernetes.io/name: featurestore
app.kubernetes.io/instance: {{ .root.Release.Name }}
app.kubernetes.io/component: {{ .component }}
{{- end -}}

{{- define "featurestore.labels" -}}
helm.sh/chart: {{ printf "%s-%s" .root.Chart.Name .root.Chart.Version }}
{{ include "featurestore.selectorLabels" . }}
app.kubernetes.io/version: {{ .root.Chart.AppVersion | quote }}
app.kubernetes.io/part-of: maestro
app.kubernetes.io/managed-by: {{ .root.Release.Service }}
{{- end -}}

{{- define "featurestore.image" -}}
{{- printf "%s:%s" (required "featurestore: an image needs a repository, set image.repository" .repository) (required "featurestore: an image needs a tag, set image.tag" .tag) -}}
{{- end -}}

{{/* What every pod of this chart has in common. Call with (dict "root" $ "workload" <its values>). */}}
{{- define "featurestore.podDefaults" -}}
serviceAccountName: {{ include "featurestore.fullname" .root }}
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

{{- define "featurestore.redisName" -}}
{{- printf "%s-featurestore-redis" .Release.Name | trunc 63 | trimSuffix "-" -}}
{{- end -}}

{{- define "featurestore.secretName" -}}
{{- tpl (required "featurestore: name the Secret with redis-password in auth.existingSecret" .Values.auth.existingSecret) . -}}
{{- end -}}

{{- define "featurestore.onlineStore" -}}
{{- if .Values.redis.enabled -}}
{{- with .Values.onlineStore.address }}{{ fail "featurestore: two online stores, set either redis.enabled or onlineStore.address" }}{{ end -}}
{{- include "featurestore.redisName" . }}:6379
{{- else -}}
{{- required "featurestore: without redis.enabled the server needs a Redis of yours in onlineStore.address" .Values.onlineStore.address -}}
{{- end -}}
{{- end -}}

{{- define "featurestore.registry" -}}
{{- $url := default (printf "postgresql+psycopg://feast@%s-postgres:5432/feast" .Release.Name) .Values.server.registry.url -}}
{{- if regexMatch "://[^/@]*:[^/@]*@" $url -}}
{{- fail "featurestore: server.registry.url holds a password, keep it in the Secret of server.registry.existingSecret" -}}
{{- end -}}
{{- $url -}}
{{- end -}}

{{/* Bytes of a Kubernetes quantity. */}}
{{- define "featurestore.bytes" -}}
{{- $units := dict "" 1 "k" 1000 "M" 1000000 "G" 1000000000 "Ki" 1024 "Mi" 1048576 "Gi" 1073741824 "Ti" 1099511627776 -}}
{{- $quantity := toString . -}}
{{- $unit := regexReplaceAll "^[0-9]+(\\.[0-9]+)?" $quantity "" -}}
{{- if or (eq $unit $quantity) (not (hasKey $units $unit)) -}}
{{- fail (printf "featurestore: redis.resources.limits.memory must be a quantity such as 512Mi or 1Gi, not %q" $quantity) -}}
{{- end -}}
{{- mulf (float64 (trimSuffix $unit $quantity)) (get $units $unit) | int64 -}}
{{- end -}}
