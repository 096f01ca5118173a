{{- define "swiftlet.namespace" -}}
{{ .Release.Namespace }}
{{- end }}

{{- define "swiftlet.image" -}}
{{- if .Values.image.digest -}}
{{ .Values.image.repository }}@{{ .Values.image.digest }}
{{- else -}}
{{ .Values.image.repository }}:{{ .Values.image.tag | default .Chart.AppVersion }}
{{- end -}}
{{- end }}

{{- /* Agents need an address, not a name. The kubelet puts that of the Service into the variable. */}}
{{- define "swiftlet.gatewayURL" -}}
{{- if .Values.gateway.url -}}
{{ .Values.gateway.url }}
{{- else -}}
https://$(SWIFTLET_GATEWAY_SERVICE_HOST):{{ .Values.gateway.port | int64 }}
{{- end -}}
{{- end }}

{{- define "swiftlet.labels" -}}
app.kubernetes.io/name: swiftlet
app.kubernetes.io/instance: {{ .Release.Name | quote }}
app.kubernetes.io/managed-by: {{ .Release.Service | quote }}
app.kubernetes.io/version: {{ .Chart.AppVersion | quote }}
helm.sh/chart: {{ printf "%s-%s" .Chart.Name .Chart.Version | replace "+" "_" | quote }}
{{- end }}

{{- define "swiftlet.metricsScheme" -}}
{{ ternary "HTTPS" "HTTP" .Values.metrics.tls.enabled }}
{{- end }}

{{- define "swiftlet.metricsProtocol" -}}
{{ ternary "https" "http" .Values.metrics.tls.enabled }}
{{- end }}

{{- define "swiftlet.metricsCertificates" -}}
{{ ternary "/etc/swiftlet/metrics-tls" "none" .Values.metrics.tls.enabled }}
{{- end }}
