import ArgumentParser
import FoundationEssentials
import JMESPath
import KubernetesCore
import YAMLReading

/// `swiftlet eval jmespath`: `{"expression": "a.b", "given": {…}}` a line.
struct EvalJMESPathCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "jmespath",
        abstract: "Evaluate JMESPath: {\"expression\": \"a.b\", \"given\": {…}} a line.",
        discussion: """
            An error has the name that the specification gives it (syntax, invalid-type, \
            invalid-value, unknown-function, invalid-arity), or not-found or limit, and a message. \
            A request may name its own "dialect".
            """)

    @Option(
        help: "Whose JMESPath a request means that does not say: standard or kyverno.",
        transform: Self.dialect)
    var dialect = JMESPathDialect.standard
    @Option(help: "The time that time_now() gives, as 2026-03-01T09:30:00Z; now where not given.")
    var now: String?
    @Option(help: "The seed of random().") var seed: UInt64 = 0

    private static func dialect(_ name: String) throws -> JMESPathDialect {
        guard let dialect = JMESPathDialect(rawValue: name) else {
            throw ValidationError("\(name) is not standard or kyverno.")
        }
        return dialect
    }

    func validate() throws {
        if let now, Timestamp(now) == nil {
            throw ValidationError("--now \(now) is no time such as 2026-03-01T09:30:00Z.")
        }
    }

    func run() throws {
        let clock = Timestamp(seconds: Int64(Date().timeIntervalSince1970))
        let environment = JMESPathEnvironment(
            now: now.flatMap { Timestamp($0) } ?? clock, seed: seed, parseYAML: Self.parseYAML)
        try LineFilter { line in answer(line, environment) }.run()
    }

    private func answer(_ line: [UInt8], _ environment: JMESPathEnvironment) -> JSONValue {
        let request: JSONValue
        do throws(JSONError) {
            request = try JSONValue(parsing: line, limits: LineFilter.limits)
        } catch {
            return Self.answer(JMESPathError(.syntax, "the line is no JSON: \(error.description)"))
        }
        do throws(JMESPathError) {
            guard let source = request["expression"]?.string else {
                throw JMESPathError(.syntax, "the request has no text as its expression")
            }
            var dialect = dialect
            if let name = request["dialect"] {
                guard let own = name.string.flatMap(JMESPathDialect.init(rawValue:)) else {
                    throw JMESPathError(.syntax, "the request's dialect is not standard or kyverno")
                }
                dialect = own
            }
            let expression = try JMESPathExpression(source, dialect: dialect)
            return ["result": try expression.search(request["given"] ?? .null, environment)]
        } catch {
            return Self.answer(error)
        }
    }

    private static func answer(_ error: JMESPathError) -> JSONValue {
        ["error": .string(error.code.rawValue), "message": .string(error.message)]
    }

    /// The first document of a YAML text.
    private static func parseYAML(_ text: String) throws(JMESPathError) -> JSONValue {
        var limits = YAMLText.Limits()
        limits.valuesMax = 100_000
        do throws(YAMLError) {
            return try YAMLText.read(text, limits: limits).first ?? .null
        } catch {
            throw JMESPathError(.invalidValue, "parse_yaml(): \(error)")
        }
    }
}
