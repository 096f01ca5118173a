import KubernetesCore

/// JSON for people: a member a line.
enum PrettyJSON {
    static func text(of value: JSONValue, indent: Int = 0) -> String {
        let pad = String(repeating: "  ", count: indent + 1)
        let end = String(repeating: "  ", count: indent)
        switch value {
        case .object(let members) where !members.isEmpty:
            let lines = members.map { key, value in
                "\(pad)\(JSONValue.string(key).text): \(text(of: value, indent: indent + 1))"
            }
            return "{\n" + lines.joined(separator: ",\n") + "\n\(end)}"
        case .array(let elements)
        where elements.contains { !($0.array ?? []).isEmpty || $0.object != nil }:
            let lines = elements.map { pad + text(of: $0, indent: indent + 1) }
            return "[\n" + lines.joined(separator: ",\n") + "\n\(end)]"
        default: return value.text
        }
    }
}
