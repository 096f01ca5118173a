import KubernetesCore

extension JSONNode {
    /// This whole number, which must lie in `range`.
    func integer(in range: ClosedRange<Int>) throws(JSONError) -> Int {
        let number = try integer()
        guard range.contains(number) else {
            throw JSONError(
                .mismatch, at: path,
                "must be between \(range.lowerBound) and \(range.upperBound), is \(number)")
        }
        return number
    }

    /// This string, which must have at most `bytes` bytes.
    func string(atMost bytes: Int) throws(JSONError) -> String {
        let text = try string()
        guard text.utf8.count <= bytes else {
            throw JSONError(
                .overLimit, at: path, "has \(text.utf8.count) bytes, more than the \(bytes) allowed"
            )
        }
        return text
    }

    /// This array of at most `count` elements, each read by `read`.
    func list<Element>(
        atMost count: Int, _ read: (JSONNode) throws(JSONError) -> Element
    ) throws(JSONError) -> [Element] {
        guard isArray else { throw mismatch("an array") }
        guard self.count <= count else {
            throw JSONError(
                .overLimit, at: path, "has \(self.count) elements, more than the \(count) allowed")
        }
        var result: [Element] = []
        for element in elements { result.append(try read(element)) }
        return result
    }

    /// This text as one of the cases of `Value`.
    func choice<Value: RawRepresentable & CaseIterable>(
        _: Value.Type
    ) throws(JSONError) -> Value where Value.RawValue == String {
        let text = try string()
        guard let value = Value(rawValue: text) else {
            let names = Value.allCases.map(\.rawValue).joined(separator: ", ")
            throw JSONError(.mismatch, at: path, "expected one of \(names)")
        }
        return value
    }

    /// This value as a tree, which must have at most `bytes` bytes as compact JSON.
    func value(atMost bytes: Int) throws(JSONError) -> JSONValue {
        let tree = value()
        let size = tree.encoded().count
        guard size <= bytes else {
            throw JSONError(
                .overLimit, at: path, "has \(size) bytes, more than the \(bytes) allowed")
        }
        return tree
    }
}
