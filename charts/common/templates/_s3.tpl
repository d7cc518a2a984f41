{{/*
How a container reaches a bucket: by the keys of a Secret, or by the identity of its pod (`useRole`). Call with
(dict "root" $ "s3" <the values> "purpose" "mlflow: artifacts in S3" "path" "artifacts.s3" "endpointVariable" "AWS_ENDPOINT_URL").
*/}}
{{- define "maestro.s3Env" -}}
{{- $s3 := .s3 -}}
{{- $secret := tpl ($s3.existingSecret | default "") .root -}}
{{- if not (or $s3.useRole $secret) -}}
{{- fail (printf "%s need credentials, name their Secret in %s.existingSecret, or set %s.useRole" .purpose .path .path) -}}
{{- end -}}
{{- if not $s3.useRole -}}
{{- range $key := list "AWS_ACCESS_KEY_ID" "AWS_SECRET_ACCESS_KEY" }}
- name: {{ $key }}
  valueFrom: {secretKeyRef: {name: {{ $secret }}, key: {{ $key }}}}
{{- end }}
{{- end }}
- name: AWS_DEFAULT_REGION
  value: {{ $s3.region | quote }}
{{- if $s3.endpointUrl }}
- name: {{ .endpointVariable }}
  value: {{ $s3.endpointUrl | quote }}
{{- else if $secret }}
- name: AWS_ENDPOINT_URL
  valueFrom: {secretKeyRef: {name: {{ $secret }}, key: AWS_ENDPOINT_URL, optional: true}}
{{- end }}
{{- end -}}
