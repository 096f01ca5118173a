/// What has been found out about type parameters, and the rules by which types fit each other.
struct TypeMapping {
    private var bindings: [Int: CELType] = [:]

    /// Whether `first` and `second` can be the same type; what that takes is remembered.
    mutating func unify(_ first: CELType, _ second: CELType) -> Bool {
        var attempt = self
        guard attempt.assignable(first, second) else { return false }
        self = attempt
        return true
    }

    /// The same for lists of types.
    mutating func unify(_ first: [CELType], _ second: [CELType]) -> Bool {
        guard first.count == second.count else { return false }
        var attempt = self
        for (left, right) in zip(first, second) where !attempt.assignable(left, right) {
            return false
        }
        self = attempt
        return true
    }

    private mutating func assignable(_ first: CELType, _ second: CELType) -> Bool {
        if case .parameter(let number) = second {
            let (valid, known) = substitute(number, with: first)
            if valid { return true }
            if known { return false }
        }
        if case .parameter(let number) = first { return substitute(number, with: second).valid }
        switch (first, second) {
        case (.dyn, _), (_, .dyn), (.error, _), (_, .error): return true
        case (.null, let other), (let other, .null): return Self.acceptsNull(other)
        case (.list(let a), .list(let b)), (.optional(let a), .optional(let b)):
            return assignable(a, b)
        case (.map(let a, let b), .map(let c, let d)):
            return assignable(a, c) && assignable(b, d)
        case (.typeOf, .typeOf), (.type, .typeOf), (.typeOf, .type): return true
        case (.opaque(let a, let p), .opaque(let b, let q)):
            guard a == b, p.count == q.count else { return false }
            for (left, right) in zip(p, q) where !assignable(left, right) { return false }
            return true
        default: return first == second
        }
    }

    private static func acceptsNull(_ type: CELType) -> Bool {
        switch type {
        case .null, .object, .opaque, .optional, .timestamp, .duration: true
        default: false
        }
    }

    /// Whether `type` can stand for a parameter, and whether the parameter had a meaning before.
    private mutating func substitute(
        _ number: Int, with type: CELType
    ) -> (valid: Bool, known: Bool) {
        if type == .parameter(number) { return (true, true) }
        if let bound = bindings[number] {
            if bound == type { return (true, true) }
            guard assignable(type, bound) else { return (false, true) }
            let general = Self.mostGeneral(type, bound)
            if !occurs(number, in: general) { bindings[number] = general }
            return (true, true)
        }
        guard !occurs(number, in: type) else { return (false, false) }
        bindings[number] = type
        return (true, false)
    }

    private func occurs(_ number: Int, in type: CELType) -> Bool {
        switch type {
        case .parameter(let other):
            if other == number { return true }
            guard let bound = bindings[other] else { return false }
            return occurs(number, in: bound)
        case .list(let inner), .optional(let inner), .typeOf(let inner):
            return occurs(number, in: inner)
        case .map(let key, let value): return occurs(number, in: key) || occurs(number, in: value)
        case .opaque(_, let parameters): return parameters.contains { occurs(number, in: $0) }
        default: return false
        }
    }

    /// The one of two types that fit each other that says less.
    static func mostGeneral(_ first: CELType, _ second: CELType) -> CELType {
        isEqualOrLessSpecific(first, second) ? first : second
    }

    private static func isEqualOrLessSpecific(_ first: CELType, _ second: CELType) -> Bool {
        switch (first, second) {
        case (.dyn, _), (.parameter, _): return true
        case (_, .dyn), (_, .parameter): return false
        case (.list(let a), .list(let b)), (.optional(let a), .optional(let b)):
            return isEqualOrLessSpecific(a, b)
        case (.map(let a, let b), .map(let c, let d)):
            return isEqualOrLessSpecific(a, c) && isEqualOrLessSpecific(b, d)
        case (.opaque(let a, let p), .opaque(let b, let q)):
            return a == b && p.count == q.count
                && zip(p, q).allSatisfy { isEqualOrLessSpecific($0, $1) }
        case (.typeOf, .typeOf): return true
        default: return first == second
        }
    }

    /// `type` with all that is known about its parameters; with `closing` what is not known is
    /// `dyn`.
    func resolved(_ type: CELType, closing: Bool = false) -> CELType {
        switch type {
        case .parameter(let number):
            if let bound = bindings[number] { return resolved(bound, closing: closing) }
            return closing ? .dyn : type
        case .list(let inner): return .list(resolved(inner, closing: closing))
        case .optional(let inner): return .optional(resolved(inner, closing: closing))
        case .typeOf(let inner): return .typeOf(resolved(inner, closing: closing))
        case .map(let key, let value):
            return .map(resolved(key, closing: closing), resolved(value, closing: closing))
        case .opaque(let name, let parameters):
            return .opaque(name, parameters.map { resolved($0, closing: closing) })
        default: return type
        }
    }
}
