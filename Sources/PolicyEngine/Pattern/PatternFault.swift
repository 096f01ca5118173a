import KubernetesCore

/// Why an element is not as its pattern wants it; shown only where somebody asks for it.
struct PatternFault {
    enum Kind {
        /// The value is wrong.
        case plain
        /// A conditional anchor does not match.
        case conditional
        /// A global anchor does not match.
        case global
        /// A key is there that must not be.
        case negation
        /// Everything below was skipped.
        case skipped
    }

    indirect enum Cause {
        case value(JSONValue?, JSONValue, at: String)
        case structure(found: JSONValue?, at: String)
        case noList(at: String)
        case emptyPattern
        case tooShort(Int, Int)
        case missing(String, at: String)
        case absentCondition
        case forbidden(at: String)
        case notExisting(at: String)
        case notExistential(JSONValue?)
        case existentialPattern(String)
        case conditional(Cause)
        case global(Cause)
        case all([Cause])
    }

    let kind: Kind
    let path: String
    let cause: Cause

    init(_ kind: Kind = .plain, at path: String, _ cause: Cause) {
        self.kind = kind
        self.path = path
        self.cause = cause
    }

    /// Whether the element is skipped rather than wrong.
    var isSkip: Bool { kind == .conditional || kind == .global || kind == .skipped }

    /// Whether an anchor of this very map is the reason to skip, not one further down.
    var isOwnSkip: Bool { kind == .conditional || kind == .global }
}

extension PatternFault.Cause {
    /// The reason in Kyverno's words.
    var text: String {
        switch self {
        case .value(let value, let pattern, let path):
            "resource value '\(GoFormat.plain(value))' does not match "
                + "'\(GoFormat.plain(pattern))' at path \(path)"
        case .structure(let found, let path):
            "pattern and resource have different structures. Path: \(path). Expected "
                + "\(GoFormat.typeName([:])), found \(GoFormat.typeName(found))"
        case .noList(let path):
            "validation rule failed at path \(path), resource does not satisfy the expected "
                + "overlay pattern"
        case .emptyPattern: "pattern Array empty"
        case .tooShort(let actual, let wanted):
            "validate Array failed, array length mismatch, resource Array len is \(actual) and "
                + "pattern Array len is \(wanted)"
        case .missing(let key, let path): "\(path)/\(key) not found"
        case .absentCondition:
            "conditional anchor mismatch: conditional anchor key doesn't exist in the resource"
        case .forbidden(let path):
            "negation anchor matched in resource: \(path) is not allowed"
        case .notExisting(let path): "existence anchor validation failed at path \(path)"
        case .notExistential(let value):
            "invalid resource type \(GoFormat.typeName(value)): Existence ^ () anchor can be used "
                + "only on list/array type resource"
        case .existentialPattern(let wanted):
            "invalid pattern type: Pattern has to be of type \(wanted) to compare against items in "
                + "resource"
        case .conditional(let cause): "conditional anchor mismatch: " + cause.text
        case .global(let cause): "global anchor mismatch: " + cause.text
        case .all(let causes): causes.map(\.text).joined(separator: "; ")
        }
    }
}
