{{/* A repository in another registry. Call with (list "registry.example.com" "docker.io/library/redis"). */}}
{{- define "maestro.inRegistry" -}}
{{- printf "%s/%s" (trimSuffix "/" (index . 0)) (regexReplaceAll "^([^/]*[.:][^/]*|localhost)/" (index . 1) "") -}}
{{- end -}}

{{/*
The reference of an image. Call with (dict "root" $ "image" <its values>). A registry, the image's own or else that of all charts, takes the
place of the registry in the repository; a digest that of the tag.
*/}}
{{- define "maestro.image" -}}
{{- $chart := .root.Chart.Name -}}
{{- $image := .image | default dict -}}
{{- $repository := required (printf "%s: an image needs a repository, set image.repository" $chart) $image.repository -}}
{{- with $image.registry | default (.root.Values.global | default dict).imageRegistry -}}
{{- $repository = include "maestro.inRegistry" (list . $repository) -}}
{{- end -}}
{{- if $image.digest -}}
{{- printf "%s@%s" $repository $image.digest -}}
{{- else -}}
{{- printf "%s:%s" $repository (required (printf "%s: an image needs a tag, set image.tag" $chart) $image.tag) -}}
{{- end -}}
{{- end -}}

