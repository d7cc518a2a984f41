{{/*
A `helm test` pod that runs one script of files/tests. Call with (dict "root" $ "name" "api" "env" (list {name, value|valueFrom}, ...)).
*/}}
{{- define "maestro.testPod" -}}
{{- $root := .root -}}
apiVersion: v1
kind: Pod
metadata:
  name: {{ $root.Release.Name }}-test-{{ .name }}
  labels: {{- include "maestro.labels" (dict "root" $root "component" "test") | nindent 4 }}
  annotations:
    helm.sh/hook: test
    helm.sh/hook-delete-policy: before-hook-creation,hook-succeeded
spec:
  {{- include "maestro.airflowPodDefaults" $root | nindent 2 }}
  serviceAccountName: {{ $root.Release.Name }}-setup
  restartPolicy: Never
  activeDeadlineSeconds: {{ add 120 $root.Values.tests.canaryTimeoutSeconds }}
  containers:
    - name: test
      image: {{ include "maestro.airflowImage" $root }}
      imagePullPolicy: IfNotPresent
      command: [python, -B, /tests/{{ .name }}.py]
      {{- with .env }}
      env: {{- toYaml . | nindent 8 }}
      {{- end }}
      resources: {{- toYaml $root.Values.tests.resources | nindent 8 }}
      securityContext: {{- include "maestro.containerSecurityContext" $root | nindent 8 }}
      volumeMounts:
        - {name: tests, mountPath: /tests, readOnly: true}
  volumes:
    - name: tests
      configMap:
        name: {{ $root.Release.Name }}-tests
{{- end -}}

{{/* How a test reaches the API and as whom: the first user of `setup.users`. A list. */}}
{{- define "maestro.testApiEnv" -}}
{{- $user := first .Values.setup.users -}}
- name: AIRFLOW_URL
  value: http://{{ include "maestro.airflowFullname" . }}-api-server:8080
- name: AIRFLOW_USERNAME
  value: {{ $user.username | quote }}
- name: AIRFLOW_PASSWORD
  valueFrom:
    secretKeyRef: {name: {{ $user.passwordSecret.name | quote }}, key: {{ $user.passwordSecret.key | quote }}}
{{- end -}}
