/// `optional.of` and its like. `or`, `orValue`, `optMap` and `optFlatMap` are plans of their own.
enum OptionalLibrary {
    static let functions: [CELFunction] =
        CELFunction.define("optional.of", ["(A) -> optional(A)"]) { a, _ throws(CELError) in
            .optional(a[0])
        }
        + CELFunction.define("optional.none", ["() -> optional(A)"]) { _, _ throws(CELError) in
            .optional(nil)
        }
        + CELFunction.define("optional.ofNonZeroValue", ["(A) -> optional(A)"]) {
            a, _ throws(CELError) in .optional(isZero(a[0]) ? nil : a[0])
        }
        + CELFunction.define("hasValue", ["optional(A).() -> bool"]) { a, _ throws(CELError) in
            guard case .optional(let inner) = a[0] else { throw .noOverload }
            return .bool(inner != nil)
        }
        + CELFunction.define("value", ["optional(A).() -> A"]) { a, _ throws(CELError) in
            guard case .optional(let inner) = a[0] else { throw .noOverload }
            guard let inner else { throw CELError("optional.none() dereference") }
            return inner
        }
        + CELFunction.define("or", ["optional(A).(optional(A)) -> optional(A)"]) {
            a, _ throws(CELError) in a[0]
        }
        + CELFunction.define("orValue", ["optional(A).(A) -> A"]) { a, _ throws(CELError) in a[0] }
        + CELFunction.define(
            "optional.unwrap", ["(list(optional(A))) -> list(A)"], unwrap)
        + CELFunction.define("unwrapOpt", ["list(optional(A)).() -> list(A)"], unwrap)
        + CELFunction.define("first", ["list(A).() -> optional(A)"]) { a, _ throws(CELError) in
            guard case .list(let list) = a[0] else { throw .noOverload }
            return .optional(list.count > 0 ? try list.element(0) : nil)
        }
        + CELFunction.define("last", ["list(A).() -> optional(A)"]) { a, _ throws(CELError) in
            guard case .list(let list) = a[0] else { throw .noOverload }
            return .optional(list.count > 0 ? try list.element(list.count - 1) : nil)
        }

    private static let unwrap: CELFunction.Body = { a, _ throws(CELError) in
        guard case .list(let list) = a[0] else { throw .noOverload }
        var result: [CELValue] = []
        for element in try list.elements() {
            guard case .optional(let inner) = element else { throw .noOverload }
            if let inner { result.append(inner) }
        }
        return .list(result)
    }

    private static func isZero(_ value: CELValue) -> Bool {
        switch value {
        case .null: true
        case .bool(let flag): !flag
        case .int(let number): number == 0
        case .uint(let number): number == 0
        case .double(let number): number == 0
        case .string(let text): text.isEmpty
        case .bytes(let bytes): bytes.isEmpty
        case .list(let list): list.count == 0
        case .map(let map): map.count == 0
        case .duration(let nanoseconds): nanoseconds == 0
        case .timestamp(let time):
            time.seconds == CELTimestamp.secondsMin && time.nanoseconds == 0
        case .optional(let inner): inner == nil
        case .type, .opaque: false
        }
    }
}
