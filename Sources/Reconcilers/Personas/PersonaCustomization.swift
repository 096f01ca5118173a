import KubernetesCore

/// The customisation of a BMAD 6.11 agent: its TOML files, merged as BMAD merges them, by the
/// shape of what they hold and not by its name.
struct PersonaCustomization {
    /// Why there is none.
    struct Fault: Error, Hashable {
        let reason: String
    }

    /// Everything that the files say.
    private(set) var merged = JSONObject()

    /// The customised agent.
    var agent: JSONValue? { merged["agent"] }

    /// Merges one more file over what there is.
    mutating func merge(_ layer: JSONObject) throws(Fault) {
        merged = try PersonaCustomization.merge(layer, over: merged)
    }

    // Recurses no deeper than the files, whose depth the reader of TOML bounds.
    private static func merge(
        _ layer: JSONObject, over base: JSONObject
    ) throws(Fault) -> JSONObject {
        var result = base
        for (key, value) in layer {
            if let old = base[key] {
                result[key] = try merge(value, over: old)
            } else {
                result[key] = value
            }
        }
        return result
    }

    private static func merge(
        _ value: JSONValue, over base: JSONValue
    ) throws(Fault) -> JSONValue {
        switch (base, value) {
        case (.object(let base), .object(let value)):
            .object(try merge(value, over: base))
        case (.array(let base), .array(let value)):
            .array(try merge(value, over: base))
        default: value
        }
    }

    /// Tables that all have a `code`, or all an `id`, replace those of the same one; all else is
    /// appended.
    private static func merge(
        _ items: [JSONValue], over base: [JSONValue]
    ) throws(Fault) -> [JSONValue] {
        let all = base + items
        let field = ["code", "id"].first { field in
            !all.isEmpty && all.allSatisfy { $0[field] != nil }
        }
        guard let field else { return all }
        var result = base
        var places: [String: Int] = [:]
        for (index, item) in all.enumerated() {
            guard let name = item[field]?.string, !name.isEmpty else {
                throw Fault(reason: "a \(field) is not a text")
            }
            if index < base.count {
                places[name] = index
            } else if let place = places[name] {
                result[place] = item
            } else {
                places[name] = result.count
                result.append(item)
            }
        }
        return result
    }

    /// The text of `skill` with all of this behind it, for a language model: as JSON, which is how
    /// BMAD's own `resolve_customization.py` prints it. In JSON no line of a text begins a line, so
    /// that nothing in it ends the block.
    func text(behind skill: String, from layers: [PersonaLayer]) -> String {
        let files = layers.map { "`\($0.key)`" }.joined(separator: ", ")
        return """
            \(skill)\(skill.hasSuffix("\n") ? "" : "\n")
            ## Resolved customization

            What `resolve_customization.py` makes of \(files):

            ```json
            \(JSONValue.object(merged).prettyText)
            ```

            """
    }
}
