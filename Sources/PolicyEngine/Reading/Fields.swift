import KubernetesCore

/// The members of one object of a policy while it is read.
///
/// Every member must be one that the reader knows: a field that is misspelt would otherwise be a
/// rule that does not hold. A member that is `null` counts as absent, as everywhere in Kubernetes.
struct Fields {
    let members: JSONObject
    /// Where the object stands in the document, as in `spec.rules[0].validate`.
    let path: String
    let place: PolicyPlace

    /// The members of `value`, which stands at `path`.
    init(
        _ value: JSONValue, at path: String, in place: PolicyPlace, known: Set<String>
    ) throws(PolicyProblem) {
        guard let members = value.object else {
            throw place.problem(path, "must be an object, not \(value.typeName)")
        }
        self.members = members
        self.path = path
        self.place = place
        for key in members.keys where !known.contains(key) {
            let words = known.sorted().joined(separator: ", ")
            throw place.problem(child(key), "is no field of Kyverno's; known here are: \(words)")
        }
    }

    /// The path of the member `key`.
    func child(_ key: String) -> String { path.isEmpty ? key : "\(path).\(key)" }

    /// The value of `key`, where there is one.
    func value(_ key: String) -> JSONValue? {
        guard let value = members[key], !value.isNull else { return nil }
        return value
    }

    /// Whether `key` has a value.
    func has(_ key: String) -> Bool { value(key) != nil }

    /// A refusal of the member `key`.
    func problem(_ key: String, _ reason: String) -> PolicyProblem {
        place.problem(child(key), reason)
    }

    /// The one of `keys` that has a value, and the value: there must be exactly one.
    func exactlyOne(
        of keys: [String]
    ) throws(PolicyProblem) -> (key: String, value: JSONValue) {
        let given = keys.filter(has)
        guard given.count == 1, let key = given.first, let value = value(key) else {
            throw place.problem(
                path, "must have exactly one of: " + keys.joined(separator: ", "))
        }
        return (key, value)
    }

    /// The text of `key`, where there is one.
    func string(_ key: String) throws(PolicyProblem) -> String? {
        guard let value = value(key) else { return nil }
        guard let text = value.string else { throw mismatch(key, value, "a string") }
        return text
    }

    /// The text of `key`, which must not be missing or empty.
    func requiredString(_ key: String) throws(PolicyProblem) -> String {
        guard let text = try string(key), !text.isEmpty else {
            throw problem(key, "must be given")
        }
        return text
    }

    /// The truth value of `key`, where there is one.
    func bool(_ key: String) throws(PolicyProblem) -> Bool? {
        guard let value = value(key) else { return nil }
        guard let flag = value.bool else { throw mismatch(key, value, "true or false") }
        return flag
    }

    /// The elements of `key`; none where it is absent.
    func list(_ key: String) throws(PolicyProblem) -> [JSONValue] {
        guard let value = value(key) else { return [] }
        guard let elements = value.array else { throw mismatch(key, value, "a list") }
        return elements
    }

    /// The texts of the list `key`; none where it is absent.
    func strings(_ key: String) throws(PolicyProblem) -> [String] {
        var texts: [String] = []
        for (index, element) in try list(key).enumerated() {
            guard let text = element.string else {
                throw place.problem(
                    "\(child(key))[\(index)]", "must be a string, not \(element.typeName)")
            }
            texts.append(text)
        }
        return texts
    }

    /// The texts of the object `key`, ascending by their keys; none where it is absent.
    func stringMap(_ key: String) throws(PolicyProblem) -> [(String, String)] {
        guard let value = value(key) else { return [] }
        guard let members = value.object else { throw mismatch(key, value, "an object") }
        var texts: [(String, String)] = []
        for (name, element) in members {
            guard let text = element.string else {
                throw place.problem(
                    "\(child(key)).\(name)", "must be a string, not \(element.typeName)")
            }
            texts.append((name, text))
        }
        return texts
    }

    /// The members of the object `key`, where there is one.
    func fields(_ key: String, known: Set<String>) throws(PolicyProblem) -> Fields? {
        guard let value = value(key) else { return nil }
        return try Fields(value, at: child(key), in: place, known: known)
    }

    /// The word of `key`, which must be one of `words`.
    func word<Word: RawRepresentable<String> & CaseIterable>(
        _ key: String, _: Word.Type
    ) throws(PolicyProblem) -> Word? {
        guard let text = try string(key), !text.isEmpty else { return nil }
        guard let word = Word(rawValue: text) else {
            let words = Word.allCases.map(\.rawValue).joined(separator: ", ")
            throw problem(key, "\"\(text)\" is none of: \(words)")
        }
        return word
    }

    private func mismatch(_ key: String, _ value: JSONValue, _ wanted: String) -> PolicyProblem {
        problem(key, "must be \(wanted), not \(value.typeName)")
    }
}
