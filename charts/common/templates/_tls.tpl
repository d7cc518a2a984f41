{{/* TLS inside the release, from global.tls: clients check the certificates of this release's servers against one authority. Call with $. */}}
{{- define "maestro.tls" -}}
{{- if eq (toString ((.Values.global | default dict).tls | default dict).enabled) "true" -}}true{{- end -}}
{{- end -}}

{{/* A Secret of global.tls. Call with (list $ "postgresSecret"). */}}
{{- define "maestro.tlsSecret" -}}
{{- $tls := ((first .).Values.global | default dict).tls | default dict -}}
{{- get $tls (last .) | default "" | required (printf "TLS inside the release needs certificates: name their Secret in global.tls.%s" (last .)) -}}
{{- end -}}

{{/* How clients of this release's PostgreSQL speak to it: libpq and asyncpg read these; what a URL says goes first. */}}
{{- define "maestro.tlsDatabaseEnv" -}}
{{- if include "maestro.tls" . }}
- {name: PGSSLMODE, value: verify-full}
- {name: PGSSLROOTCERT, value: /etc/maestro/tls/ca.crt}
{{- end -}}
{{- end -}}

{{/* The authority, in every container that may be a client. */}}
{{- define "maestro.tlsVolumeMounts" -}}
{{- if include "maestro.tls" . }}
- {name: tls-authority, mountPath: /etc/maestro/tls, readOnly: true}
{{- end -}}
{{- end -}}

{{- define "maestro.tlsVolumes" -}}
{{- if include "maestro.tls" . }}
- name: tls-authority
  secret:
    secretName: {{ .Values.global.tls.caSecret }}
    items: [{key: ca.crt, path: ca.crt}]
{{- end -}}
{{- end -}}

{{/* The certificate and the key of a server, readable by its group. Call with (list $ "postgresSecret"). */}}
{{- define "maestro.tlsServerVolume" -}}
- name: certificate
  secret:
    secretName: {{ include "maestro.tlsSecret" . }}
    defaultMode: 0440
    items: [{key: tls.crt, path: tls.crt}, {key: tls.key, path: tls.key}]
{{- end -}}
