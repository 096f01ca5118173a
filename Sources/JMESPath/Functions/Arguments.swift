import KubernetesCore

/// The arguments of one call. Their kinds are checked before the function sees them, so that it
/// asks for what its parameters promise.
struct Arguments {
    enum Value {
        case value(JSONValue)
        case expression(Node)
    }

    let function: Function
    /// The first argument as a regular expression, where that was known beforehand.
    let pattern: Pattern?
    private var list: [Value] = []

    init(function: Function, pattern: Pattern?) {
        self.function = function
        self.pattern = pattern
    }

    mutating func append(_ value: Value) { list.append(value) }

    var count: Int { list.count }

    /// All arguments that are values.
    var values: [JSONValue] { list.indices.map(value) }

    func value(_ index: Int) -> JSONValue {
        guard list.indices.contains(index), case .value(let value) = list[index] else {
            return .null
        }
        return value
    }

    func text(_ index: Int) -> String { value(index).string ?? "" }

    func number(_ index: Int) -> Double { value(index).double ?? 0 }

    func array(_ index: Int) -> [JSONValue] { value(index).array ?? [] }

    func object(_ index: Int) -> JSONObject { value(index).object ?? JSONObject() }

    func expression(_ index: Int) -> Node {
        guard list.indices.contains(index), case .expression(let node) = list[index] else {
            return .current
        }
        return node
    }

    /// Refuses arguments of kinds that the function does not take.
    func check(_ run: inout Interpreter) throws(JMESPathError) {
        for index in list.indices {
            let wanted = function.parameters[min(index, function.parameters.count - 1)]
            switch list[index] {
            case .expression:
                if !wanted.contains(.expression) {
                    throw mismatch(index, wanted, "an expression")
                }
            case .value(let value): try check(value, index, wanted, &run)
            }
        }
    }

    private func check(
        _ value: JSONValue, _ index: Int, _ wanted: ValueKinds, _ run: inout Interpreter
    ) throws(JMESPathError) {
        let kind = ValueKinds.of(value)
        if wanted.contains(kind) { return }
        if case .array(let elements) = value {
            try run.spend(elements.count)
            let isAll = { (kind: ValueKinds) in elements.allSatisfy { ValueKinds.of($0) == kind } }
            if wanted.contains(.numbers), isAll(.number) { return }
            if wanted.contains(.strings), isAll(.string) { return }
            let other = elements.map { ValueKinds.of($0).text }
            throw mismatch(index, wanted, "an array with \(other.first ?? "nothing") first")
        }
        throw mismatch(index, wanted, kind.text)
    }

    private func mismatch(
        _ index: Int, _ wanted: ValueKinds, _ found: String
    ) -> JMESPathError {
        JMESPathError(
            .invalidType,
            "\(function.name)() takes \(wanted.text) as argument \(index + 1), not \(found)")
    }
}
