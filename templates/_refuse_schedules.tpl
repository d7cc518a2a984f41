{{/* Schedules a CronJob would refuse when it is made, one reason a line. */}}
{{- define "maestro.errors.schedules" -}}
{{- $schedules := dict
  "postgres.backup.schedule" (.Values.postgres.enabled | ternary (dig "backup" "schedule" "" .Values.postgres) "")
  "airflow.databaseCleanup.schedule" (.Values.airflow.databaseCleanup).schedule
  "airflow.cleanup.schedule" (.Values.airflow.cleanup).schedule
}}
{{- range $path, $schedule := $schedules }}
{{- if and $schedule (not (include "maestro.isCron" $schedule)) }}
{{ $path }} is {{ $schedule }}: give five fields (minute, hour, day, month, weekday from 0 to 6) such as "30 3 * * 0", or a preset such as "@daily"
{{- end }}
{{- end }}
{{- end -}}

{{- define "maestro.isCron" -}}
{{- $fields := regexSplit " +" (trim .) -1 -}}
{{- if regexMatch "^@(yearly|annually|monthly|weekly|daily|midnight|hourly)$" . -}}
true
{{- else if eq (len $fields) 5 -}}
{{- $wrong := false -}}
{{- $values := list
  "[0-5]?[0-9]"
  "[01]?[0-9]|2[0-3]"
  "0?[1-9]|[12][0-9]|3[01]"
  "0?[1-9]|1[0-2]|(?i:jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)"
  "[0-6]|(?i:sun|mon|tue|wed|thu|fri|sat)"
-}}
{{- range $index, $value := $values -}}
{{- $part := printf "([*?]|(%s)(-(%s))?)(/[1-9][0-9]*)?" $value $value -}}
{{- if not (regexMatch (printf "^%s(,%s)*$" $part $part) (index $fields $index)) -}}
{{- $wrong = true -}}
{{- end -}}
{{- end -}}
{{- if not $wrong -}}true{{- end -}}
{{- end -}}
{{- end -}}
