import KubernetesCore
import Testing

@testable import CEL

/// Values that hold the same value again and again: small in memory, endless to look at.
struct SharedValueTests {
    /// A list in which there are 2^40 ones.
    private static let endless =
        "[[1]]" + String(repeating: ".map(a, [a, a])", count: 40)

    @Test(arguments: [
        "x == y", "x != y", "x in [y]", "[x].indexOf(y) == 0", "[x, y].distinct().size() == 1",
        "sets.contains([x], [y])", "'%s'.format([x]) == ''", "x.flatten(100).size() == 0",
        "[x].sum() == 0", "{'a': x} == {'a': y}", "[{'a': x}] == [{'a': y}]",
    ])
    func `looking at all of it ends with the cost limit`(_ expression: String) throws {
        let environment = CELEnvironment(variables: ["x": .dyn, "y": .dyn])
        let value = try CELProgram(Self.endless, checks: false).evaluate().get()
        let program = try CELProgram(expression, in: environment, checks: false)
        let activation = CELActivation(["x": value, "y": value])
        // Fewer steps than an evaluation may have, so that the test is quick.
        let outcome = program.run(activation, limit: CELProgram.perCallLimit, stepsMax: 20_000)
        #expect(throws: CELError.self) { try outcome.result.get() }
    }

    @Test func `it is not written as JSON`() throws {
        let value = try CELProgram(Self.endless, checks: false).evaluate().get()
        #expect(throws: CELError.self) { try value.json() }
        #expect(throws: CELError.self) { try TaggedValue.write(value) }
        let answer = CELLine.evaluate(["expr": .string(Self.endless)])
        #expect(answer["error"] != nil)
    }

    @Test func `a type that doubles with every level does not take forever to check`() throws {
        var source = "size(x60) > 0"
        for level in (1...60).reversed() {
            let previous = "x\(level - 1)"
            source = "cel.bind(x\(level), {\(previous): \(previous)}, \(source))"
        }
        let program = try CELProgram(
            "cel.bind(x0, [1], \(source))", in: CELEnvironment(features: .all))
        #expect(throws: CELError.self) { try program.evaluate().get() }
    }

    @Test func `a list of empty lists is as endless`() throws {
        let empty = "[[]]" + String(repeating: ".map(a, [a, a])", count: 40) + ".flatten(100)"
        let program = try CELProgram(empty, checks: false)
        let outcome = program.run(CELActivation(), limit: .max, stepsMax: 20_000)
        #expect(throws: CELError.self) { try outcome.result.get() }
    }
}
