{{- define "mlflow.databaseUrl" -}}
{{- $url := default (printf "postgresql+psycopg://mlflow@%s-postgres:5432/mlflow" .Release.Name) .Values.database.url -}}
{{- if regexMatch "://[^/@]*:[^/@]*@" $url -}}
{{- fail "mlflow: database.url holds a password, keep it in the Secret of database.existingSecret" -}}
{{- end -}}
{{- $url -}}
{{- end -}}

{{/* The Secret with the account of tasks and training pods: their environment's, unless another is named. */}}
{{- define "mlflow.clientSecret" -}}
{{- tpl (.Values.auth.clientSecret | default (.Values.global | default dict).environmentSecretName | default "") . -}}
{{- end -}}

{{/* Where the accounts are, and the administrator: of the server and of the container that makes the accounts. */}}
{{- define "mlflow.authEnv" -}}
{{- $secret := tpl (required "mlflow: name the Secret with the administrator in auth.existingSecret" .Values.auth.existingSecret) . -}}
- name: MLFLOW_AUTH_CONFIG_PATH
  value: /etc/mlflow/auth.ini
{{- range $name, $key := dict "MLFLOW_AUTH_ADMIN_USERNAME" "mlflow-admin-username" "MLFLOW_AUTH_ADMIN_PASSWORD" "mlflow-admin-password" "MLFLOW_FLASK_SERVER_SECRET_KEY" "mlflow-session-key" }}
- name: {{ $name }}
  valueFrom:
    secretKeyRef:
      name: {{ $secret }}
      key: {{ $key }}
{{- end }}
{{- end -}}

{{/* The password of the database: libpq reads it, so it needs no escaping and is not part of a URL. */}}
{{- define "mlflow.databaseEnv" -}}
- name: PGPASSWORD
  valueFrom:
    secretKeyRef:
      name: {{ tpl (required "mlflow: name the Secret with the database's password in database.existingSecret" .Values.database.existingSecret) . }}
      key: {{ .Values.database.passwordKey }}
{{- if not .Values.database.url }}
{{- include "maestro.tlsDatabaseEnv" . }}
{{- end }}
{{- end -}}

{{/* MLflow reads it with Python's configparser, where `%` begins a reference. */}}
{{- define "mlflow.authConfig" -}}
[mlflow]
default_permission = {{ .Values.auth.defaultPermission }}
database_uri = {{ include "mlflow.databaseUrl" . | replace "%" "%%" }}
authorization_function = mlflow.server.auth:authenticate_request_basic_auth
{{- end -}}

{{/* MLflow answers only requests whose Host it knows; by default those are localhost and private addresses, not the names of a Service. */}}
{{- define "mlflow.allowedHosts" -}}
{{- $name := include "maestro.fullname" . -}}
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

{{/* Secrets this chart reads, as a list of {path, name, keys}. */}}
{{- define "mlflow.requiredSecrets" -}}
{{- $values := .Values -}}
{{- $secrets := list (dict "path" "database.existingSecret" "name" (tpl $values.database.existingSecret .) "keys" (list $values.database.passwordKey)) -}}
{{- if and (eq $values.artifacts.destination "s3") (not $values.artifacts.s3.useRole) -}}
{{- $secrets = append $secrets (dict "path" "artifacts.s3.existingSecret" "name" (tpl $values.artifacts.s3.existingSecret .) "keys" (list "AWS_ACCESS_KEY_ID" "AWS_SECRET_ACCESS_KEY")) -}}
{{- end -}}
{{- if $values.auth.enabled -}}
{{- $secrets = append $secrets (dict "path" "auth.existingSecret" "name" (tpl $values.auth.existingSecret .) "keys" (list "mlflow-admin-username" "mlflow-admin-password" "mlflow-session-key")) -}}
{{- $secrets = append $secrets (dict "path" "auth.clientSecret" "name" (include "mlflow.clientSecret" .) "keys" (list "MLFLOW_TRACKING_USERNAME" "MLFLOW_TRACKING_PASSWORD")) -}}
{{- end -}}
{{- toYaml $secrets -}}
{{- end -}}

{{/* Its components in the network, by the name the umbrella's policies know them by. */}}
{{- define "mlflow.network" -}}
components: {mlflow: server}
{{- end -}}
