{{/*
A Job with the checksum of its spec in place of CHECKSUM in its name. Kubernetes refuses to change a Job's pods: with other pods it is another Job, and
Helm removes the old one. `global.rerunJobs` makes others of Jobs that did not change. Call with (dict "root" $ "job" <the rendered Job>).
*/}}
{{- define "maestro.job" -}}
{{- $rerun := (.root.Values.global | default dict).rerunJobs | default "" -}}
{{- .job | replace "CHECKSUM" (printf "%s%v" (regexFind "(?s)\nspec:\n.*" .job) $rerun | sha256sum | trunc 8) -}}
{{- end -}}
