{{/*
A `helm test` pod that runs one script of files/tests. Call with (dict "root" $ "name" "api" "env" (list {name, value|valueFrom}, ...)).
*/}}
{{- define "maestro.testPod" -}}
{{- include "maestro.workload" (dict "root" .root "values" "tests" "object" (include "maestro.testPodObject" .)) -}}
{{- end -}}

{{- define "maestro.testPodObject" -}}
{{- $root := .root -}}
{{- $pod := dict "root" $root "workload" $root.Values.tests "like" (include "maestro.likeAirflow" $root | fromYaml) "component" "test" "name" (printf "%s-test" $root.Release.Name) -}}
apiVersion: v1
kind: Pod
metadata:
  name: {{ $root.Release.Name }}-test-{{ .name }}
  labels: {{- toYaml (merge (include "maestro.labels" $pod | fromYaml) ($root.Values.tests.podLabels | default dict)) | nindent 4 }}
  annotations: {{- toYaml (merge (dict "helm.sh/hook" "test" "helm.sh/hook-delete-policy" "before-hook-creation,hook-succeeded") ($root.Values.tests.podAnnotations | default dict)) | nindent 4 }}
spec:
  {{- include "maestro.podDefaults" $pod | nindent 2 }}
  restartPolicy: Never
  activeDeadlineSeconds: {{ add 120 $root.Values.tests.canaryTimeoutSeconds }}
  containers:
    - name: test
      {{- include "maestro.containerDefaults" $pod | nindent 6 }}
      command: [python, -B, /tests/{{ .name }}.py]
      {{- with concat (.env | default list) (include "maestro.databaseEnv" $root | fromYamlArray) (include "maestro.extraEnv" $pod | fromYamlArray) }}
      env: {{- toYaml . | nindent 8 }}
      {{- end }}
      resources: {{- toYaml $root.Values.tests.resources | nindent 8 }}
      volumeMounts:
        - {name: tests, mountPath: /tests, readOnly: true}
        {{- with include "maestro.extraVolumeMounts" $pod }}{{ . | nindent 8 }}{{ end }}
  volumes:
    - name: tests
      configMap:
        name: {{ $root.Release.Name }}-tests
    {{- with include "maestro.extraVolumes" $pod }}{{ . | nindent 4 }}{{ end }}
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
