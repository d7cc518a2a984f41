{{/*
The contract of every pod of ours: what its values may hold and where it goes. A pod is described by
  (dict "root" $ "workload" <its values> "component" "server" "name" <its service account's name by default>)
and optionally "like", the values of another workload that decide where and as whom it runs where its own are empty, and "token", whether it may ask
the API of Kubernetes.
*/}}

{{- define "maestro.podLabels" -}}
{{- toYaml (merge (include "maestro.selectorLabels" . | fromYaml) (.root.Values.commonLabels | default dict) (.workload.podLabels | default dict)) -}}
{{- end -}}

{{- define "maestro.serviceAccountName" -}}
{{- $account := .workload.serviceAccount | default dict -}}
{{- $account.name | default (ternary "default" .name (eq (toString $account.create) "false")) -}}
{{- end -}}

{{/* The service account of a pod; nothing where one exists already. */}}
{{- define "maestro.serviceAccount" -}}
{{- $account := .workload.serviceAccount | default dict -}}
{{- if ne (toString $account.create) "false" -}}
apiVersion: v1
kind: ServiceAccount
metadata:
  name: {{ include "maestro.serviceAccountName" . }}
  labels: {{- include "maestro.labels" . | nindent 4 }}
  {{- include "maestro.accountAnnotations" (list .root $account.annotations) | nindent 2 }}
automountServiceAccountToken: false
{{- end -}}
{{- end -}}

{{/* Annotations of a service account, which may be templates as in the official chart: lines of its metadata, or nothing. Call with (list $ <annotations>). */}}
{{- define "maestro.accountAnnotations" -}}
{{- with last . -}}
annotations: {{- tpl (toYaml .) (first $) | nindent 2 }}
{{- end -}}
{{- end -}}

{{/* Secrets for the registries: the pod's chart's, then those of all charts, each once. */}}
{{- define "maestro.pullSecrets" -}}
{{- $names := list -}}
{{- range concat (.root.Values.imagePullSecrets | default list) ((.like | default dict).imagePullSecrets | default list) ((.root.Values.global | default dict).imagePullSecrets | default list) -}}
{{- $names = append $names (kindIs "string" . | ternary (dict "name" .) .).name -}}
{{- end -}}
{{- range $names | uniq }}
- name: {{ . }}
{{- end -}}
{{- end -}}

{{/* The pod's own part: everything beside its containers, its volumes and how long it lives. */}}
{{- define "maestro.podDefaults" -}}
{{- $own := .workload -}}
{{- $like := .like | default dict -}}
serviceAccountName: {{ include "maestro.serviceAccountName" . }}
automountServiceAccountToken: {{ .token | default false }}
enableServiceLinks: false
{{- with $own.podSecurityContext | default $like.podSecurityContext }}
securityContext: {{- toYaml . | nindent 2 }}
{{- end }}
{{- with include "maestro.pullSecrets" . }}
imagePullSecrets: {{- . | nindent 2 }}
{{- end }}
{{- range $key := list "priorityClassName" "nodeSelector" "tolerations" "affinity" "topologySpreadConstraints" }}
{{- with get $own $key | default (get $like $key) }}
{{ dict $key . | toYaml }}
{{- end }}
{{- end }}
{{- end -}}

{{/* A container's image, security context and sources of its environment. "image" replaces the one of the workload. */}}
{{- define "maestro.containerDefaults" -}}
{{- $like := .like | default dict -}}
{{- if $like.imageReference -}}
image: {{ $like.imageReference }}
imagePullPolicy: {{ $like.imagePullPolicy }}
{{- else -}}
{{- $image := .image | default .workload.image | default $like.image -}}
image: {{ include "maestro.image" (dict "root" .root "image" $image) }}
imagePullPolicy: {{ $image.pullPolicy | default "IfNotPresent" }}
{{- end }}
{{- with .workload.securityContext | default (.like | default dict).securityContext }}
securityContext: {{- toYaml . | nindent 2 }}
{{- end }}
{{- with .workload.extraEnvFrom }}
envFrom: {{- toYaml . | nindent 2 }}
{{- end }}
{{- end -}}

{{/* What follows the chart's own variables, mounts and volumes: items of a list, or nothing. */}}
{{- define "maestro.extraEnv" -}}
{{- with concat (include "maestro.caEnv" .root | fromYamlArray) (.workload.extraEnv | default list) -}}
{{- toYaml . -}}
{{- end -}}
{{- end -}}

{{- define "maestro.extraVolumeMounts" -}}
{{- with concat (include "maestro.caVolumeMounts" .root | fromYamlArray) (include "maestro.tlsVolumeMounts" .root | fromYamlArray) (.workload.extraVolumeMounts | default list) -}}
{{- toYaml . -}}
{{- end -}}
{{- end -}}

{{- define "maestro.extraVolumes" -}}
{{- with concat (include "maestro.caVolumes" .root | fromYamlArray) (include "maestro.tlsVolumes" .root | fromYamlArray) (.workload.extraVolumes | default list) -}}
{{- toYaml . -}}
{{- end -}}
{{- end -}}
