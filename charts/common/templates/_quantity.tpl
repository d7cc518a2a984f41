{{/* Bytes of a Kubernetes quantity. Call with (dict "root" $ "key" "resources.limits.memory" "quantity" "1Gi"). */}}
{{- define "maestro.bytes" -}}
{{- $units := dict "" 1 "k" 1000 "M" 1000000 "G" 1000000000 "T" 1000000000000 "Ki" 1024 "Mi" 1048576 "Gi" 1073741824 "Ti" 1099511627776 -}}
{{- $quantity := kindIs "string" .quantity | ternary .quantity (printf "%d" (int64 .quantity)) -}}
{{- $unit := regexReplaceAll "^[0-9]+(\\.[0-9]+)?" $quantity "" -}}
{{- if or (eq $unit $quantity) (not (hasKey $units $unit)) -}}
{{- fail (printf "%s: %s must be a quantity such as 512Mi or 1Gi, not %q" .root.Chart.Name .key $quantity) -}}
{{- end -}}
{{- mulf (float64 (trimSuffix $unit $quantity)) (get $units $unit) | int64 -}}
{{- end -}}
