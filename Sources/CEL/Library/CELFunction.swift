/// A function: how it is called, what types it takes, what it does, what it costs.
struct CELFunction: Sendable {
    typealias Body = @Sendable ([CELValue], Evaluator) throws(CELError) -> CELValue
    /// The cost from the arguments (`nil` for one that failed) and the result.
    typealias Cost = @Sendable ([CELValue?], CELValue?) -> UInt64

    let name: String
    /// Whether the first argument is written before the name.
    let isMethod: Bool
    /// How many arguments, the receiver included; `nil` for any number.
    let count: Int?
    let signatures: [CELSignature]
    /// Whether Kubernetes does not have it.
    let isExtended: Bool
    let cost: Cost?
    let body: Body

    /// Functions of one name from texts such as `string.(int) -> string`; each style and number of
    /// arguments becomes a function of its own with the same body.
    static func define(
        _ name: String, _ signatures: [String], extended: Bool = false, cost: Cost? = nil,
        variadic: Bool = false, types: [String: CELType] = [:], _ body: @escaping Body
    ) -> [CELFunction] {
        let parsed = signatures.map { CELSignature($0, types) }
        var result: [CELFunction] = []
        for signature in parsed {
            let same = result.contains {
                $0.isMethod == signature.isMethod && $0.count == signature.parameters.count
            }
            if same { continue }
            let group = parsed.filter {
                $0.isMethod == signature.isMethod
                    && $0.parameters.count == signature.parameters.count
            }
            result.append(
                CELFunction(
                    name: name, isMethod: signature.isMethod,
                    count: signature.parameters.count, signatures: group, isExtended: extended,
                    cost: cost, body: body))
        }
        if variadic, let first = result.first {
            result.append(
                CELFunction(
                    name: name, isMethod: first.isMethod, count: nil, signatures: [],
                    isExtended: extended, cost: cost, body: body))
        }
        return result
    }

    /// The same at another cost.
    func costing(_ cost: @escaping Cost) -> CELFunction {
        CELFunction(
            name: name, isMethod: isMethod, count: count, signatures: signatures,
            isExtended: isExtended, cost: cost, body: body)
    }
}

/// What types a function takes and gives.
struct CELSignature: Sendable {
    let isMethod: Bool
    let parameters: [CELType]
    let result: CELType

    /// Reads `receiver.(a, b) -> r` or `(a, b) -> r`. The letters A to C stand for any type.
    /// `types` adds words to those that signatures know.
    init(_ text: String, _ types: [String: CELType] = [:]) {
        var reader = SignatureReader(text, types)
        isMethod = !text.hasPrefix("(")
        var parameters: [CELType] = isMethod ? [reader.type()] : []
        if isMethod { reader.skip(".") }
        reader.skip("(")
        while !reader.skip(")") {
            parameters.append(reader.type())
            reader.skip(",")
        }
        reader.skip("->")
        self.parameters = parameters
        result = reader.type()
    }

    init(isMethod: Bool, parameters: [CELType], result: CELType) {
        self.isMethod = isMethod
        self.parameters = parameters
        self.result = result
    }
}

/// Reads the types of signatures. Signatures are written in this module only; a fault in one is a
/// fault of ours.
struct SignatureReader {
    private var rest: Substring
    private let types: [String: CELType]

    init(_ text: String, _ types: [String: CELType] = [:]) {
        rest = text[...]
        self.types = types
    }

    @discardableResult
    mutating func skip(_ word: String) -> Bool {
        while rest.hasPrefix(" ") { rest.removeFirst() }
        guard rest.hasPrefix(word) else { return false }
        rest.removeFirst(word.count)
        while rest.hasPrefix(" ") { rest.removeFirst() }
        return true
    }

    private static let plain: [String: CELType] = [
        "dyn": .dyn, "any": .dyn, "null": .null, "null_type": .null, "bool": .bool, "int": .int,
        "uint": .uint, "double": .double, "string": .string, "bytes": .bytes,
        "timestamp": .timestamp, "duration": .duration, "type": .type, "A": .parameter(0),
        "B": .parameter(1), "C": .parameter(2), "ip": .opaque("net.IP"),
        "cidr": .opaque("net.CIDR"), "url": .opaque("kubernetes.URL"),
        "quantity": .opaque("kubernetes.Quantity"), "semver": .opaque("kubernetes.Semver"),
        "format": .opaque("kubernetes.NamedFormat"),
    ]

    mutating func type() -> CELType {
        skip("")
        let word = String(rest.prefix { $0.isLetter || $0.isNumber || $0 == "_" })
        rest.removeFirst(word.count)
        var parameters: [CELType] = []
        if Self.takesParameters.contains(word) {
            skip("(")
            while !rest.isEmpty, !skip(")") {
                parameters.append(type())
                skip(",")
            }
        }
        switch (word, parameters.count) {
        case ("list", 1): return .list(parameters[0])
        case ("map", 2): return .map(parameters[0], parameters[1])
        case ("optional", 1): return .optional(parameters[0])
        case ("typeof", 1): return .typeOf(parameters[0])
        default:
            guard let plain = types[word] ?? Self.plain[word] else {
                preconditionFailure("the signature names an unknown type: \(word)")
            }
            return plain
        }
    }

    private static let takesParameters: Set<String> = ["list", "map", "optional", "typeof"]
}
