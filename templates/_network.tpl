{{/* Every pod of the official Airflow chart in this release. */}}
{{- define "maestro.airflowPods" -}}
matchLabels:
  tier: airflow
  release: {{ .Release.Name }}
{{- end -}}

{{/* One component of the official chart. Call with (list $ "api-server"). */}}
{{- define "maestro.airflowComponent" -}}
matchLabels:
  tier: airflow
  component: {{ index . 1 }}
  release: {{ (index . 0).Release.Name }}
{{- end -}}

{{/* Every pod of our own charts in this release. */}}
{{- define "maestro.ownPods" -}}
matchLabels:
  app.kubernetes.io/instance: {{ .Release.Name }}
{{- end -}}

{{/* The pods of one of our subcharts. Call with (list $ "postgres"). */}}
{{- define "maestro.subchartPods" -}}
matchLabels:
  app.kubernetes.io/name: {{ index . 1 }}
  app.kubernetes.io/instance: {{ (index . 0).Release.Name }}
{{- end -}}

{{/* Training pods: KubernetesPodOperator labels what it starts. */}}
{{- define "maestro.trainingPods" -}}
namespaceSelector:
  matchLabels:
    kubernetes.io/metadata.name: {{ include "maestro.environmentVariable" (list . "MAESTRO_TRAINING_NAMESPACE") }}
podSelector:
  matchLabels:
    kubernetes_pod_operator: "True"
{{- end -}}

{{/* Peers for an ingress rule: this release's pods, and training pods where there are any. */}}
{{- define "maestro.releasePeers" -}}
- podSelector: {{- include "maestro.airflowPods" . | nindent 4 }}
- podSelector: {{- include "maestro.ownPods" . | nindent 4 }}
{{- if .Values.training.enabled }}
- {{- include "maestro.trainingPods" . | nindent 2 }}
{{- end }}
{{- end -}}

{{/* What pods of the release may call: DNS, each other, an external database, and what networkPolicies.egress says. */}}
{{- define "maestro.egressRules" -}}
- ports:
    - {protocol: UDP, port: 53}
    - {protocol: TCP, port: 53}
- to:
    - podSelector: {{- include "maestro.airflowPods" . | nindent 8 }}
    - podSelector: {{- include "maestro.ownPods" . | nindent 8 }}
{{- if .Values.externalDatabase.host }}
- ports:
    - {protocol: TCP, port: {{ .Values.externalDatabase.port }}}
{{- end }}
{{- with .Values.networkPolicies.egress }}
{{ toYaml . }}
{{- end }}
{{- end -}}
