{{/*
A password that two renders of one release agree on. Anybody can compute it: that is why `developmentSecrets.enabled` is off by default and
NOTES.txt warns. Call with (list $ "purpose").
*/}}
{{- define "maestro.developmentPassword" -}}
{{- $root := index . 0 -}}
{{- printf "%s/%s/%s" $root.Release.Namespace $root.Release.Name (index . 1) | sha256sum | trunc 32 -}}
{{- end -}}
