{{/*
Puts all values in order before any template reads them, those of the subcharts and of the official chart too: they are the same objects. Called
from the deepest path, which Helm renders first; docs/adr/0011 says why.
*/}}
{{- define "maestro.complete" -}}
{{- include "maestro.completeOwn" . -}}
{{- range $name, $chart := .Subcharts -}}
{{- if ne $name "airflow" -}}
{{- include "maestro.completeOwn" $chart -}}
{{- $_ := set $chart.Values "commonLabels" (merge (dict) ($chart.Values.commonLabels | default dict) $.Values.commonLabels) -}}
{{- if kindIs "invalid" (get $.Values $name | default nil) -}}
{{- $_ := set $.Values $name (omit $chart.Values "") -}}
{{- end -}}
{{- end -}}
{{- end -}}
{{- include "maestro.completeAirflow" . -}}
{{- include "maestro.completeDatabase" . -}}
{{- include "maestro.completeRedis" . -}}
{{- include "maestro.completeMetrics" . -}}
{{- include "maestro.completeAlerts" . -}}
{{- end -}}

{{/* Queues that KEDA may leave without a worker: of those that several sets serve, the ones for which each may be scaled to zero. */}}
{{- define "maestro.completeAlerts" -}}
{{- if and .Values.keda.enabled .Values.statsd.enabled -}}
{{- $celery := .Values.airflow.workers.celery -}}
{{- $sets := $celery.sets | default list -}}
{{- if ne (toString $celery.enableDefault) "false" -}}{{- $sets = prepend $sets (dict "name" "default") -}}{{- end -}}
{{- $most := dict -}}
{{- range $sets -}}
{{- $least := (include "maestro.scalingLimits" (list $ .name) | fromYaml).minReplicaCount | int -}}
{{- range splitList "," (.queue | default $celery.queue | default "default") -}}
{{- $_ := set $most . (max $least (get $most . | default 0)) -}}
{{- end -}}
{{- end -}}
{{- $alerts := .Values.statsd.alerts -}}
{{- range $queue, $workers := $most -}}
{{- if eq (int $workers) 0 -}}{{- $_ := set $alerts "queuesScaledToZero" (append $alerts.queuesScaledToZero $queue | uniq) -}}{{- end -}}
{{- end -}}
{{- end -}}
{{- end -}}

{{/* Without the exporter of this release nobody sends to it: a name that does not resolve costs every probe a second. */}}
{{- define "maestro.completeMetrics" -}}
{{- if not .Values.statsd.enabled -}}
{{- $ours := .Files.Get "files/defaults.json" | fromJson -}}
{{- $metrics := (.Values.airflow.config | default dict).metrics | default dict -}}
{{- if eq ($metrics.statsd_host | default "") (index $ours "airflow.config.metrics.statsd_host") -}}{{- $_ := set $metrics "statsd_on" "False" -}}{{- end -}}
{{- range $metrics := list (.Values.postgres.metrics | default dict) ((.Values.featurestore.redis | default dict).metrics | default dict) -}}
{{- if eq ($metrics.host | default "") "{{ .Release.Name }}-statsd" -}}{{- $_ := set $metrics "host" "" -}}{{- end -}}
{{- end -}}
{{- end -}}
{{- end -}}

