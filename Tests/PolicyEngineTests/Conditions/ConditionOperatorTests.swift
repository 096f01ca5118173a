import KubernetesCore
import Testing

@testable import PolicyEngine

/// The operators of conditions with their rules about types.
struct ConditionOperatorTests {
    struct Row: Sendable, CustomTestStringConvertible {
        let key: JSONValue
        let operation: ConditionOperator
        let value: JSONValue
        let holds: Bool

        init(_ key: JSONValue, _ operation: ConditionOperator, _ value: JSONValue, _ holds: Bool) {
            self.key = key
            self.operation = operation
            self.value = value
            self.holds = holds
        }

        var testDescription: String { "\(key.text) \(operation.rawValue) \(value.text)" }
    }

    static let equality: [Row] = [
        Row(true, .equals, true, true), Row(true, .equals, "true", false),
        Row(true, .notEquals, "true", true), Row(5, .equals, 5.0, true),
        Row(5, .equals, "5.0", true), Row(5, .equals, "five", false),
        Row(5, .notEquals, "five", true), Row("a", .equals, "a", true),
        Row("abc", .equals, "a*", true), Row("a*", .equals, "abc", false),
        Row("abc", .notEquals, "a*", false), Row("a", .equals, 1, false),
        Row("a", .notEquals, 1, true), Row("", .equals, "", true), Row("", .equals, "*", true),
        Row(.null, .equals, .null, false), Row(.null, .notEquals, "x", false),
        Row("1Ki", .equals, "1024", true), Row("1Ki", .equals, "?*", false),
        Row("1Ki", .notEquals, "?*", true), Row("1Ki", .notEquals, "", true),
        Row("1h", .equals, "60m", true), Row("1h", .equals, 3600, true),
        Row("1h", .equals, "x", false), Row("60", .equals, "1m", false),
        Row("0", .equals, 0, false), Row([1, "a"], .equals, [1.0, "a"], true),
        Row([1], .equals, 1, false), Row([1], .notEquals, 1, true),
        Row(["a": 1], .equals, ["a": 1], true), Row(["a": 1], .notEquals, ["a": 2], true),
        Row("a", .equal, "a", true), Row("a", .notEqual, "a", false),
    ]

