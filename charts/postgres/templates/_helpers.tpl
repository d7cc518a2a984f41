{{- define "postgres.secretName" -}}
{{- tpl (required "postgres: name the Secret with the passwords in auth.existingSecret" .Values.auth.existingSecret) . -}}
{{- end -}}

{{/*
Server settings from the memory limit, by the rules of PostgreSQL's manual (19.4, Resource Consumption): a quarter for shared_buffers,
three quarters as effective_cache_size; what is not shared is divided so that every connection may sort three times at once.
*/}}
{{- define "postgres.parameters" -}}
{{- $limit := required "postgres: the server is tuned to its memory, set resources.limits.memory" (dig "limits" "memory" "" .Values.resources) -}}
{{- $kilobytes := div (include "maestro.bytes" (dict "root" . "key" "resources.limits.memory" "quantity" $limit) | int64) 1024 -}}
{{- if lt $kilobytes 131072 -}}
{{- fail (printf "postgres: resources.limits.memory is %s, the server needs at least 128Mi" $limit) -}}
{{- end -}}
{{- $shared := div $kilobytes 4 -}}
{{- $derived := dict
  "max_connections" .Values.maxConnections
  "shared_buffers" (printf "%dkB" $shared)
  "effective_cache_size" (printf "%dkB" (mul $shared 3))
  "maintenance_work_mem" (printf "%dkB" (div $kilobytes 16))
  "work_mem" (printf "%dkB" (max 1024 (div (sub $kilobytes $shared) (mul 3 .Values.maxConnections))))
  "unix_socket_directories" "/var/run/postgresql"
-}}
{{- if include "maestro.tls" . -}}
{{- $derived = merge (dict "ssl" "on" "ssl_cert_file" "/run/tls/tls.crt" "ssl_key_file" "/run/tls/tls.key" "ssl_min_protocol_version" "TLSv1.2" "hba_file" "/scripts/pg_hba.conf") $derived -}}
{{- end -}}
{{- toYaml (merge (deepCopy .Values.parameters) $derived) -}}
{{- end -}}

{{/* How a Job reaches the server, as a superuser. */}}
{{- define "postgres.clientEnv" -}}
- name: PGHOST
  value: {{ include "maestro.fullname" . }}
- name: PGPORT
  value: "5432"
- name: PGUSER
  value: postgres
- name: PGPASSWORD
  valueFrom:
    secretKeyRef:
      name: {{ include "postgres.secretName" . }}
      key: postgres-password
{{- include "maestro.tlsDatabaseEnv" . }}
{{- end -}}

{{/* A container of the backup that runs backup.sh. Call with (dict "root" $ "pod" $pod "name" ... "args" (list ...)). */}}
{{- define "postgres.backupContainer" -}}
name: {{ .name }}
{{ include "maestro.containerDefaults" .pod }}
command: {{- toYaml (prepend .args "/scripts/backup.sh") | nindent 2 }}
env:
  {{- include "postgres.clientEnv" .root | nindent 2 }}
  - name: BACKUP_DIR
    value: /backup
  - name: DATABASES
    value: {{ join " " .root.Values.databases | quote }}
  - name: RETENTION
    value: {{ .root.Values.backup.retention | quote }}
  - name: DEADLINE
    value: {{ .root.Values.backup.activeDeadlineSeconds | int64 | quote }}
  - name: JOB
    valueFrom:
      fieldRef: {fieldPath: "metadata.labels['batch.kubernetes.io/job-name']"}
  {{- if eq .root.Values.backup.destination "s3" }}
  - name: UPLOAD_FOLLOWS
    value: "true"
  {{- end }}
  {{- with include "maestro.extraEnv" .pod }}{{ . | nindent 2 }}{{ end }}
resources: {{- toYaml .root.Values.backup.resources | nindent 2 }}
volumeMounts:
  - {name: scripts, mountPath: /scripts, readOnly: true}
  - {name: backup, mountPath: /backup}
  - {name: tmp, mountPath: /tmp}
  {{- with include "maestro.extraVolumeMounts" .pod }}{{ . | nindent 2 }}{{ end }}
{{- end -}}

