{{/*
The storage class of a claim: its own, or that of all charts; "-" asks for none, and the claim takes a volume that somebody made by hand. A line of its
spec, or nothing. Call with (list $ <the class of the claim>).
*/}}
{{- define "maestro.storageClass" -}}
{{- $root := first . -}}
{{- with last . | default ($root.Values.global | default dict).storageClass -}}
storageClassName: {{ eq . "-" | ternary "" (tpl . $root) | quote }}
{{- end -}}
{{- end -}}
