import KubernetesCore
import Testing

@testable import CEL

struct CELLibraryTests {
    /// A scope that counts what it is asked.
    private final class Counting: CELScope {
        var asked: [String] = []

        func value(of name: String) throws(CELError) -> CELValue? {
            asked.append(name)
            return name == "x" ? .int(2) : nil
        }

        func call(_ function: String, _ arguments: [CELValue]) throws(CELError) -> CELValue {
            asked.append(function)
            guard case .int(let number)? = arguments.first else { throw .noOverload }
            return .int(number * 10)
        }
    }

    private static let environment: CELEnvironment = {
        var library = CELLibrary(types: ["thing": .opaque("test.Thing")])
        library.ask("ten", as: ["ten", "times.ten"], ["(int) -> int"], cost: 7)
        library.define(["thing"], ["(string) -> thing"]) { arguments throws(CELError) in
            guard case .string(let text)? = arguments.first else { throw .noOverload }
            return .opaque(.named("test.Thing", .string(text)))
        }
        library.define(["name"], ["thing.() -> string"]) { arguments throws(CELError) in
            guard case .opaque(.named(_, .string(let text)))? = arguments.first else {
                throw .noOverload
            }
            return .string(text)
        }
        let point = SchemaType.object("test.Point", ["x": .whole, "tags": .list(of: .text)])
        return CELEnvironment(
            variables: ["x": .int, "y": .int, "point": .object(point)], library: library)
    }()

    @Test func `a scope answers for variables and calls, and only what is reached is asked`() throws
    {
        let scope = Counting()
        let program = try CELProgram("x == 2 || ten(y) == 1", in: Self.environment)
        guard case .bool(true) = try program.run(in: scope).result.get() else {
            Issue.record("x must be 2")
            return
        }
        #expect(scope.asked == ["x"])
        let call = try CELProgram("times.ten(x)", in: Self.environment)
        let outcome = call.run(in: scope)
        guard case .int(20) = try outcome.result.get() else {
            Issue.record("ten times x must be 20")
            return
        }
        #expect(outcome.cost == 8)
        let unknown = try CELProgram("y", in: Self.environment).run(in: scope)
        #expect(throws: CELError.self) { try unknown.result.get() }
    }

    @Test(arguments: [
        ("thing('a').name() == 'a' && thing('a') == thing('a') && thing('a') != thing('b')", true),
        ("[thing('a')].exists(t, t.name() == 'a')", true), ("thing(1).name() == ''", false),
        ("thing('a').size() == 1", false), ("nothing('a')", false), ("point.x + 1 == 2", true),
        ("point.tags.all(t, t.startsWith('a'))", true), ("point.z == 1", false),
        ("point.tags == 1", false),
    ])
    func `the type checker knows what a library and a program declare`(
        _ source: String, _ isValid: Bool
    ) {
        let program = try? CELProgram(source, in: Self.environment)
        #expect((program != nil) == isValid)
    }

    @Test func `a function that asks fails where nobody can be asked`() throws {
        let program = try CELProgram("ten(1)", in: Self.environment)
        #expect(throws: CELError.self) { try program.evaluate().get() }
    }

    @Test func `a step limit of the caller's own holds`() throws {
        let program = try CELProgram("lists.range(1000).map(i, i).size() == 1000")
        let scope = Counting()
        #expect(throws: CELError.self) { try program.run(in: scope, stepsMax: 100).result.get() }
        let outcome = program.run(in: scope)
        guard case .bool(true) = try outcome.result.get() else {
            Issue.record("there must be 1000")
            return
        }
        #expect(outcome.steps > 100)
    }
}
