{{- define "featurestore.redisName" -}}
{{- include "maestro.fullname" . }}-redis
{{- end -}}

{{- define "featurestore.secretName" -}}
{{- tpl (required "featurestore: name the Secret with redis-password in auth.existingSecret" .Values.auth.existingSecret) . -}}
{{- end -}}

{{- define "featurestore.onlineStore" -}}
{{- if .Values.redis.enabled -}}
{{- with .Values.onlineStore.address }}{{ fail "featurestore: two online stores, set either redis.enabled or onlineStore.address" }}{{ end -}}
{{- include "featurestore.redisName" . }}:6379{{ if include "maestro.tls" . }},ssl=true,ssl_ca_certs=/etc/maestro/tls/ca.crt{{ end }}
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

{{/* The Secret with the token callers show: the environment of tasks, unless another is named. */}}
{{- define "featurestore.tokenSecret" -}}
{{- tpl (.Values.server.tokenSecret | default (.Values.global | default dict).environmentSecretName | default "") . -}}
{{- end -}}

{{/* Secrets this chart reads, as a list of {path, name, keys}. */}}
{{- define "featurestore.requiredSecrets" -}}
{{- $secrets := list -}}
{{- if or .Values.redis.enabled .Values.server.enabled -}}
{{- $secrets = append $secrets (dict "path" "auth.existingSecret" "name" (tpl .Values.auth.existingSecret .) "keys" (list "redis-password")) -}}
{{- end -}}
{{- if .Values.server.enabled -}}
{{- $registry := .Values.server.registry -}}
{{- $secrets = append $secrets (dict "path" "server.registry.existingSecret" "name" (tpl $registry.existingSecret .) "keys" (list $registry.passwordKey)) -}}
{{- $secrets = append $secrets (dict "path" "server.tokenSecret" "name" (include "featurestore.tokenSecret" .) "keys" (list "FEATURE_SERVER_TOKEN")) -}}
{{- end -}}
{{- toYaml $secrets -}}
{{- end -}}

{{/* Its components in the network, by the name the umbrella's policies know them by. */}}
{{- define "featurestore.network" -}}
components:
  {{- if .Values.server.enabled }}
  feature-server: server
  {{- end }}
  {{- if .Values.redis.enabled }}
  online-store: redis
  {{- end }}
{{- end -}}