{{/* What users add to lists of the official chart comes on top of ours, and what all pods share reaches Airflow's. */}}
{{- define "maestro.completeAirflow" -}}
{{- $airflow := .Values.airflow -}}
{{- $ours := .Files.Get "files/defaults.json" | fromJson -}}
{{- $volumes := include "maestro.caVolumes" . | fromYamlArray -}}
{{- $mounts := include "maestro.caVolumeMounts" . | fromYamlArray -}}
{{- include "maestro.addToList" (list $airflow "volumes" "name" (concat (index $ours "airflow.volumes") $volumes (include "maestro.tlsVolumes" . | fromYamlArray))) -}}
{{- include "maestro.addToList" (list $airflow "volumeMounts" "mountPath" (concat (index $ours "airflow.volumeMounts") $mounts (include "maestro.tlsVolumeMounts" . | fromYamlArray))) -}}
{{- include "maestro.addToList" (list $airflow "env" "name" (include "maestro.caEnv" . | fromYamlArray)) -}}
{{- $certificate := include "maestro.pgbouncerTls" . | empty | ternary list (list (dict "name" "certificate" "secret" (dict "secretName" (get (.Values.global.tls | default dict) "pgbouncerSecret") "defaultMode" 288))) -}}
{{- $certificateMount := $certificate | empty | ternary list (list (dict "name" "certificate" "mountPath" "/run/tls" "readOnly" true)) -}}
{{- /* The pods of PgBouncer have airflow.volumes too, and with them the authorities. */ -}}
{{- include "maestro.addToList" (list $airflow.pgbouncer "extraVolumes" "name" (concat (index $ours "airflow.pgbouncer.extraVolumes") $certificate)) -}}
{{- include "maestro.addToList" (list $airflow.pgbouncer "extraVolumeMounts" "mountPath" (concat (index $ours "airflow.pgbouncer.extraVolumeMounts") $certificateMount)) -}}
{{- if .Values.store.enabled -}}
{{- $claim := dict "name" "store" "persistentVolumeClaim" (dict "claimName" (include "maestro.storeName" .)) -}}
{{- include "maestro.addToList" (list $airflow.scheduler "extraVolumes" "name" (list $claim)) -}}
{{- include "maestro.addToList" (list $airflow.scheduler "extraVolumeMounts" "mountPath" (list (dict "name" "store" "mountPath" "/opt/maestro/store"))) -}}
{{- end -}}
{{- $environment := index $ours "airflow.extraEnvFrom" -}}
{{- $own := $airflow.extraEnvFrom | default "" -}}
{{- if not (contains (trim $environment) $own) -}}
{{- $_ := set $airflow "extraEnvFrom" (printf "%s\n%s" (trim $environment) (regexReplaceAll (printf "(?m)^%s" (regexFind "^ *" (trimAll "\n" $own))) (trimAll "\n" $own) "")) -}}
{{- end -}}
{{- $_ := set $airflow "labels" (merge (dict) ($airflow.labels | default dict) (omit .Values.commonLabels "tier" "component" "release" "chart" "heritage" "executor")) -}}
{{- $_ := set $airflow "imagePullSecrets" (include "maestro.airflowPullSecrets" . | fromYamlArray) -}}
{{- if eq (include "maestro.listenAddress" .) "::" -}}{{- include "maestro.completeIpv6" . -}}{{- end -}}
{{- /* The official chart gives Flower the default image, and knows no digest for it. */ -}}
{{- $flower := $airflow.images.flower | default dict -}}
{{- if not (or $flower.repository $flower.tag) -}}
{{- $image := include "maestro.airflowImage" . -}}
{{- $_ := set $flower "repository" (regexReplaceAll ":[^:/]*$" $image "") -}}
{{- $_ := set $flower "tag" (regexFind "[^:]*$" $image) -}}
{{- $_ := set $airflow.images "flower" $flower -}}
{{- end -}}
{{- with .Values.global.imageRegistry -}}
{{- $environment := $.Values.global.environment -}}
{{- $_ := set $environment "MAESTRO_TRAINING_IMAGE" (include "maestro.inRegistry" (list . $environment.MAESTRO_TRAINING_IMAGE)) -}}
{{- $_ := set $airflow "defaultAirflowRepository" (include "maestro.inRegistry" (list . $airflow.defaultAirflowRepository)) -}}
{{- range $name, $image := $airflow.images -}}
{{- if and (kindIs "map" $image) $image.repository -}}
{{- $_ := set $image "repository" (include "maestro.inRegistry" (list $.Values.global.imageRegistry $image.repository)) -}}
{{- end -}}
{{- end -}}
{{- end -}}
{{- with .Values.global.storageClass -}}
{{- $parts := list $airflow.logs $airflow.dags $airflow.redis $airflow.triggerer $airflow.workers.celery -}}
{{- range $parts -}}
{{- if and .persistence (not .persistence.storageClassName) -}}
{{- $_ := set .persistence "storageClassName" $.Values.global.storageClass -}}
{{- end -}}
{{- end -}}
{{- end -}}
{{- end -}}

{{/* Items of ours that a list lacks are put before the others. Call with (list <mapping> "key of the list" "what an item is known by" <ours>). */}}
{{- define "maestro.addToList" -}}
{{- $map := index . 0 -}}
{{- $key := index . 1 -}}
{{- $by := index . 2 -}}
{{- $theirs := get $map $key | default list -}}
{{- $known := list -}}
{{- range $theirs -}}{{- $known = append $known (get . $by) -}}{{- end -}}
{{- $missing := list -}}
{{- range index . 3 -}}
{{- if not (has (get . $by) $known) -}}{{- $missing = append $missing . -}}{{- end -}}
{{- end -}}
{{- if $missing -}}
{{- $_ := set $map $key (concat $missing $theirs) -}}
{{- end -}}
{{- end -}}

{{/* Secrets for the registries of Airflow's pods as the official chart takes them, `- name: ...`: its own, then those of all charts, each once. */}}
{{- define "maestro.airflowPullSecrets" -}}
{{- $airflow := .Values.airflow -}}
{{- $secrets := list -}}
{{- range concat ($airflow.imagePullSecrets | default (list (dig "registry" "secretName" "" $airflow)) | compact) (.Values.global.imagePullSecrets | default list) -}}
{{- $secrets = append $secrets (kindIs "string" . | ternary (dict "name" .) .) -}}
{{- end -}}
{{- toYaml ($secrets | uniq) -}}
{{- end -}}

{{/* Where pods have IPv6 addresses: Airflow listens on IPv4, sends its metrics there and names its hosts by it by default. */}}
{{- define "maestro.completeIpv6" -}}
{{- $config := .Values.airflow.config -}}
{{- range $key, $value := dict "api.host" "::" "celery.flower_host" "::" "metrics.statsd_ipv6" "True" "core.hostname_callable" "maestro_ml.airflow.pod_address.ipv6_address" -}}
{{- $section := splitList "." $key | first -}}
{{- $option := splitList "." $key | last -}}
{{- if not (hasKey $config $section) -}}{{- $_ := set $config $section dict -}}{{- end -}}
{{- if has (get (get $config $section) $option) (list "" "airflow.utils.net.get_host_ip_address") -}}
{{- $_ := set (get $config $section) $option $value -}}
{{- end -}}
{{- end -}}
{{- end -}}
