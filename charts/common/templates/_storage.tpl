{{/*
The storage class of a claim: its own, or that of all charts; "-" asks for none, and the claim takes a volume that somebody made by hand. A line of its
spec, or nothing. Call with (list $ <the class of the claim>).
*/}}
{{- define "maestro.storageClass" -}}
{{- $root := first . -}}
{{- with last . | default ($root.Values.global | default dict).storageClass -}}
storageClassName: {{ eq . "-" | ternary "" (tpl . $root) | quote }}
{{- end -}}
{{- end -}}

{{- define "maestro.claimSpec" -}}
accessModes: [{{ .persistence.accessMode | default "ReadWriteOnce" }}]
{{- with include "maestro.storageClass" (list .root .persistence.storageClassName) }}
{{ . }}
{{- end }}
resources:
  requests:
    storage: {{ .persistence.size | quote }}
{{- end -}}

{{/* A claim that outlives the release. Call with (dict "root" $ "component" "backup" "name" ... "persistence" <size, storageClassName, perhaps accessMode>). */}}
{{- define "maestro.claim" -}}
apiVersion: v1
kind: PersistentVolumeClaim
metadata:
  name: {{ .name }}
  labels: {{- include "maestro.labels" . | nindent 4 }}
  annotations:
    helm.sh/resource-policy: keep
spec: {{- include "maestro.claimSpec" . | nindent 2 }}
{{- end -}}

{{/* The volume `data` of a StatefulSet, which outlives it: lines of its spec. Called like "maestro.claim". */}}
{{- define "maestro.dataVolume" -}}
persistentVolumeClaimRetentionPolicy:
  whenDeleted: Retain
  whenScaled: Retain
volumeClaimTemplates:
  - metadata:
      name: data
      labels: {{- include "maestro.selectorLabels" . | nindent 8 }}
    spec: {{- include "maestro.claimSpec" . | nindent 6 }}
{{- end -}}
