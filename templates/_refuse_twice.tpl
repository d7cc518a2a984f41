{{/*
What would be twice in a pod or the labels of the official chart, one reason a line. Of two variables of one name the last one counts, and the official chart writes its own
after those of `env`: what a user sets there would be lost without a word. Kubernetes refuses two volumes or mounts alike.
*/}}
{{- define "maestro.errors.twice" -}}
{{- $airflow := .Values.airflow -}}
{{- $shared := include "maestro.sharedVariables" . | fromYamlArray -}}
{{- $fixed := include "maestro.fixedVariables" . | fromYamlArray -}}
{{- $environment := include "maestro.environment" . | fromYaml -}}
{{- $known := dict -}}
{{- range $shared }}
{{- if has .name $fixed }}
airflow.{{ .key }} sets {{ .name }}, and the official chart sets it itself, after yours: leave it out
{{- else if hasKey $environment .name }}
airflow.{{ .key }} sets {{ .name }}, and so does the environment of all pods, which training pods and network policies use: set it in global.environment only
{{- else if hasKey $known .name }}
airflow.{{ get $known .name }} and airflow.{{ .key }} both set {{ .name }}: leave one out
{{- end }}
{{- $_ := set $known .name .key }}
{{- include "maestro.errors.configured" (list $ .name (printf "airflow.%s" .key)) }}
{{- end }}
{{- range $name, $value := $environment }}
{{- if has $name $fixed }}
global.environment sets {{ $name }}, and the official chart sets it itself, which counts: leave it out
{{- end }}
{{- include "maestro.errors.configured" (list $ $name "global.environment") }}
{{- end }}
{{- $labelled := dict "labels" $airflow.labels "redis.labels" (dig "redis" "labels" dict $airflow) }}
{{- range $where, $part := include "maestro.airflowWorkloads" . | fromYaml }}{{ $_ := set $labelled (printf "%s.labels" $where) $part.labels }}{{ end }}
{{- range $where, $labels := $labelled }}
{{- range $name := list "tier" "component" "release" "chart" "heritage" "executor" }}
{{- if hasKey ($labels | default dict) $name }}
airflow.{{ $where }} sets {{ $name }}, by which Services and policies find Airflow's pods: choose another name
{{- end }}
{{- end }}
{{- end }}
{{- $names := concat $fixed (keys $known) | uniq }}
{{- range $where, $part := include "maestro.airflowWorkloads" . | fromYaml }}
{{- range $key := list "env" "waitForMigrations.env" "logGroomerSidecar.env" }}
{{- $own := list }}
{{- $from := $part }}
{{- range initial (splitList "." $key) }}{{ $from = get $from . | default dict }}{{ end }}
{{- range get $from "env" | default list }}{{ $own = append $own .name }}{{ end }}
{{- $others := $names }}
{{- if hasPrefix "logGroomer" $key }}{{ $others = list "AIRFLOW_HOME" "AIRFLOW__LOG_RETENTION_DAYS" "AIRFLOW__LOG_RETENTION_MINUTES" "AIRFLOW__LOG_CLEANUP_FREQUENCY_MINUTES" }}{{ end }}
{{- if eq $where "pgbouncer" }}{{ $others = list }}{{ end }}
{{- range include "maestro.twice" (concat $others $own) | fromYamlArray }}
airflow.{{ $where }}.{{ $key }} sets {{ . }}, which the container has already: leave it out
{{- end }}
{{- end }}
{{- $tasks := or (has $where (list "scheduler" "dagProcessor" "triggerer")) (hasPrefix "workers" $where) }}
{{- $logs := or $tasks (and (eq $where "apiServer") (dig "logs" "persistence" "enabled" false $airflow)) }}
{{- $pooler := eq $where "pgbouncer" }}
{{- $volumes := concat ($pooler | ternary list (list "config")) ($logs | ternary (list "logs") list) }}
{{- $paths := concat ($pooler | ternary list (list "/opt/airflow/airflow.cfg" "/opt/airflow/config/airflow_local_settings.py")) ($logs | ternary (list "/opt/airflow/logs") list) }}
{{- range list (list "Volumes" "name" $volumes "a volume of this name already: choose another name") (list "VolumeMounts" "mountPath" $paths "something mounted there already: choose another path") }}
{{- $suffix := index . 0 }}
{{- $by := index . 1 }}
{{- $all := index . 2 }}
{{- $why := index . 3 }}
{{- $ours := list }}
{{- range get $airflow (untitle $suffix) | default list }}{{ $all = append $all (get . $by | trimSuffix "/") }}{{ end }}
{{- range get $part (printf "extra%s" $suffix) | default list }}{{ $ours = append $ours (get . $by | trimSuffix "/") }}{{ end }}
{{- range include "maestro.twice" (concat $all $ours) | fromYamlArray }}
airflow.{{ has . $ours | ternary (printf "%s.extra%s" $where $suffix) (untitle $suffix) }} has {{ . }}, and {{ has . $ours | ternary "the pod has" "pods of Airflow have" }} {{ $why }}
{{- end }}
{{- end }}
{{- $ports := list "worker-logs" "8793" }}
{{- range $part.extraPorts }}{{ $ports = concat $ports (list .name (toString .containerPort)) }}{{ end }}
{{- range include "maestro.twice" $ports | fromYamlArray }}
airflow.{{ $where }}.extraPorts has {{ . }}, which the container has already: choose another
{{- end }}
{{- end }}
{{- end -}}

