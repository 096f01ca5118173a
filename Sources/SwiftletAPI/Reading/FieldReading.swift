import KubernetesCore

/// How specs are read: what is absent gets its default; a value of another JSON type throws with
/// its path; a number or word outside its bounds, which the schema refuses and only a hand-made or
/// older object can have, is held inside them and noted as a fault.
extension Optional where Wrapped == JSONNode {
    subscript(_ key: StaticString) -> JSONNode? { flatMap { $0[key] } }

    func integer(
        _ key: StaticString, _ fallback: Int, in range: ClosedRange<Int>,
        _ faults: inout [ValidationFault]
    ) throws(JSONError) -> Int {
        try optionalInteger(key, in: range, &faults) ?? fallback
    }

    func optionalInteger(
        _ key: StaticString, in range: ClosedRange<Int>, _ faults: inout [ValidationFault]
    ) throws(JSONError) -> Int? {
        guard let node = self[key] else { return nil }
        let number = try node.integer()
        guard !range.contains(number) else { return number }
        faults.append(
            ValidationFault(
                field: node.path,
                message:
                    "\(number) is outside \(range.lowerBound) to \(range.upperBound)"))
        return Swift.min(Swift.max(number, range.lowerBound), range.upperBound)
    }

    func number(
        _ key: StaticString, _ fallback: Double, in range: ClosedRange<Double>,
        _ faults: inout [ValidationFault]
    ) throws(JSONError) -> Double {
        guard let node = self[key] else { return fallback }
        let number = try node.double()
        guard !range.contains(number) else { return number }
        faults.append(
            ValidationFault(
                field: node.path,
                message:
                    "\(number) is outside \(range.lowerBound) to \(range.upperBound)"))
        return number.isNaN
            ? fallback : Swift.min(Swift.max(number, range.lowerBound), range.upperBound)
    }

    func word<Word: RawRepresentable & CaseIterable>(
        _ key: StaticString, _ fallback: Word, _ faults: inout [ValidationFault]
    ) throws(JSONError) -> Word where Word.RawValue == String {
        guard let node = self[key] else { return fallback }
        let text = try node.string()
        if let word = Word(rawValue: text) { return word }
        let known = Word.allCases.map(\.rawValue).joined(separator: ", ")
        faults.append(
            ValidationFault(field: node.path, message: "\"\(text.prefix(64))\" is none of \(known)")
        )
        return fallback
    }

    func flag(_ key: StaticString, _ fallback: Bool) throws(JSONError) -> Bool {
        try self[key]?.bool() ?? fallback
    }

    func text(_ key: StaticString) throws(JSONError) -> String? { try self[key]?.string() }

    func texts(_ key: StaticString) throws(JSONError) -> [String] {
        try self[key]?.strings() ?? []
    }

    func time(_ key: StaticString) throws(JSONError) -> Timestamp? { try self[key]?.timestamp() }

    /// The elements of a list that may be absent; something else than a list throws.
    func list(_ key: StaticString) throws(JSONError) -> [JSONNode] {
        guard let node = self[key] else { return [] }
        guard node.isArray else { throw node.mismatch("an array") }
        return node.elements
    }

    /// The member as a nested object; something else than an object throws.
    func nested(_ key: StaticString) throws(JSONError) -> JSONNode? {
        guard let node = self[key] else { return nil }
        guard node.isObject else { throw node.mismatch("an object") }
        return node
    }

    /// A map of quantities: strings, or numbers as people write them.
    func quantities(_ key: StaticString) throws(JSONError) -> [String: String] {
        guard let node = try nested(key) else { return [:] }
        var result: [String: String] = [:]
        for (name, value) in node.members {
            switch value.value() {
            case .string(let text): result[name] = text
            case .integer(let number): result[name] = String(number)
            case .double(let number): result[name] = JSONValue.double(number).text
            default: throw value.mismatch("a quantity such as 500m or 2Gi")
            }
        }
        return result
    }
}
