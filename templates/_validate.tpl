{{/*
Secrets that must exist before this release, as a list of {path, name, keys}: what values call it, its name ("" where none is given) and the keys
it must hold. One list, used by the refusal below, by NOTES.txt and by the tests.
*/}}
{{- define "maestro.requiredSecrets" -}}
{{- $airflow := .Values.airflow -}}
{{- $data := $airflow.data | default dict -}}
{{- $secrets := list
  (dict "path" "global.environmentSecretName" "name" .Values.global.environmentSecretName "keys" (list))
  (dict "path" "airflow.fernetKeySecretName" "name" $airflow.fernetKeySecretName "keys" (list "fernet-key"))
  (dict "path" "airflow.apiSecretKeySecretName" "name" $airflow.apiSecretKeySecretName "keys" (list "api-secret-key"))
  (dict "path" "airflow.jwtSecretName" "name" $airflow.jwtSecretName "keys" (list "jwt-secret"))
  (dict "path" "airflow.data.metadataSecretName" "name" $data.metadataSecretName "keys" (list "connection"))
-}}
{{- range $index, $user := .Values.setup.users -}}
{{- $secrets = append $secrets (dict "path" (printf "setup.users[%d].passwordSecret.name" $index) "name" $user.passwordSecret.name "keys" (list $user.passwordSecret.key)) -}}
{{- end -}}
{{- if include "maestro.celery" . -}}
{{- $secrets = append $secrets (dict "path" "airflow.data.resultBackendSecretName" "name" $data.resultBackendSecretName "keys" (list "connection")) -}}
{{- $secrets = append $secrets (dict "path" "airflow.data.brokerUrlSecretName" "name" $data.brokerUrlSecretName "keys" (list "connection")) -}}
{{- if $airflow.redis.enabled -}}
{{- $secrets = append $secrets (dict "path" "airflow.redis.passwordSecretName" "name" $airflow.redis.passwordSecretName "keys" (list "password")) -}}
{{- end -}}
{{- if $airflow.flower.enabled -}}
{{- $secrets = append $secrets (dict "path" "airflow.flower.secretName" "name" $airflow.flower.secretName "keys" (list "basicAuth")) -}}
{{- end -}}
{{- end -}}
{{- if $airflow.pgbouncer.enabled -}}
{{- $exporter := $airflow.pgbouncer.metricsExporterSidecar -}}
{{- $secrets = append $secrets (dict "path" "airflow.pgbouncer.configSecretName" "name" $airflow.pgbouncer.configSecretName "keys" (list "users.txt")) -}}
{{- $secrets = append $secrets (dict "path" "airflow.pgbouncer.metricsExporterSidecar.statsSecretName" "name" $exporter.statsSecretName "keys" (list ($exporter.statsSecretKey | default "connection"))) -}}
{{- end -}}
{{- if include "maestro.tls" . -}}
{{- $tls := .Values.global.tls -}}
{{- $secrets = append $secrets (dict "path" "global.tls.caSecret" "name" $tls.caSecret "keys" (list "ca.crt")) -}}
{{- if .Values.postgres.enabled -}}{{- $secrets = append $secrets (dict "path" "global.tls.postgresSecret" "name" $tls.postgresSecret "keys" (list "tls.crt" "tls.key")) -}}{{- end -}}
{{- if include "maestro.pgbouncerTls" . -}}{{- $secrets = append $secrets (dict "path" "global.tls.pgbouncerSecret" "name" $tls.pgbouncerSecret "keys" (list "tls.crt" "tls.key")) -}}{{- end -}}
{{- if and .Values.featurestore.enabled (dig "redis" "enabled" true .Values.featurestore) -}}{{- $secrets = append $secrets (dict "path" "global.tls.onlineStoreSecret" "name" $tls.onlineStoreSecret "keys" (list "tls.crt" "tls.key")) -}}{{- end -}}
{{- end -}}
{{- range $chart := include "maestro.parts" . | fromYamlArray -}}
{{- range include (printf "%s.requiredSecrets" $chart) (index $.Subcharts $chart) | fromYamlArray -}}
{{- $secrets = append $secrets (set . "path" (printf "%s.%s" $chart .path)) -}}
{{- end -}}
{{- end -}}
{{- if .Values.setup.connectionsSecretName -}}
{{- $secrets = append $secrets (dict "path" "setup.connectionsSecretName" "name" .Values.setup.connectionsSecretName "keys" (list "connections.json")) -}}
{{- end -}}
{{- toYaml $secrets -}}
{{- end -}}