    static let membership: [Row] = [
        Row("a", .anyIn, ["a", "b"], true), Row("a", .anyIn, ["A"], false),
        Row("abc", .anyIn, ["a*"], true), Row("a*", .anyIn, ["abc"], true),
        Row(5, .anyIn, ["5"], true), Row(true, .anyIn, [true], true),
        Row("a", .anyIn, "a*", true), Row("a*", .anyIn, "abc", false),
        Row("b", .anyIn, #"["a","b"]"#, true), Row("b", .anyIn, #"["*"]"#, false),
        Row("b", .anyNotIn, #"{"a":1}"#, false), Row("b", .anyNotIn, "c", true),
        Row(5, .anyIn, "1-10", true), Row(15, .anyIn, "1-10", false),
        Row(15, .anyNotIn, "1-10", true), Row("a", .anyIn, 5, false),
        Row("a", .anyNotIn, 5, false), Row(.null, .anyIn, ["a"], false),
        Row(.null, .anyNotIn, ["a"], false), Row(["a": 1], .allNotIn, ["a"], false),
        Row("a", .allIn, ["a"], true), Row("c", .allNotIn, ["a"], true),
        Row(["a", "c"], .anyIn, ["a", "b"], true), Row(["c"], .anyIn, ["a", "b"], false),
        Row(["a", "b"], .allIn, ["a", "b", "c"], true), Row(["a", "d"], .allIn, ["a"], false),
        Row(["a", "d"], .anyNotIn, ["a"], true), Row(["a"], .anyNotIn, ["a"], false),
        Row(["c", "d"], .allNotIn, ["a"], true), Row(["a", "d"], .allNotIn, ["a"], false),
        Row(["a1", "b"], .allIn, ["a*", "b"], true), Row([1, 2], .anyIn, [2], true),
        Row([], .anyIn, ["a"], false), Row([], .allIn, ["a"], true),
        Row([], .anyNotIn, ["a"], false), Row([], .allNotIn, ["a"], true),
        Row(["a"], .anyIn, "a", true), Row(["a"], .anyNotIn, "a", false),
        Row(["a"], .allNotIn, "a", false), Row(["a", "b"], .anyIn, #"["b"]"#, true),
        Row(["a", "b"], .anyIn, "b", true), Row(["5"], .anyIn, 5, true),
        Row(["5"], .allIn, 5, false), Row(["6"], .anyNotIn, 5, true),
        Row([2, 12], .anyIn, "1-10", true), Row([2, 12], .allIn, "1-10", false),
        Row([2, 12], .anyNotIn, "1-10", true), Row([2, 3], .anyNotIn, "1-10", false),
        Row([12, 13], .allNotIn, "1-10", true), Row([2, 12], .allNotIn, "1-10", false),
        Row(["x"], .anyNotIn, "1-10", false), Row(["x"], .anyIn, [:], false),
    ]

    static let strict: [Row] = [
        Row("a", .isIn, ["a*"], true), Row("a", .notIn, ["b"], true), Row("a", .isIn, "b", false),
        Row("a", .notIn, "b", false), Row("a", .isIn, #"["a"]"#, true),
        Row(["a", "b"], .isIn, ["a", "b", "c"], true), Row(["a1"], .isIn, ["a*"], false),
        Row(["a", "z"], .notIn, ["a"], true), Row(["a"], .notIn, ["a"], false),
        Row(["a"], .isIn, "a", true), Row(["a"], .notIn, "a", true), Row(["a"], .isIn, [1], false),
    ]

    static let order: [Row] = [
        Row(5, .greaterThan, 4, true), Row(5, .greaterThan, 5, false),
        Row(5, .greaterThanOrEquals, 5.0, true), Row(5, .lessThan, "5.5", true),
        Row(5, .lessThanOrEquals, "x", false), Row("1Gi", .greaterThan, "900Mi", true),
        Row("1Gi", .lessThan, 5, false), Row("5", .greaterThan, 4, true),
        Row("1h", .greaterThan, "30m", true), Row("1h", .greaterThan, 3599, true),
        Row(3601, .greaterThan, "1h", true), Row("1.10.0", .greaterThan, "1.9.3", true),
        Row("1.0.0-rc.1", .lessThan, "1.0.0", true), Row("1.0.0-2", .lessThan, "1.0.0-a", true),
        Row("v1.0.0", .lessThan, "v2.0.0", false), Row("1.0", .lessThan, "1.0.1", false),
        Row(.null, .lessThan, 1, false), Row(true, .lessThan, 1, false),
        Row([], .lessThan, 1, false),
        Row("1h", .durationGreaterThan, "59m", true),
        Row(60, .durationLessThanOrEquals, "1m", true),
        Row(61, .durationGreaterThanOrEquals, 60, true), Row("x", .durationLessThan, 60, false),
        Row("0", .durationLessThan, 1, true),
    ]

    @Test(arguments: equality + membership + strict + order)
    func `a condition is judged`(row: Row) throws {
        #expect(try row.operation.evaluate(key: row.key, value: row.value) == row.holds)
    }

    @Test func `operators are found in any case`() {
        #expect(ConditionOperator("anynotin") == .anyNotIn)
        #expect(ConditionOperator("EQUALS") == .equals)
        #expect(ConditionOperator("Like") == nil)
    }

    @Test func `the outdated operators say that they take texts only`() {
        #expect(throws: ConditionProblem.self) {
            try ConditionOperator.isIn.evaluate(key: [1], value: ["1"])
        }
    }

    @Test func `every pair of values has an answer`() {
        let values: [JSONValue] = [
            .null, true, 0, -1, 1.5, "", "0", "1h", "10-20", "*", "[", "[1]", #"["a"]"#, [],
            [.null],
            ["a", 1, [:]], [:], ["a": []], .integer(.min), .integer(.max), .double(.infinity),
            .double(.nan), .double(1e300), "9999999999h", "1e999",
        ]
        var answers = 0
        for operation in ConditionOperator.allCases {
            for key in values {
                for value in values {
                    if (try? operation.evaluate(key: key, value: value)) != nil { answers += 1 }
                }
            }
        }
        #expect(answers > 10_000)
    }
}
