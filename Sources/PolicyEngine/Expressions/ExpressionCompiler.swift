import CEL
import KubernetesCore

/// Compiles the expressions of one policy.
///
/// Everything is compiled when the policy is loaded: a fault of types is found there, not when the
/// first object is judged.
struct ExpressionCompiler {
    /// The most expressions of one policy.
    static let expressionsMax = 1_000
    /// The most match conditions, as in Kubernetes.
    static let conditionsMax = 64
    /// How many levels of expressions may be evaluated inside each other where variables use
    /// variables: what an evaluation takes of the stack.
    static let depthMax = 600

    let dialect: ExpressionDialect
    var result: ExpressionSet
    private var count = 0
    private var environments: [ExpressionDialect.Part: CELEnvironment] = [:]
    /// How deep the evaluation of each variable goes, those that it uses included.
    private var depths: [String: Int] = [:]

    init(_ dialect: ExpressionDialect) {
        self.dialect = dialect
        result = ExpressionSet(dialect: dialect)
        for part in ExpressionDialect.Part.allCases {
            environments[part] = dialect.environment(for: part)
        }
    }

    /// Compiles the conditions `key`.
    mutating func conditions(
        _ key: String, of fields: Fields
    ) throws(PolicyProblem) -> [ExpressionSet.Condition] {
        let elements = try fields.objects(key, known: ["name", "expression"])
        guard elements.count <= Self.conditionsMax else {
            throw fields.problem(
                key, "has \(elements.count) conditions; at most \(Self.conditionsMax) are allowed")
        }
        var names: Set<String> = []
        var conditions: [ExpressionSet.Condition] = []
        for element in elements {
            let name = try element.filledString("name")
            guard names.insert(name).inserted else {
                throw element.problem("name", "\"\(name)\" is used twice")
            }
            let program = try program("expression", of: element, .matchCondition, [.bool])
            conditions.append(ExpressionSet.Condition(name: name, program: program))
        }
        return conditions
    }

    /// Compiles the variables `key`; each can use those before it.
    mutating func variables(_ key: String, of fields: Fields) throws(PolicyProblem) {
        for element in try fields.objects(key, known: ["name", "expression"]) {
            let name = try element.filledString("name")
            guard Self.isIdentifier(name) else {
                throw element.problem("name", "\"\(name)\" is no name that an expression can use")
            }
            let whole = "variables." + name
            guard result.places[whole] == nil else {
                throw element.problem("name", "\"\(name)\" is used twice")
            }
            let program = try program("expression", of: element, .expression, nil)
            depths[whole] = depth(of: program)
            result.places[whole] = result.variables.count
            result.variables.append(ExpressionSet.Variable(name: name, program: program))
            declare(whole, program.resultType)
        }
    }

    /// Makes a variable known to what follows, and `variables` as one object of all of them to the
    /// few expressions that ask whether there is one.
    private mutating func declare(_ name: String, _ type: CELType) {
        let all = SchemaType.object(
            "variables",
            Dictionary(
                result.variables.map { ($0.name, SchemaType.anything) },
                uniquingKeysWith: { first, _ in first }))
        for part in ExpressionDialect.Part.allCases where part != .matchCondition {
            environments[part]?.variables[name] = type
            environments[part]?.variables["variables"] = .object(all)
        }
    }

    /// Compiles the validations `key`; `message` stands for those without one.
    mutating func validations(
        _ key: String, of fields: Fields, message: String = ""
    ) throws(PolicyProblem) {
        let known: Set<String> = [
            "expression", "message", "messageExpression", "reason", "identifier",
        ]
        let reasons = ["Unauthorized", "Forbidden", "Invalid", "RequestEntityTooLarge"]
        for (index, element) in try fields.objects(key, known: known).enumerated() {
            _ = try element.choice("reason", of: reasons)
            _ = try element.string("identifier")
            let own = try element.string("message") ?? ""
            var messageProgram: CELProgram?
            if let text = try element.string("messageExpression"), !text.isEmpty {
                messageProgram = try program(
                    "messageExpression", of: element, .messageExpression, [.string])
            }
            result.validations.append(
                ExpressionSet.Validation(
                    program: try program("expression", of: element, .expression, [.bool]),
                    message: own.isEmpty ? message : own, messageProgram: messageProgram,
                    place: "\(key)[\(index)]"))
        }
    }

    /// Compiles the audit annotations `key`.
    mutating func annotations(_ key: String, of fields: Fields) throws(PolicyProblem) {
        var keys: Set<String> = []
        for element in try fields.objects(key, known: ["key", "valueExpression"]) {
            let name = try element.filledString("key")
            guard keys.insert(name).inserted else {
                throw element.problem("key", "\"\(name)\" is used twice")
            }
            let program = try program(
                "valueExpression", of: element, .expression, [.string, .null])
            result.annotations.append(ExpressionSet.Annotation(key: name, program: program))
        }
    }

    // MARK: One expression

    private mutating func program(
        _ key: String, of fields: Fields, _ part: ExpressionDialect.Part, _ expected: [CELType]?
    ) throws(PolicyProblem) -> CELProgram {
        let source = try fields.filledString(key)
        count += 1
        guard count <= Self.expressionsMax else {
            throw fields.problem(key, "a policy has at most \(Self.expressionsMax) expressions")
        }
        let program: CELProgram
        do throws(CELError) {
            program = try CELProgram(
                source, in: environments[part] ?? dialect.environment(for: part))
        } catch {
            throw fields.problem(key, "compilation failed: " + Self.summary(error.message))
        }
        if let expected, !expected.contains(program.resultType) {
            let names = expected.map(\.name).joined(separator: " or ")
            throw fields.problem(
                key, "must evaluate to \(names), not \(program.resultType)")
        }
        guard depth(of: program) <= Self.depthMax else {
            throw fields.problem(
                key,
                "its variables use each other more than \(Self.depthMax) levels deep; "
                    + "simplify them")
        }
        return program
    }

    private func depth(of program: CELProgram) -> Int {
        let used: Int
        if program.variables.contains("variables") {
            used = depths.values.max() ?? 0
        } else {
            used = program.variables.compactMap { depths[$0] }.max() ?? 0
        }
        return program.depth + used
    }

    /// The faults in one line: the frames that CEL draws around them do not fit into one.
    static func summary(_ message: String) -> String {
        let mark = "ERROR: <input>:"
        let faults = message.split(separator: "\n").filter { $0.hasPrefix(mark) }
        guard !faults.isEmpty else { return message.split(separator: "\n").joined(separator: " ") }
        return faults.map { String($0.dropFirst(mark.count)) }.joined(separator: "; ")
    }

    private static func isIdentifier(_ name: String) -> Bool {
        let bytes = Array(name.utf8)
        guard let first = bytes.first, bytes.count <= 253 else { return false }
        let isLetter = { (byte: UInt8) in
            (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(byte)
                || (UInt8(ascii: "A")...UInt8(ascii: "Z")).contains(byte)
                || byte == UInt8(ascii: "_")
        }
        return isLetter(first)
            && bytes.allSatisfy {
                isLetter($0) || (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0)
            }
    }
}
