{{/*
A rendered workload, unless its pod would have something twice. Kubernetes refuses two volumes, mounts or ports alike, and of two variables of one name
takes the last. Every workload passes here, whatever its chart. Call with
  (dict "root" $ "values" "server" "object" <the rendered object>), "values" being the path of the pod's values, "" where they are the chart's own.
*/}}
{{- define "maestro.workload" -}}
{{- $object := fromYaml .object -}}
{{- $spec := $object.spec | default dict -}}
{{- if eq $object.kind "CronJob" -}}{{- $spec = $spec.jobTemplate.spec -}}{{- end -}}
{{- if ne $object.kind "Pod" -}}{{- $spec = $spec.template.spec -}}{{- end -}}
{{- $own := .root.Values -}}
{{- range splitList "." .values | compact -}}{{- $own = get $own . | default dict -}}{{- end -}}
{{- $where := printf "%s: %s%s" .root.Chart.Name .values (empty .values | ternary "" ".") -}}
{{- $volumes := list -}}
{{- range $spec.volumes -}}{{- $volumes = append $volumes .name -}}{{- end -}}
{{- range dig "spec" "volumeClaimTemplates" list $object -}}{{- $volumes = append $volumes .metadata.name -}}{{- end -}}
{{- range include "maestro.twice" $volumes | fromYamlArray -}}
{{- fail (include "maestro.twiceRefusal" (list $where "extraVolumes" "name" $own . "the pod has a volume of this name already: choose another name")) -}}
{{- end -}}
{{- range $container := concat ($spec.initContainers | default list) ($spec.containers | default list) -}}
{{- $names := list -}}
{{- range .env -}}{{- $names = append $names .name -}}{{- end -}}
{{- range include "maestro.twice" $names | fromYamlArray -}}
{{- fail (include "maestro.twiceRefusal" (list $where "extraEnv" "name" $own . (printf "the chart sets it in the container %s itself: leave it out" $container.name))) -}}
{{- end -}}
{{- $paths := list -}}
{{- range .volumeMounts -}}
{{- $paths = append $paths (trimSuffix "/" .mountPath) -}}
{{- if not (has .name $volumes) -}}
{{- fail (printf "%sextraVolumeMounts mounts the volume %s, which is not in %sextraVolumes" $where .name (trimPrefix (printf "%s: " $.root.Chart.Name) $where)) -}}
{{- end -}}
{{- end -}}
{{- range include "maestro.twice" $paths | fromYamlArray -}}
{{- fail (include "maestro.twiceRefusal" (list $where "extraVolumeMounts" "mountPath" $own . (printf "the container %s has a volume there already: choose another path" $container.name))) -}}
{{- end -}}
{{- $ports := list -}}
{{- range .ports -}}{{- $ports = concat $ports (list .name (printf "%v/%s" .containerPort .protocol)) -}}{{- end -}}
{{- range include "maestro.twice" $ports | fromYamlArray -}}
{{- fail (printf "%sthe container %s has the port %s twice" $where $container.name .) -}}
{{- end -}}
{{- end -}}
{{- .object -}}
{{- end -}}

{{/* The items of a list that are in it more than once, as a list. */}}
{{- define "maestro.twice" -}}
{{- $seen := list -}}
{{- $twice := list -}}
{{- range . -}}
{{- if has . $seen -}}{{- $twice = append $twice . -}}{{- end -}}
{{- $seen = append $seen . -}}
{{- end -}}
{{- toYaml ($twice | uniq) -}}
{{- end -}}

{{/* Why an item cannot be there twice. Call with (list "postgres: backup." "extraEnv" "name" <the workload's values> "PGHOST" <where the other one is from>). */}}
{{- define "maestro.twiceRefusal" -}}
{{- $key := index . 1 -}}
{{- $by := index . 2 -}}
{{- $item := index . 4 -}}
{{- $count := 0 -}}
{{- range get (index . 3) $key | default list -}}
{{- if eq (trimSuffix "/" (get . $by)) $item -}}{{- $count = add1 $count -}}{{- end -}}
{{- end -}}
{{- printf "%s%s has %s" (first .) $key $item -}}
{{- if gt (int $count) 1 }} twice: leave one out{{ else }}, and {{ last . }}{{ end -}}
{{- end -}}