{{/* The container that copies between the scratch space and the bucket. Call with (dict "root" $ "pod" $pod "name" ... "args" (list ...)). */}}
{{- define "postgres.objectStoreContainer" -}}
{{- $s3 := .root.Values.backup.s3 -}}
name: {{ .name }}
{{ include "maestro.containerDefaults" (merge (dict "image" $s3.image) .pod) }}
command: [python, /scripts/object_store.py]
args: {{- toYaml .args | nindent 2 }}
env:
  {{- include "maestro.s3Env" (dict "root" .root "s3" $s3 "purpose" "postgres: backups to S3" "path" "backup.s3" "endpointVariable" "AWS_ENDPOINT_URL") | trim | nindent 2 }}
  - name: HOME
    value: /tmp
  {{- with include "maestro.extraEnv" .pod }}{{ . | nindent 2 }}{{ end }}
resources: {{- toYaml .root.Values.backup.resources | nindent 2 }}
volumeMounts:
  - {name: scripts, mountPath: /scripts, readOnly: true}
  - {name: backup, mountPath: /backup}
  - {name: tmp, mountPath: /tmp}
  {{- with include "maestro.extraVolumeMounts" .pod }}{{ . | nindent 2 }}{{ end }}
{{- end -}}

{{/* Call with $pod. */}}
{{- define "postgres.backupVolumes" -}}
- name: scripts
  configMap:
    name: {{ include "maestro.fullname" .root }}-scripts
    defaultMode: 0555
- name: tmp
  emptyDir: {}
- name: backup
  {{- if eq .root.Values.backup.destination "s3" }}
  emptyDir:
    sizeLimit: {{ .root.Values.backup.persistence.size | quote }}
  {{- else }}
  persistentVolumeClaim:
    claimName: {{ include "maestro.fullname" .root }}-backup
  {{- end }}
{{- with include "maestro.extraVolumes" . }}
{{ . }}
{{- end }}
{{- end -}}

{{- define "postgres.s3Uri" -}}
{{- $uri := required "postgres: backups to S3 need a place, set backup.s3.uri to s3://bucket/prefix" (tpl .Values.backup.s3.uri .) -}}
{{- if not (regexMatch "^s3://[^/]+/.+" $uri) -}}
{{- fail (printf "postgres: backup.s3.uri must look like s3://bucket/prefix, not %q" $uri) -}}
{{- end -}}
{{- $uri -}}
{{- end -}}

{{/* Secrets this chart reads, as a list of {path, name, keys}. */}}
{{- define "postgres.requiredSecrets" -}}
{{- $passwords := list "postgres-password" -}}
{{- range .Values.databases -}}
{{- $passwords = append $passwords (printf "%s-password" .) -}}
{{- end -}}
{{- $secrets := list (dict "path" "auth.existingSecret" "name" (tpl .Values.auth.existingSecret .) "keys" $passwords) -}}
{{- $backup := .Values.backup -}}
{{- if and $backup.enabled (eq $backup.destination "s3") (not $backup.s3.useRole) -}}
{{- $secrets = append $secrets (dict "path" "backup.s3.existingSecret" "name" (tpl $backup.s3.existingSecret .) "keys" (list "AWS_ACCESS_KEY_ID" "AWS_SECRET_ACCESS_KEY")) -}}
{{- end -}}
{{- toYaml $secrets -}}
{{- end -}}

{{/* Its components in the network, by the name the umbrella's policies know them by. */}}
{{- define "postgres.network" -}}
components:
  postgres: database
  postgres-databases: databases
  {{- if .Values.backup.enabled }}
  postgres-backup: backup
  {{- end }}
  {{- if .Values.restore.enabled }}
  postgres-restore: restore
  {{- end }}
{{- end -}}