{{/* Every reason why these values cannot work, one a line; empty when there is none. */}}
{{- define "maestro.errors" -}}
{{- include "maestro.errors.airflow" . }}
{{- include "maestro.errors.network" . }}
{{- include "maestro.errors.names" . }}
{{- $celery := include "maestro.celery" . -}}
{{- $workers := .Values.airflow.workers.celery -}}
{{- $store := include "maestro.environmentVariable" (list . "MAESTRO_STORE") -}}
{{- if and (not $celery) (dig "hpa" "enabled" false $workers) }}
airflow.workers.celery.hpa scales Celery workers, and airflow.executor is {{ .Values.airflow.executor }}: switch one of them
{{- end }}
{{- if and (not $celery) .Values.airflow.flower.enabled }}
airflow.flower watches Celery workers, and airflow.executor is {{ .Values.airflow.executor }}: switch one of them
{{- end }}
{{- if and (dig "hpa" "enabled" false $workers) (ne (toString $workers.enableDefault) "false") $workers.sets }}
airflow.workers.celery: the default workers and named sets cannot both have an autoscaler (their selectors overlap): set enableDefault to false and name all sets
{{- end }}
{{- if and .Values.postgres.enabled .Values.externalDatabase.host }}
two databases: set postgres.enabled to false to use externalDatabase.host, or empty externalDatabase.host
{{- end }}
{{- if and (not .Values.postgres.enabled) (not .Values.externalDatabase.host) }}
no database: set postgres.enabled to true, or name one in externalDatabase.host
{{- end }}
{{- $many := or $celery (include "maestro.kubernetesExecutor" .) -}}
{{- $tasks := ternary "Celery workers" "the pods of KubernetesExecutor" (eq $celery "true") -}}
{{- if and $many (not (contains "://" $store)) }}
global.environment.MAESTRO_STORE is the folder {{ $store }}, and {{ $tasks }} share no disk: name a bucket such as s3://bucket/runs
{{- end }}
{{- if and (not $many) (not (contains "://" $store)) (not .Values.store.enabled) }}
global.environment.MAESTRO_STORE is the folder {{ $store }}, which is lost with the pod: set store.enabled to true, or name a bucket
{{- end }}
{{- if and $many .Values.store.enabled }}
store.enabled creates a volume that one pod can mount, but tasks run in many: set it to false and global.environment.MAESTRO_STORE to a bucket
{{- end }}
{{- if and $many (eq (include "maestro.environmentVariable" (list . "FEAST_ONLINE_STORE_TYPE")) "sqlite") }}
global.environment.FEAST_ONLINE_STORE_TYPE is sqlite, and {{ $tasks }} share no disk: use redis
{{- end }}
{{- if and (eq (include "maestro.environmentVariable" (list . "MAESTRO_EXECUTION")) "kubernetes") (not .Values.training.enabled) }}
global.environment.MAESTRO_EXECUTION is kubernetes, but no account may start pods: set training.enabled to true
{{- end }}
{{- if and .Values.training.createNamespace (eq (include "maestro.environmentVariable" (list . "MAESTRO_TRAINING_NAMESPACE")) .Release.Namespace) }}
training.createNamespace would create the release's own namespace: name another in global.environment.MAESTRO_TRAINING_NAMESPACE, or set it to false
{{- end }}
{{- if and (not .Values.mlflow.enabled) (eq (include "maestro.environmentVariable" (list . "MLFLOW_TRACKING_URI")) (printf "http://%s-mlflow.%s:5000" .Release.Name .Release.Namespace)) }}
mlflow.enabled is false, and global.environment.MLFLOW_TRACKING_URI still names its Service: name your tracking server
{{- end }}
{{- if and .Values.ingress.enabled (not (dig "host" "" .Values.ingress)) }}
ingress.enabled is true, and ingress.host is empty: name the host of the UI
{{- end }}
{{- if and .Values.developmentSecrets.enabled .Values.externalSecrets.enabled }}
developmentSecrets and externalSecrets would both write Secrets: switch one of them off
{{- end }}
{{ include "maestro.errors.runtime" . }}
{{ include "maestro.errors.database" . }}
{{ include "maestro.errors.bundles" . }}
{{- end -}}

{{- define "maestro.validate" -}}
{{- $errors := list -}}
{{- range splitList "\n" (include "maestro.errors" .) -}}
{{- if trim . -}}{{- $errors = append $errors (printf "  - %s" (trim .)) -}}{{- end -}}
{{- end -}}
{{- $errors = $errors | uniq -}}
{{- $missing := list -}}
{{- range include "maestro.requiredSecrets" . | fromYamlArray -}}
{{- if not .name -}}
{{- $missing = append $missing (printf "  - %s: a Secret with %s" .path (empty .keys | ternary "environment variables as keys (FEAST_REGISTRY, FEAST_ONLINE_STORE, AWS_ACCESS_KEY_ID, ...)" (printf "the %s %s" (gt (len .keys) 1 | ternary "keys" "key") (join ", " .keys)))) -}}
{{- end -}}
{{- end -}}
{{- if $missing -}}
{{- $errors = append $errors (printf "  - Secrets are named, never written into values. Not named yet:\n  %s\n    Start from values/minikube.yaml (passwords everybody knows) or see ci/prod-values.yaml for a complete example." (join "\n  " $missing)) -}}
{{- end -}}
{{- if $errors -}}
{{- fail (printf "\n\nMaestro cannot be installed with these values:\n%s\n" (join "\n" $errors)) -}}
{{- end -}}
{{- end -}}
