{{/* The files of the setup Job. */}}
{{- define "maestro.setupFiles" -}}
{{- $connections := dict -}}
{{- range $id, $fields := .Values.setup.connections -}}
{{- if $fields -}}
{{- $_ := set $connections $id (tpl (toJson $fields) $ | fromJson) -}}
{{- end -}}
{{- end -}}
{{- $pools := dict -}}
{{- range $name, $pool := .Values.setup.pools -}}
{{- if $pool -}}
{{- $_ := set $pools $name (merge (deepCopy $pool) (dict "description" "" "include_deferred" false)) -}}
{{- end -}}
{{- end -}}
{{- $users := list -}}
{{- range $index, $user := .Values.setup.users -}}
{{- $users = append $users (merge (omit $user "passwordSecret") (dict "passwordFile" (printf "/run/secrets/maestro/user-%d/%s" $index $user.passwordSecret.key) "email" (printf "%s@localhost" $user.username) "firstName" $user.username "lastName" "-")) -}}
{{- end -}}
connections.json: {{ $connections | toJson | quote }}
pools.json: {{ $pools | toJson | quote }}
users.json: {{ $users | toJson | quote }}
variables.json: {{ .Values.setup.variables | toJson | quote }}
setup.py: |
  {{- .Files.Get "files/setup/setup.py" | nindent 2 }}
{{- end -}}

{{- define "maestro.setupEnv" -}}
- name: AIRFLOW_HOME
  value: /opt/airflow
- name: AIRFLOW__CORE__FERNET_KEY
  valueFrom:
    secretKeyRef: {name: {{ .Values.airflow.fernetKeySecretName | quote }}, key: fernet-key}
- name: AIRFLOW__DATABASE__SQL_ALCHEMY_CONN
  valueFrom:
    secretKeyRef: {name: {{ .Values.airflow.data.metadataSecretName | quote }}, key: connection}
{{- with include "maestro.databaseEnv" . | trim }}
{{ . }}
{{- end }}
{{- end -}}

{{- define "maestro.setupVolumeMounts" -}}
- {name: tmp, mountPath: /tmp}
- {name: airflow-home, mountPath: /opt/airflow}
- {name: airflow-config, mountPath: /opt/airflow/airflow.cfg, subPath: airflow.cfg, readOnly: true}
{{- end -}}
