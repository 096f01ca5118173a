public import KubernetesCore

/// Turns YAML with the marks of `InstallForm` into a template of Helm's.
///
/// What comes out holds four things besides YAML: a value, a value with everything that it holds, a
/// template of `_helpers.tpl`, and one condition around a whole file. Whatever needs more is not
/// decided in a template.
public enum ChartTemplate {
    /// The template of a part.
    /// - Parameter yaml: writes documents, separated by `---`.
    public static func text(of part: InstallPart, yaml: ([JSONValue]) -> String) -> String {
        let body = yaml(part.objects).split(separator: "\n", omittingEmptySubsequences: false)
            .dropLast().flatMap { line(String($0)) }.joined(separator: "\n")
        let head = "{{- /* Written by `swiftlet generate`; do not edit. */}}\n"
        guard let condition = part.condition else { return head + body + "\n" }
        return head + "{{- if \(condition) }}\n" + body + "\n{{- end }}\n"
    }

    /// One line of YAML, as one or more lines of the template.
    static func line(_ text: String) -> [String] {
        guard text.contains("@{") else { return [text] }
        let indent = text.prefix { $0 == " " }.count
        var rest = String(text.dropFirst(indent))
        var lead = String(repeating: " ", count: indent)
        if let mark = marks(in: rest).first, mark.hasPrefix("..."), rest.hasPrefix("- ") {
            return spread(String(mark.dropFirst(3)), indent)
        }
        if rest.hasPrefix("'@{...") || rest.hasPrefix("'@{#labels}") {
            let mark = marks(in: rest).first ?? ""
            if mark == "#labels" { return [lead + helper("labels", indent)] }
            return spread(String(mark.dropFirst(3)), indent)
        }
        while rest.hasPrefix("- ") {
            rest = String(rest.dropFirst(2))
            lead += "- "
        }
        let depth = lead.count
        if let colon = rest.firstRange(of: ": "), !rest.hasPrefix("'"), !rest.hasPrefix("\"") {
            lead += rest[..<colon.upperBound]
            rest = String(rest[colon.upperBound...])
        }
        return [lead + scalar(rest, depth: depth)]
    }

    /// A scalar with marks in it.
    private static func scalar(_ text: String, depth: Int) -> String {
        let marks = marks(in: text)
        if let mark = marks.first, text == "'@{\(mark)}'" {
            if mark.hasPrefix("#") {
                return "{{ include \"swiftlet.\(mark.dropFirst())\" . | quote }}"
            }
            if mark.hasPrefix("=") { return "{{ .Values.\(mark.dropFirst()) | quote }}" }
            switch ChartValues.all.first(where: { $0.path == mark })?.fallback {
            case .integer: return "{{ .Values.\(mark) | int64 }}"
            case .bool: return "{{ .Values.\(mark) }}"
            case .object, .array: return "{{- toYaml .Values.\(mark) | nindent \(depth + 2) }}"
            default: return "{{ .Values.\(mark) | quote }}"
            }
        }
        return marks.reduce(text) { text, mark in
            text.replacing("@{\(mark)}", with: inline(mark))
        }
    }

    /// A mark inside a text.
    private static func inline(_ mark: String) -> String {
        if mark.hasPrefix("#") { return "{{ include \"swiftlet.\(mark.dropFirst())\" . }}" }
        if case .integer = ChartValues.all.first(where: { $0.path == mark })?.fallback {
            return "{{ .Values.\(mark) | int64 }}"
        }
        return "{{ .Values.\(mark) }}"
    }

    private static func spread(_ path: String, _ indent: Int) -> [String] {
        let pad = String(repeating: " ", count: indent)
        return [
            "\(pad){{- with .Values.\(path) }}", "\(pad){{- toYaml . | nindent \(indent) }}",
            "\(pad){{- end }}",
        ]
    }

    private static func helper(_ name: String, _ indent: Int) -> String {
        "{{- include \"swiftlet.\(name)\" . | nindent \(indent) }}"
    }

    /// The marks of a text, in their order.
    static func marks(in text: String) -> [String] {
        var result: [String] = []
        var rest = text[...]
        while let start = rest.firstRange(of: "@{") {
            let tail = rest[start.upperBound...]
            guard let end = tail.firstIndex(of: "}") else { break }
            result.append(String(tail[..<end]))
            rest = tail[tail.index(after: end)...]
        }
        return result
    }
}
