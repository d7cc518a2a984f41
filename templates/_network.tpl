{{/* Every pod of the official Airflow chart in this release. */}}
{{- define "maestro.airflowPods" -}}
matchLabels:
  tier: airflow
  release: {{ .Release.Name }}
{{- end -}}

{{/* Every pod of our own charts in this release. */}}
{{- define "maestro.ownPods" -}}
matchLabels:
  app.kubernetes.io/instance: {{ .Release.Name }}
{{- end -}}

{{/* The labels of every component's pods, by the component's name. */}}
{{- define "maestro.networkComponents" -}}
{{- $release := .Release.Name -}}
{{- $celery := include "maestro.celery" . -}}
{{- $components := dict -}}
{{- range $name, $exists := dict
  "api-server" true "scheduler" true "dag-processor" true "triggerer" true
  "worker" (or $celery (include "maestro.kubernetesExecutor" .))
  "flower" .Values.airflow.flower.enabled
  "redis" .Values.airflow.redis.enabled
  "pgbouncer" .Values.airflow.pgbouncer.enabled
  "database-cleanup" .Values.airflow.databaseCleanup.enabled
  "airflow-cleanup-pods" (and (include "maestro.kubernetesExecutor" .) (.Values.airflow.cleanup).enabled)
-}}
{{- if $exists -}}{{- $_ := set $components $name (dict "tier" "airflow" "component" $name "release" $release) -}}{{- end -}}
{{- end -}}
{{- range $name, $component := .Values.tests.doctor.enabled | ternary (dict "setup" "setup" "tests" "test" "doctor" "doctor") (dict "setup" "setup" "tests" "test") -}}
{{- $_ := set $components $name (dict "app.kubernetes.io/instance" $release "app.kubernetes.io/name" "maestro" "app.kubernetes.io/component" $component) -}}
{{- end -}}
{{- range $chart, $network := include "maestro.networkOfParts" . | fromYaml -}}
{{- range $name, $component := $network.components -}}
{{- $_ := set $components $name (dict "app.kubernetes.io/instance" $release "app.kubernetes.io/name" $chart "app.kubernetes.io/component" $component) -}}
{{- end -}}
{{- end -}}
{{/* KubernetesPodOperator labels what it starts; its namespace has no other release's name on it. */}}
{{- if .Values.training.enabled -}}{{- $_ := set $components "training" (dict "kubernetes_pod_operator" "True") -}}{{- end -}}
{{- toYaml $components -}}
{{- end -}}

{{/* The namespace of a component's pods. Call with (list $ "training"). */}}
{{- define "maestro.networkNamespace" -}}
{{- $root := first . -}}
{{- if eq (last .) "training" -}}
{{- include "maestro.environmentVariable" (list $root "MAESTRO_TRAINING_NAMESPACE") -}}
{{- else -}}
{{- $root.Release.Namespace -}}
{{- end -}}
{{- end -}}

{{/* Components as the peers of a rule. Call with (list $ "training" (list "mlflow")): the component whose rule it is, and its peers. */}}
{{- define "maestro.networkPeers" -}}
{{- $root := first . -}}
{{- $components := include "maestro.networkComponents" $root | fromYaml -}}
{{- $here := include "maestro.networkNamespace" (list $root (index . 1)) -}}
{{- $peers := list -}}
{{- range last . -}}
{{- with get $components . -}}{{- $labels := . -}}{{- $peers = append $peers (dict "podSelector" (dict "matchLabels" $labels)) -}}{{- end -}}
{{- $there := include "maestro.networkNamespace" (list $root .) -}}
{{- if and (hasKey $components .) (ne $here $there) -}}
{{- $_ := set (last $peers) "namespaceSelector" (dict "matchLabels" (dict "kubernetes.io/metadata.name" $there)) -}}
{{- end -}}
{{- end -}}
{{- toYaml $peers -}}
{{- end -}}

{{/* The ports of a rule. Call with a dict of `tcp` and `udp`. */}}
{{- define "maestro.networkPorts" -}}
{{- $ports := list -}}
{{- range .udp }}{{ $ports = append $ports (printf "- {protocol: UDP, port: %d}" (int .)) }}{{ end -}}
{{- range .tcp }}{{ $ports = append $ports (printf "- {protocol: TCP, port: %d}" (int .)) }}{{ end -}}
{{- join "\n" $ports -}}
{{- end -}}

{{/* Who may come in. Call with (list $ component connections visitors). */}}
{{- define "maestro.networkIngress" -}}
{{- $root := index . 0 -}}{{- $component := index . 1 -}}
{{- $rules := list -}}
{{- range index . 2 -}}
{{- if eq .to $component -}}
{{- $peers := include "maestro.networkPeers" (list $root $component .from) | fromYamlArray -}}
{{- if $peers -}}
{{- $rules = append $rules (dict "from" $peers "ports" (include "maestro.networkPorts" . | fromYamlArray)) -}}
{{- end -}}
{{- end -}}
{{- end -}}
{{- range last . -}}
{{- if eq .to $component -}}
{{- $rule := dict "ports" (include "maestro.networkPorts" . | fromYamlArray) -}}
{{- with .peers -}}{{- $_ := set $rule "from" . -}}{{- end -}}
{{- $rules = append $rules $rule -}}
{{- end -}}
{{- end -}}
{{- if include "maestro.networkAmongTraining" (list $root $component) -}}
{{- $rules = append $rules (dict "from" (include "maestro.networkPeers" (list $root $component (list $component)) | fromYamlArray)) -}}
{{- end -}}
{{- if $rules -}}{{- toYaml $rules -}}{{- end -}}
{{- end -}}

{{/* Whether pods of a component call each other on any port, as those of one custom resource do. Call with (list $ "training"). */}}
{{- define "maestro.networkAmongTraining" -}}
{{- if and (eq (last .) "training") (first .).Values.training.customResources -}}true{{- end -}}
{{- end -}}

{{/* What each subchart says in `<chart>.network`: its components, and connections, visitors and ways out beyond those of _connections.tpl. */}}
{{- define "maestro.networkOfParts" -}}
{{- $found := dict -}}
{{- range $chart := include "maestro.parts" . | fromYamlArray -}}
{{- $_ := set $found $chart (include (printf "%s.network" $chart) (index $.Subcharts $chart) | fromYaml) -}}
{{- end -}}
{{- toYaml $found -}}
{{- end -}}

{{/* One of the lists of all of these. Call with (list $ "connections"). */}}
{{- define "maestro.networkListOfParts" -}}
{{- $all := list -}}
{{- range $chart, $network := include "maestro.networkOfParts" (first .) | fromYaml -}}
{{- $all = concat $all (get $network (last $) | default list) -}}
{{- end -}}
{{- if $all }}{{ toYaml $all }}{{ end -}}
{{- end -}}
