{{/* Ways in that lead nowhere, or to a server without a login. */}}
{{- define "maestro.errors.ingress" -}}
{{- if .Values.ingress.enabled }}
{{- $path := dig "path" "/" .Values.ingress | trimSuffix "/" }}
{{- $url := include "maestro.airflowConfig" (list . "api" "base_url" "") }}
{{- $named := $url | empty | ternary "" (urlParse $url).path | trimSuffix "/" }}
{{- if ne $path $named }}
ingress.path is {{ $path | default "/" }}, and the path of airflow.config.api.base_url ({{ $url | default "not set" }}) is {{ $named | default "/" }}: set both to the same path
{{- end }}
{{- if dig "mlflow" "enabled" false .Values.ingress }}
{{- $host := dig "mlflow" "host" "" .Values.ingress }}
{{- if not .Values.mlflow.enabled }}
ingress.mlflow.enabled exposes MLflow, but mlflow.enabled is false: switch one of them
{{- else if not (dig "auth" "enabled" false .Values.mlflow) }}
ingress.mlflow.enabled would let everybody change models: set mlflow.auth.enabled to true
{{- end }}
{{- if and .Values.networkPolicies.enabled (not .Values.networkPolicies.mlflowFrom) }}
ingress.mlflow.enabled exposes MLflow, but no network policy allows the controller: name its pods in networkPolicies.mlflowFrom
{{- end }}
{{- if and .Values.mlflow.enabled $host (not (has $host (dig "allowedHosts" list .Values.mlflow | default list))) }}
MLflow refuses requests for {{ $host }}: add the host of ingress.mlflow.host to mlflow.allowedHosts
{{- end }}
{{- end }}
{{- end }}
{{- end -}}
