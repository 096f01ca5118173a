import KubernetesCore
import Testing

@testable import Installation

/// How marks become Helm's language.
@Suite struct ChartTemplateTests {
    private static let lines: [(String, [String])] = [
        ("  name: swiftlet", ["  name: swiftlet"]),
        (
            "  replicas: '@{operator.replicas}'",
            ["  replicas: {{ .Values.operator.replicas | int64 }}"]
        ),
        (
            "- containerPort: '@{gateway.port}'",
            ["- containerPort: {{ .Values.gateway.port | int64 }}"]
        ),
        (
            "    priorityClassName: '@{operator.priorityClassName}'",
            ["    priorityClassName: {{ .Values.operator.priorityClassName | quote }}"]
        ),
        (
            "    affinity: '@{operator.affinity}'",
            ["    affinity: {{- toYaml .Values.operator.affinity | nindent 6 }}"]
        ),
        (
            "  - ports: '@{networkPolicy.apiServerPorts}'",
            ["  - ports: {{- toYaml .Values.networkPolicy.apiServerPorts | nindent 6 }}"]
        ),
        ("    x/y: '@{=rbac.aggregate}'", ["    x/y: {{ .Values.rbac.aggregate | quote }}"]),
        ("  image: '@{#image}'", [#"  image: {{ include "swiftlet.image" . | quote }}"#]),
        (
            "  - '--listen=@{operator.listenAddress}:@{gateway.port}'",
            [
                "  - '--listen={{ .Values.operator.listenAddress }}:"
                    + "{{ .Values.gateway.port | int64 }}'"
            ]
        ),
        ("    '@{#labels}': true", [#"    {{- include "swiftlet.labels" . | nindent 4 }}"#]),
        (
            "      '@{...operator.podLabels}': true",
            [
                "      {{- with .Values.operator.podLabels }}",
                "      {{- toYaml . | nindent 6 }}", "      {{- end }}",
            ]
        ),
        (
            "    - '@{...operator.extraArgs}'",
            [
                "    {{- with .Values.operator.extraArgs }}",
                "    {{- toYaml . | nindent 4 }}", "    {{- end }}",
            ]
        ),
    ]

    @Test(arguments: lines.indices)
    func `a line with marks becomes a line of a template`(index: Int) {
        let (given, wanted) = Self.lines[index]
        #expect(ChartTemplate.line(given) == wanted)
    }

    @Test func `a condition stands around the whole file`() {
        let part = InstallPart("x", when: ".Values.a.b", [["kind": "A"], ["kind": "B"]])
        let text = ChartTemplate.text(of: part) { objects in
            objects.map { "kind: \($0["kind"]?.string ?? "")\n" }.joined(separator: "---\n")
        }
        #expect(
            text.split(separator: "\n").dropFirst()
                == ["{{- if .Values.a.b }}", "kind: A", "---", "kind: B", "{{- end }}"])
    }

    @Test func `no mark is left in a template`() {
        for part in OperatorInstall(.chart).parts {
            let text = ChartTemplate.text(of: part) { objects in
                objects.map { $0.text + "\n" }.joined()
            }
            #expect(!text.isEmpty)
        }
        for part in OperatorInstall(.plain).parts {
            for object in part.objects { #expect(!object.text.contains("@{"), "\(part.name)") }
        }
    }
}
