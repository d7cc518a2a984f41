{{- define "ingress.apiService" -}}
{{- default (printf "%s-api-server" (include "maestro.airflowFullname" .)) .Values.api.serviceName -}}
{{- end -}}

{{- define "ingress.flowerService" -}}
{{- default (printf "%s-flower" (include "maestro.airflowFullname" .)) .Values.flower.serviceName -}}
{{- end -}}

{{- define "ingress.validHost" -}}
{{- if not (regexMatch "^(\\*\\.)?[a-z0-9]([-a-z0-9.]*[a-z0-9])?$" .host) -}}
{{- fail (printf "ingress: %s must be a host name such as airflow.example.com, not %q" .key .host) -}}
{{- end -}}
{{- .host -}}
{{- end -}}

{{- define "ingress.host" -}}
{{- include "ingress.validHost" (dict "key" "host" "host" (required "ingress: say under which host name the UI is reached in host" .Values.host)) -}}
{{- end -}}

{{- define "ingress.flowerHost" -}}
{{- $host := include "ingress.validHost" (dict "key" "flower.host" "host" (required "ingress: say under which host name Flower is reached in flower.host" .Values.flower.host)) -}}
{{- if eq $host .Values.host -}}
{{- fail "ingress: flower.host must be another host than host, Flower would cover the UI" -}}
{{- end -}}
{{- $host -}}
{{- end -}}

{{- define "ingress.mlflowService" -}}
{{- default (printf "%s-mlflow" .Release.Name) .Values.mlflow.serviceName -}}
{{- end -}}

{{- define "ingress.mlflowHost" -}}
{{- $host := include "ingress.validHost" (dict "key" "mlflow.host" "host" (required "ingress: say under which host name MLflow is reached in mlflow.host" .Values.mlflow.host)) -}}
{{- if has $host (list .Values.host .Values.flower.host) -}}
{{- fail "ingress: mlflow.host must be another host than host and flower.host, one would cover the other" -}}
{{- end -}}
{{- $host -}}
{{- end -}}

{{/* Refuses what cannot work or is not safe. */}}
{{- define "ingress.validate" -}}
{{- if not (has .Values.kind (list "Ingress" "HTTPRoute")) -}}
{{- fail (printf "ingress: kind must be Ingress or HTTPRoute, not %q" .Values.kind) -}}
{{- end -}}
{{- $tls := .Values.tls -}}
{{- if and (not $tls.enabled) (not .Values.allowInsecure) -}}
{{- fail "ingress: without TLS passwords travel unencrypted, set tls.enabled, or allowInsecure where something in front ends TLS" -}}
{{- end -}}
{{- if and $tls.enabled (eq .Values.kind "Ingress") -}}
{{- if and $tls.existingSecret $tls.issuer.name -}}
{{- fail "ingress: two certificates, set either tls.existingSecret or tls.issuer.name" -}}
{{- end -}}
{{- if not (or $tls.existingSecret $tls.issuer.name) -}}
{{- fail "ingress: TLS needs a certificate, set tls.existingSecret or tls.issuer.name" -}}
{{- end -}}
{{- if not (has $tls.issuer.kind (list "ClusterIssuer" "Issuer")) -}}
{{- fail (printf "ingress: tls.issuer.kind must be ClusterIssuer or Issuer, not %q" $tls.issuer.kind) -}}
{{- end -}}
{{- end -}}
{{- if eq .Values.kind "HTTPRoute" -}}
{{- if not .Values.gateway.parentRefs -}}
{{- fail "ingress: an HTTPRoute needs a Gateway, name it in gateway.parentRefs" -}}
{{- end -}}
{{- range .Values.gateway.parentRefs -}}
{{- if and $tls.enabled (not .sectionName) -}}
{{- fail (printf "ingress: name the listener of the Gateway %q that ends TLS in sectionName, or its HTTP listener would serve the route too" .name) -}}
{{- end -}}
{{- end -}}
{{- end -}}
{{- if .Values.flower.enabled -}}
{{- $auth := .Values.flower.auth -}}
{{- if not (has $auth.by (list "ingress" "flower")) -}}
{{- fail (printf "ingress: flower.auth.by must be ingress or flower, not %q" $auth.by) -}}
{{- end -}}
{{- if and (eq $auth.by "ingress") (eq .Values.kind "HTTPRoute") (not $auth.filters) -}}
{{- fail "ingress: the Gateway API has no basic authentication, set flower.auth.filters, or flower.auth.by to flower" -}}
{{- end -}}
{{- if and (eq $auth.by "ingress") (eq .Values.kind "Ingress") -}}
{{- if and (ne .Values.className "nginx") (not $auth.annotations) -}}
{{- fail (printf "ingress: the class %q may ignore the annotations of nginx, set those that protect Flower in flower.auth.annotations" .Values.className) -}}
{{- end -}}
{{- if and (eq .Values.className "nginx") (not $auth.existingSecret) -}}
{{- fail "ingress: Flower needs a password, name the Secret with the htpasswd file in flower.auth.existingSecret" -}}
{{- end -}}
{{- end -}}
{{- end -}}
{{- end -}}

