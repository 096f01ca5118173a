import KubernetesCore

/// What policies made of expressions have besides.
extension Fields {
    /// The objects of the list `key`, each of which may have only the members `known`.
    func objects(_ key: String, known: Set<String>) throws(PolicyProblem) -> [Fields] {
        var result: [Fields] = []
        for (index, element) in try list(key).enumerated() {
            result.append(
                try Fields(element, at: "\(child(key))[\(index)]", in: place, known: known))
        }
        return result
    }

    /// The text of `key`, which must hold more than blanks.
    func filledString(_ key: String) throws(PolicyProblem) -> String {
        let text = try string(key) ?? ""
        guard text.contains(where: { !$0.isWhitespace }) else {
            throw problem(key, "must be given")
        }
        return text
    }

    /// The texts of the list `key`, of which there must be one.
    func filledStrings(_ key: String) throws(PolicyProblem) -> [String] {
        let texts = try strings(key)
        guard !texts.isEmpty else { throw problem(key, "must list at least one value") }
        return texts
    }

    /// The text of `key`, which must be one of `choices`; `nil` where it is absent or empty.
    func choice(_ key: String, of choices: [String]) throws(PolicyProblem) -> String? {
        guard let text = try string(key), !text.isEmpty else { return nil }
        guard choices.contains(text) else {
            throw problem(key, "\"\(text)\" is none of: \(choices.joined(separator: ", "))")
        }
        return text
    }

    /// The label selector `key`; `nil` where it is absent or selects everything.
    func selector(_ key: String) throws(PolicyProblem) -> LabelSelector? {
        guard try fields(key, known: ["matchLabels", "matchExpressions"]) != nil,
            let value = value(key)
        else { return nil }
        do throws(SelectorError) {
            let selector = try LabelSelector(reading: value)
            return selector.isEverything ? nil : selector
        } catch {
            throw problem(key, "\(error)")
        }
    }
}
