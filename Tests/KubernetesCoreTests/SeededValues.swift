import KubernetesCore

/// JSON values that a seed determines, for property tests.
struct SeededValues {
    private var state: UInt64

    init(seed: UInt64) { state = seed &* 0x9E37_79B9_7F4A_7C15 &+ 1 }

    mutating func next(_ bound: Int) -> Int {
        state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
        return Int((state >> 33) % UInt64(bound))
    }

    mutating func value(depth: Int) -> JSONValue {
        switch next(depth > 0 ? 7 : 4) {
        case 0: return .bool(next(2) == 0)
        case 1: return .int(next(5))
        case 2: return .string(["", "x", "ü", "a\"b"][next(4)])
        case 3: return .double(Double(next(9)) + 0.5)
        case 4: return .array((0..<next(4)).map { _ in value(depth: depth - 1) })
        default: return .object(object(depth: depth - 1))
        }
    }

    mutating func object(depth: Int) -> JSONObject {
        var members = JSONObject()
        for _ in 0..<next(5) { members["k\(next(6))"] = value(depth: depth) }
        return members
    }

    mutating func changed(_ object: JSONObject, depth: Int) -> JSONObject {
        var members = object
        for _ in 0..<next(4) {
            let key = "k\(next(6))"
            switch (next(3), members[key]) {
            case (0, _): members[key] = nil
            case (1, .object(let below)?) where depth > 0:
                members[key] = .object(changed(below, depth: depth - 1))
            default: members[key] = value(depth: max(0, depth - 1))
            }
        }
        return members
    }
}