{{/*
A variable that says otherwise than airflow.config, or what the other checks read there. Call with (list $ "AIRFLOW__CORE__PARALLELISM" "airflow.env").
*/}}
{{- define "maestro.errors.configured" -}}
{{- $read := list "api.base_url" "api.port" "api.workers" "celery.worker_concurrency" "core.parallelism" "database.sql_alchemy_max_overflow" "database.sql_alchemy_pool_size" "logging.remote_base_log_folder" "logging.remote_logging" "logging.trigger_log_server_port" "logging.worker_log_server_port" "metrics.statsd_port" "metrics.statsd_prefix" "operators.default_queue" "scheduler.enable_health_check" "scheduler.scheduler_health_check_server_port" "smtp.smtp_host" "smtp.smtp_port" }}
{{- $parts := splitList "__" (index . 1) }}
{{- if and (eq (first $parts) "AIRFLOW") (eq (len $parts) 3) }}
{{- $section := index $parts 1 | lower }}
{{- $option := index $parts 2 | lower }}
{{- $key := printf "%s.%s" $section $option }}
{{- if or (has $key $read) (hasKey (get ((first .).Values.airflow.config | default dict) $section | default dict) $option) }}
{{ last . }} sets {{ index . 1 }}, and would win over airflow.config.{{ $key }}, which is what is checked: set that one only
{{- end }}
{{- end }}
{{- end -}}

{{/* Variables that users give to all of Airflow's containers: a list of {name, key}. */}}
{{- define "maestro.sharedVariables" -}}
{{- $airflow := .Values.airflow -}}
{{- $found := list -}}
{{- range $airflow.env -}}{{- $found = append $found (dict "name" .name "key" "env") -}}{{- end -}}
{{- range $airflow.secret -}}{{- $found = append $found (dict "name" .envName "key" "secret") -}}{{- end -}}
{{- with $airflow.extraEnv -}}
{{- range tpl . (dict "Values" $airflow "Release" $.Release "Chart" (dict "Name" "airflow") "Capabilities" $.Capabilities "Template" $.Template) | fromYamlArray -}}
{{- if kindIs "map" . -}}{{- $found = append $found (dict "name" .name "key" "extraEnv") -}}{{- end -}}
{{- end -}}
{{- end -}}
{{- toYaml $found -}}
{{- end -}}

{{/* Variables that the official chart gives to Airflow's containers itself. */}}
{{- define "maestro.fixedVariables" -}}
{{- $celery := list "AIRFLOW__CELERY__RESULT_BACKEND" "AIRFLOW__CELERY__BROKER_URL" -}}
{{- $names := list "AIRFLOW__CORE__FERNET_KEY" "AIRFLOW__DATABASE__SQL_ALCHEMY_CONN" "AIRFLOW_CONN_AIRFLOW_DB" "AIRFLOW__API__SECRET_KEY" "AIRFLOW__API_AUTH__JWT_SECRET" -}}
- AIRFLOW_HOME
{{- range include "maestro.celery" . | empty | ternary $names (concat $names $celery) }}
{{- if ne (toString (get ($.Values.airflow.enableBuiltInSecretEnvVars | default dict) .)) "false" }}
- {{ . }}
{{- end }}
{{- end }}
{{- end -}}

{{/* The values of each workload of the official chart that takes variables or volumes, by their path. */}}
{{- define "maestro.airflowWorkloads" -}}
{{- $airflow := .Values.airflow -}}
{{- $workers := $airflow.workers | default dict -}}
{{- $found := dict "workers.celery" ($workers.celery | default dict) "workers.kubernetes" ($workers.kubernetes | default dict) -}}
{{- range list "scheduler" "dagProcessor" "triggerer" "apiServer" "flower" "pgbouncer" "cleanup" "databaseCleanup" -}}
{{- $_ := set $found . (get $airflow . | default dict) -}}
{{- end -}}
{{- range $index, $set := ($workers.celery | default dict).sets -}}
{{- $_ := set $found (printf "workers.celery.sets[%d]" $index) $set -}}
{{- end -}}
{{- range $name, $values := $found -}}
{{- $_ := set $found $name (pick $values "labels" "env" "waitForMigrations" "logGroomerSidecar" "extraVolumes" "extraVolumeMounts" "extraPorts") -}}
{{- end -}}
{{- toYaml $found -}}
{{- end -}}
