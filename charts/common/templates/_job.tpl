{{/*
A Job with the checksum of its spec in place of CHECKSUM in its name. Kubernetes refuses to change a Job's pods: with other pods it is another Job, and
Helm removes the old one. `global.rerunJobs` makes others of Jobs that did not change. Call as "maestro.workload", the Job being "object".
*/}}
{{- define "maestro.job" -}}
{{- $rerun := (.root.Values.global | default dict).rerunJobs | default "" -}}
{{- include "maestro.workload" . | replace "CHECKSUM" (printf "%s%v" (regexFind "(?s)\nspec:\n.*" .object) $rerun | sha256sum | trunc 8) -}}
{{- end -}}
