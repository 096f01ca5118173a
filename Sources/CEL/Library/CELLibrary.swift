/// Functions that an environment has besides those of the language.
///
/// A function is written once, with all the types that it takes; the type checker and the
/// evaluation find it there. It is our own code: a signature that cannot be read is a fault of
/// ours.
public struct CELLibrary: Sendable {
    /// What a function does with its arguments, the receiver first.
    public typealias Body = @Sendable ([CELValue]) throws(CELError) -> CELValue

    private let types: [String: CELType]
    private var functions: [FunctionTable.Key: CELFunction] = [:]
    private var byName: [String: [CELFunction]] = [:]

    /// An empty library whose signatures can use these words for types.
    public init(types: [String: CELType] = [:]) { self.types = types }

    /// Adds a function of these signatures, written as `string.(int) -> string` or
    /// `(string, list(A)) -> map(string, dyn)`. A call costs 1 and a tenth of the sizes of its
    /// texts.
    public mutating func define(
        _ names: [String], _ signatures: [String], _ body: @escaping Body
    ) {
        add(names, signatures) { arguments, e throws(CELError) in
            try Self.weigh(arguments, e)
            return try body(arguments)
        }
    }

    /// Adds a function whose calls the scope of the evaluation answers: `question` is what it is
    /// asked, `cost` what each call costs.
    public mutating func ask(
        _ question: String, as names: [String], _ signatures: [String], cost: UInt64 = 1
    ) {
        add(names, signatures, cost: { _, _ in cost }) { arguments, e throws(CELError) in
            guard let scope = e.scope else {
                throw CELError("\(question) cannot be called here")
            }
            return try scope.call(question, arguments)
        }
    }

    /// Counts what is in lists and maps as work, for our functions look at all of it.
    private static func weigh(_ arguments: [CELValue], _ e: Evaluator) throws(CELError) {
        for argument in arguments {
            switch argument {
            case .list, .map: try e.spend(argument.weight(atMost: CELValue.weightMax))
            default: continue
            }
        }
    }

    private mutating func add(
        _ names: [String], _ signatures: [String], cost: CELFunction.Cost? = nil,
        _ body: @escaping CELFunction.Body
    ) {
        for name in names {
            let made = CELFunction.define(
                name, signatures, cost: cost ?? Self.reading, types: types, body)
            for function in made {
                let key = FunctionTable.Key(
                    name: name, isMethod: function.isMethod, count: function.count ?? -1)
                functions[key] = function
                byName[name, default: []].append(function)
            }
        }
    }

    private static let reading: CELFunction.Cost = { arguments, _ in
        var cost: UInt64 = 1
        for case .some(.string(let text)) in arguments {
            cost &+= CostModel.scaled(UInt64(text.utf8.count), 0.1)
        }
        return cost
    }

    func function(_ name: String, isMethod: Bool, count: Int) -> CELFunction? {
        functions[FunctionTable.Key(name: name, isMethod: isMethod, count: count)]
    }

    func hasFunction(_ name: String, isMethod: Bool?) -> Bool {
        (byName[name] ?? []).contains { isMethod == nil || $0.isMethod == isMethod }
    }

    func signatures(_ name: String, isMethod: Bool) -> [CELSignature] {
        (byName[name] ?? []).filter { $0.isMethod == isMethod }.flatMap(\.signatures)
    }
}
