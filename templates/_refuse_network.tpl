{{/* What cannot be reached with these values, one reason a line. */}}
{{- define "maestro.errors.network" -}}
{{- if and (include "maestro.databaseVerified" .) (not (include "maestro.caBundle" .)) }}
externalDatabase.sslmode is {{ .Values.externalDatabase.sslmode }}, and no authority is known to check the certificate with: name a bundle in global.caBundle, or use require
{{- end }}
{{- end -}}
