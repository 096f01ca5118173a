import CEL
import KubernetesCore

/// What the expressions are about.
let request: JSONValue = [
    "bindings": [
        "object": [
            "map": [
                ["metadata", ["map": [["name", "a"], ["labels", ["map": [["app", "b"]]]]]]],
                ["list", [["int": "1"], ["double": "1.5"], "x", .null, true]],
                ["bytes", ["bytes": "AAEC"]],
            ]
        ],
        "x": ["int": "-9223372036854775808"], "s": "t\u{E9}xt", "u": ["uint": "3"],
        "d": ["duration": "3600s"], "t": ["timestamp": "2026-03-01T09:30:00Z"],
    ]
]
let kubernetes = CELEnvironment(
    variables: ["object": .dyn, "x": .int, "s": .string, "u": .uint, "d": .dyn, "t": .dyn])

/// Takes an expression, compiles it with and without the type checker, and evaluates it with
/// everything that the language has.
///
/// Nothing may trap or take long, and an answer must be one that JSON can write and read back.
func fuzzCEL(_ bytes: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
    let source = String(decoding: UnsafeBufferPointer(start: bytes, count: count), as: UTF8.self)
    _ = try? CELProgram(source, in: kubernetes)
    var line = request
    line["expr"] = .string(source)
    let answer = CELLine.evaluate(line)
    var limits = JSONDocument.Limits()
    limits.bytesMax = 64 << 20
    limits.depthMax = 2_000
    precondition((try? JSONValue(parsing: answer.encoded(), limits: limits)) != nil, "no JSON")
    return 0
}
