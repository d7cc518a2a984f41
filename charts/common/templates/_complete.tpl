{{/*
Puts the values of one chart in order before its templates read them; docs/adr/0011 says why this works. Call with the chart's own $.
- An empty key (`key:`) means its default: files/defaults.json has them, by path. A security context is the exception: empty means none.
- Whole numbers stay whole numbers: YAML hands them over as floating point, which prints 1000000 as 1e+06.
*/}}
{{- define "maestro.completeOwn" -}}
{{- $values := .Values -}}
{{- $made := dict -}}
{{- range $path, $default := .Files.Get "files/defaults.json" | fromJson -}}
{{- $keys := splitList "." $path -}}
{{- $map := $values -}}
{{- $above := "" -}}
{{- range initial $keys -}}
{{- $above = printf "%s.%s" $above . -}}
{{- if or (not (hasKey $map .)) (kindIs "invalid" (index $map .)) -}}
{{- $_ := set $map . dict -}}
{{- $_ := set $made $above true -}}
{{- end -}}
{{- $map = index $map . -}}
{{- end -}}
{{- if or (not (hasKey $map (last $keys))) (kindIs "invalid" (index $map (last $keys))) -}}
{{- if and (regexMatch "(?i)securityContexts?$" $path) (not (hasKey $made $above)) -}}
{{- $_ := set $map (last $keys) (hasSuffix "s" $path | ternary (dict "pod" dict "containers" dict "container" dict) dict) -}}
{{- else -}}
{{- $_ := set $map (last $keys) $default -}}
{{- end -}}
{{- end -}}
{{- end -}}
{{- include "maestro.wholeNumbers" $values -}}
{{- end -}}

{{- define "maestro.wholeNumbers" -}}
{{- $map := . -}}
{{- range $key, $value := $map -}}
{{- if kindIs "float64" $value -}}
{{- if eq $value (floor $value) -}}{{- $_ := set $map $key (int64 $value) -}}{{- end -}}
{{- else if kindIs "map" $value -}}
{{- include "maestro.wholeNumbers" $value -}}
{{- else if kindIs "slice" $value -}}
{{- $list := list -}}
{{- range $value -}}
{{- $item := dict "item" . -}}
{{- include "maestro.wholeNumbers" $item -}}
{{- $list = append $list $item.item -}}
{{- end -}}
{{- $_ := set $map $key $list -}}
{{- end -}}
{{- end -}}
{{- end -}}

{{/* A value as text: what came through fromYaml is floating point again. */}}
{{- define "maestro.text" -}}
{{- kindIs "float64" . | ternary (toJson .) . -}}
{{- end -}}
