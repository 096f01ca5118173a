import JMESPath
import KubernetesCore

/// What every search is on: something of each kind, and something to get lost in.
let data: JSONValue = [
    "apiVersion": "v1", "kind": "Pod", "numbers": [3, 1.5, -2, 9_223_372_036_854_775_807],
    "metadata": ["name": "a", "labels": ["app": "b", "": "c"], "empty": .null],
    "spec": [
        "containers": [
            ["name": "x", "image": "ghcr.io/a/b:1", "ports": [["containerPort": 80]]],
            ["name": "y", "image": "nginx", "resources": ["limits": ["memory": "1Gi"]]],
        ]
    ],
    "text": "2026-03-01T09:30:00Z",
]

/// Takes an expression, compiles it in both dialects and searches with it.
///
/// Nothing may trap or take long; a result must be one that JSON can write and read back, and the
/// same every time.
func fuzzJMESPath(_ bytes: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
    let source = String(decoding: UnsafeBufferPointer(start: bytes, count: count), as: UTF8.self)
    for dialect in JMESPathDialect.allCases {
        guard let expression = try? JMESPathExpression(source, dialect: dialect) else { continue }
        var environment = JMESPathEnvironment(now: Timestamp(seconds: 1_700_000_000), seed: 1) {
            text throws(JMESPathError) in .string(text)
        }
        environment.stepsMax = 100_000
        guard let result = try? expression.search(data, environment) else { continue }
        precondition((try? expression.search(data, environment)) == result, "another result")
        let written = result.encoded()
        var limits = JSONDocument.Limits()
        limits.bytesMax = 64 << 20
        limits.depthMax = 1_000
        precondition((try? JSONValue(parsing: written, limits: limits)) != nil, "no JSON")
    }
    return 0
}
