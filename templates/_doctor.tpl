{{/*
The `helm test` pod that runs `maestro doctor` where a task would: with the account, the environment, the volumes and the ways out of what runs tasks.
Everything else is the contract of the test pods.
*/}}
{{- define "maestro.doctorPod" -}}
{{- $airflow := .Values.airflow -}}
{{- $runner := include "maestro.taskRunner" . | fromYaml -}}
{{- $account := include "maestro.taskServiceAccounts" . | fromYamlArray | last -}}
{{- $named := dig "serviceAccount" "name" "" .Values.tests -}}
{{- $workload := merge (dict "serviceAccount" (dict "create" false "name" ($named | default $account))) (omit .Values.tests "serviceAccount") -}}
{{- $like := include "maestro.likeAirflow" . | fromYaml -}}
{{- if .Values.store.enabled -}}
{{- /* One node at a time mounts the volume: the one with the scheduler. */ -}}
{{- $near := dict "labelSelector" (dict "matchLabels" (dict "tier" "airflow" "component" "scheduler" "release" .Release.Name)) "topologyKey" "kubernetes.io/hostname" -}}
{{- $_ := set $like "affinity" (dict "podAffinity" (dict "requiredDuringSchedulingIgnoredDuringExecution" (list $near))) -}}
{{- end -}}
{{- $pod := dict "root" . "workload" $workload "like" $like "component" "doctor" "name" $account "token" .Values.training.enabled -}}
{{- $context := dict "Values" $airflow "Release" .Release "Chart" (dict "Name" "airflow") "Capabilities" .Capabilities "Template" .Template -}}
{{- $volumes := concat $airflow.volumes ($runner.extraVolumes | default list) (.Values.tests.extraVolumes | default list) -}}
{{- /* Of two alike the test's own counts. */ -}}
{{- $byName := dict -}}
{{- range $volumes -}}{{- $_ := set $byName .name . -}}{{- end -}}
{{- $byPath := dict -}}
{{- range concat $airflow.volumeMounts ($runner.extraVolumeMounts | default list) (.Values.tests.extraVolumeMounts | default list) -}}
{{- /* The official chart's own volumes, such as the logs, are not here. */ -}}
{{- if or (eq .name "config") (hasKey $byName .name) -}}{{- $_ := set $byPath (trimSuffix "/" .mountPath) . -}}{{- end -}}
{{- end -}}
apiVersion: v1
kind: Pod
metadata:
  name: {{ .Release.Name }}-test-doctor
  labels: {{- toYaml (merge (include "maestro.labels" $pod | fromYaml) (.Values.tests.podLabels | default dict)) | nindent 4 }}
  annotations: {{- toYaml (merge (dict "helm.sh/hook" "test" "helm.sh/hook-delete-policy" "before-hook-creation,hook-succeeded" "helm.sh/hook-output-log-policy" "hook-succeeded,hook-failed") (.Values.tests.podAnnotations | default dict)) | nindent 4 }}
spec:
  {{- include "maestro.podDefaults" $pod | nindent 2 }}
  restartPolicy: Never
  activeDeadlineSeconds: {{ add 120 .Values.tests.canaryTimeoutSeconds }}
  containers:
    - name: test
      {{- include "maestro.containerDefaults" (set (deepCopy $pod) "workload" (set (deepCopy $workload) "extraEnvFrom" (concat (tpl $airflow.extraEnvFrom $context | fromYamlArray) (.Values.tests.extraEnvFrom | default list)))) | nindent 6 }}
      command: [maestro, doctor]
      env: {{- include "maestro.doctorEnv" (list . $runner $context) | nindent 8 }}
      resources: {{- toYaml .Values.tests.doctor.resources | nindent 8 }}
      volumeMounts:
        - {name: config, mountPath: /opt/airflow/airflow.cfg, subPath: airflow.cfg, readOnly: true}
        {{- range $byPath }}
        {{- tpl (list . | toYaml) $context | nindent 8 }}
        {{- end }}
  volumes:
    - name: config
      configMap:
        name: {{ include "maestro.airflowFullname" . }}-config
    {{- range $byName }}
    {{- tpl (list . | toYaml) $context | nindent 4 }}
    {{- end }}
{{- end -}}

{{/* The values of what runs tasks. */}}
{{- define "maestro.taskRunner" -}}
{{- $airflow := .Values.airflow -}}
{{- if contains "LocalExecutor" $airflow.executor -}}
{{- toYaml $airflow.scheduler -}}
{{- else -}}
{{- toYaml (include "maestro.celery" . | empty | ternary $airflow.workers.kubernetes $airflow.workers.celery) -}}
{{- end -}}
{{- end -}}

{{/* The variables of a task, each once: of two alike the later one counts, as in a pod. Call with (list $ <values of what runs tasks> <the official chart's context>). */}}
{{- define "maestro.doctorEnv" -}}
{{- $root := first . -}}{{- $airflow := $root.Values.airflow -}}
{{- $all := include "maestro.setupEnv" $root | fromYamlArray -}}
{{- range $airflow.env -}}{{- $all = append $all (dict "name" .name "value" (toString .value)) -}}{{- end -}}
{{- range $airflow.secret -}}
{{- $all = append $all (dict "name" .envName "valueFrom" (dict "secretKeyRef" (dict "name" .secretName "key" (.secretKey | default "value")))) -}}
{{- end -}}
{{- $all = concat $all (tpl ($airflow.extraEnv | default "") (last .) | fromYamlArray) ((index . 1).env | default list) ($root.Values.tests.extraEnv | default list) -}}
{{- $last := dict -}}
{{- range $all -}}{{- $_ := set $last .name . -}}{{- end -}}
{{- range $name := keys $last | sortAlpha }}
- {{- get $last $name | toYaml | nindent 2 }}
{{- end -}}
{{- end -}}
