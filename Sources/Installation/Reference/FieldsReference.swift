import KubernetesCore
import SwiftletAPI

/// The page of the reference about the fields of our kinds, from their schemas.
enum FieldsReference {
    static var page: String {
        var lines = [
            "# Fields", "",
            "Written by `swiftlet generate` from the schemas in [crds/](../../crds). "
                + "`kubectl explain bap.spec --recursive` says the same",
            "about the cluster that you talk to.",
        ]
        for definition in CustomResourceDefinitions.all {
            let names = definition[path: ["spec", "names"]]
            let kind = names?["kind"]?.string ?? ""
            let short = names?["shortNames"]?[0]?.string ?? ""
            let version = definition[path: ["spec", "versions"]]?[0]
            let schema = version?[path: ["schema", "openAPIV3Schema"]]
            lines += ["", "## \(kind) (`\(short)`)"]
            for part in ["spec", "status"] {
                lines += ["", "| field | type | default | what it is for |", "|---|---|---|---|"]
                lines += rows(schema?[path: ["properties", part]] ?? .null, part)
            }
        }
        return lines.map { $0 + "\n" }.joined()
    }

    /// A row for each field below `place`; pod templates are left to Kubernetes.
    private static func rows(_ schema: JSONValue, _ place: String) -> [String] {
        var result: [String] = []
        for (name, field) in schema["properties"]?.object ?? [:] {
            let isList = field["type"]?.string == "array"
            let path = "\(place).\(name)" + (isList ? "[]" : "")
            let isOpen = field["x-kubernetes-preserve-unknown-fields"]?.bool == true
            result.append(
                "| `\(path)` | \(type(of: field)) | \(fallback(of: field)) | \(cell(field)) |")
            if isOpen { continue }
            result += rows(isList ? field["items"] ?? .null : field, path)
        }
        return result
    }

    private static func type(of field: JSONValue) -> String {
        if let words = field["enum"]?.array {
            return words.compactMap(\.string).map { "`\($0)`" }.joined(separator: ", ")
        }
        var text = field["type"]?.string ?? "any"
        if let items = field["items"]?["type"]?.string { text = "list of \(items)" }
        if let format = field["format"]?.string, format != "int32", format != "int64" {
            text = format
        }
        let bounds = [field["minimum"], field["maximum"]].compactMap { $0?.text }
        return bounds.count == 2 ? "\(text), \(bounds[0])–\(bounds[1])" : text
    }

    private static func fallback(of field: JSONValue) -> String {
        guard let value = field["default"], value.object == nil else { return "" }
        return "`\(value.text)`"
    }

    private static func cell(_ field: JSONValue) -> String {
        (field["description"]?.string ?? "").split(separator: "\n").joined(separator: " ")
            .split(separator: "|", omittingEmptySubsequences: false).joined(separator: "\\|")
    }
}
