{{/* The files of the setup Job; the Job's name holds their checksum. */}}
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

{{/*
A Job cannot be changed: what it is made of is part of its name, so a new image or a changed value makes a new Job and Helm removes the old one.
It is no hook: a hook that runs after `--wait` would wait for pods that wait for its migration.
*/}}
{{- define "maestro.setupJobName" -}}
{{- $content := list (include "maestro.airflowImage" .) (include "maestro.setupFiles" .) (toYaml .Values.setup) (toYaml .Values.global) (toYaml .Values.airflow.securityContexts) (.Files.Get "files/setup/setup.py") .Chart.Version -}}
{{- printf "%s-setup-%s" .Release.Name ($content | toJson | sha256sum | trunc 8) -}}
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
{{- end -}}

{{- define "maestro.setupVolumeMounts" -}}
- {name: tmp, mountPath: /tmp}
- {name: airflow-home, mountPath: /opt/airflow}
- {name: airflow-config, mountPath: /opt/airflow/airflow.cfg, subPath: airflow.cfg, readOnly: true}
{{- end -}}