{{/* One Ingress. Call with (dict "root" $ "component" ... "host" ... "service" ... "port" ... "path" ... "secret" ... "annotations" ...). */}}
{{- define "ingress.ingress" -}}
{{- $values := .root.Values -}}
{{- $name := printf "%s-%s" (include "maestro.fullname" .root) .component -}}
{{- $annotations := merge (deepCopy .annotations) $values.annotations -}}
{{- if and $values.tls.enabled $values.tls.issuer.name -}}
{{- $annotations = merge (dict (eq $values.tls.issuer.kind "Issuer" | ternary "cert-manager.io/issuer" "cert-manager.io/cluster-issuer") $values.tls.issuer.name) $annotations -}}
{{- end -}}
apiVersion: networking.k8s.io/v1
kind: Ingress
metadata:
  name: {{ $name }}
  labels: {{- include "maestro.labels" (dict "root" .root "component" .component) | nindent 4 }}
  {{- with $annotations }}
  annotations: {{- toYaml . | nindent 4 }}
  {{- end }}
spec:
  {{- with $values.className }}
  ingressClassName: {{ . }}
  {{- end }}
  {{- if $values.tls.enabled }}
  tls:
    - hosts: [{{ .host | quote }}]
      secretName: {{ tpl (default (printf "%s-tls" $name) .secret) .root }}
  {{- end }}
  rules:
    - host: {{ .host | quote }}
      http:
        paths:
          - path: {{ .path | default "/" }}
            pathType: Prefix
            backend:
              service:
                name: {{ .service }}
                port:
                  number: {{ .port }}
{{- end -}}

{{/* One HTTPRoute. Call with (dict "root" $ "component" ... "host" ... "service" ... "port" ... "filters" ...). */}}
{{- define "ingress.httproute" -}}
apiVersion: gateway.networking.k8s.io/v1
kind: HTTPRoute
metadata:
  name: {{ include "maestro.fullname" .root }}-{{ .component }}
  labels: {{- include "maestro.labels" (dict "root" .root "component" .component) | nindent 4 }}
  {{- with .root.Values.annotations }}
  annotations: {{- toYaml . | nindent 4 }}
  {{- end }}
spec:
  parentRefs: {{- toYaml .root.Values.gateway.parentRefs | nindent 4 }}
  hostnames: [{{ .host | quote }}]
  rules:
    - matches:
        - path: {type: PathPrefix, value: {{ .path | default "/" }}}
      {{- with .filters }}
      filters: {{- toYaml . | nindent 8 }}
      {{- end }}
      backendRefs:
        - name: {{ .service }}
          port: {{ .port }}
{{- end -}}

{{/* Helm takes an empty `enabled:` for true; in the umbrella it means its default, false. */}}
{{- define "ingress.enabled" -}}
{{- if ne (toString .Values.enabled) "false" -}}true{{- end -}}
{{- end -}}

{{/* Its components in the network, by the name the umbrella's policies know them by. */}}
{{- define "ingress.network" -}}
components: {}
{{- end -}}

{{/* It reads no Secret. */}}
{{- define "ingress.requiredSecrets" -}}
{{- end -}}
