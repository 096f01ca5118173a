public import KubernetesCore

/// What is written from the values.
extension ChartValues {
    /// `values.schema.json`: a value that is not in the list is refused, with its place.
    public static var schema: JSONValue {
        var root = branch()
        for value in all {
            var place: [String] = []
            for name in value.names.dropLast() {
                place += ["properties", name]
                if root[path: place] == nil { root[path: place] = branch() }
            }
            root[path: place + ["properties", value.names.last ?? ""]] = value.schema
        }
        // Helm puts `global` into the values of every chart.
        root[path: ["properties", "global"]] = ["type": "object"]
        root["$schema"] = "https://json-schema.org/draft-07/schema#"
        root["title"] = "Values of the chart swiftlet"
        return root
    }

    private static func branch() -> JSONValue {
        ["type": "object", "additionalProperties": false, "properties": [:]]
    }

    /// `values.yaml`, with what each value is for above it.
    /// - Parameter yaml: writes a document.
    public static func text(yaml: (JSONValue) -> String) -> String {
        var lines = [
            "# What can be set, and what it is where nothing is set. values.schema.json refuses",
            "# everything else. Written by `swiftlet generate`; do not edit.",
        ]
        var open: [String] = []
        for value in all {
            let branch = Array(value.names.dropLast())
            let shared = zip(open, branch).prefix { $0 == $1 }.count
            for (depth, name) in branch.enumerated().dropFirst(shared) {
                if depth == 0 { lines.append("") }
                lines.append(indent(depth) + name + ":")
            }
            if branch.isEmpty { lines.append("") }
            open = branch
            let pad = indent(branch.count)
            lines += wrapped(value.purpose, width: 96 - pad.count).map { pad + "# " + $0 }
            let body = yaml([value.names.last ?? "": value.fallback])
            lines += body.split(separator: "\n").map { pad + $0 }
        }
        return lines.map { $0 + "\n" }.joined()
    }

    /// The page of the reference: a table of all values.
    public static var page: String {
        var lines = [
            "# Values of the chart", "",
            "Written by `swiftlet generate` from the same list as `values.yaml` and its schema. "
                + "A value that is not here", "is refused.", "",
            "| value | default | what it is for |", "|---|---|---|",
        ]
        for value in all {
            let text = value.fallback.text
            let fallback = text.count > 60 ? "see values.yaml" : "`\(text)`"
            lines.append("| `\(value.path)` | \(fallback) | \(value.purpose) |")
        }
        return lines.map { $0 + "\n" }.joined()
    }

    private static func indent(_ depth: Int) -> String { String(repeating: "  ", count: depth) }

    private static func wrapped(_ text: String, width: Int) -> [String] {
        var lines: [String] = []
        for word in text.split(separator: " ") {
            if let last = lines.last, last.count + word.count < width {
                lines[lines.count - 1] += " " + word
            } else {
                lines.append(String(word))
            }
        }
        return lines
    }
}
