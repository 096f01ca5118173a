import KubernetesCore

/// Pieces that the schemas of our kinds have in common. Everything has a bound: an API server
/// counts what rules could cost at the bounds, and refuses a definition without them.
extension StructuralSchema {
    static func integer(in range: ClosedRange<Int>, default value: Int? = nil) -> StructuralSchema {
        let schema = integer(minimum: range.lowerBound, maximum: range.upperBound)
        return value.map { schema.defaulting(to: .int($0)) } ?? schema
    }

    static func number(
        in range: ClosedRange<Double>, default value: Double? = nil
    ) -> StructuralSchema {
        let schema = number(minimum: range.lowerBound, maximum: range.upperBound)
        return value.map { schema.defaulting(to: JSONValue.plain($0)) } ?? schema
    }

    static func flag(default value: Bool) -> StructuralSchema {
        boolean().defaulting(to: .bool(value))
    }

    static func words<Word: RawRepresentable & CaseIterable>(
        of _: Word.Type, default value: Word? = nil
    ) -> StructuralSchema where Word.RawValue == String {
        let schema = oneOf(Word.allCases.map(\.rawValue))
        return value.map { schema.defaulting(to: .string($0.rawValue)) } ?? schema
    }

    /// The name of an object whose kind allows dots.
    static func subdomain() -> StructuralSchema {
        string(
            minLength: 1, maxLength: 253,
            pattern: "^[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$")
    }

    /// The name of a namespace, and of anything else that has no dots.
    static func label() -> StructuralSchema {
        string(minLength: 1, maxLength: 63, pattern: "^[a-z0-9]([-a-z0-9]*[a-z0-9])?$")
    }

    /// The key of a ConfigMap or Secret.
    static func dataKey() -> StructuralSchema {
        string(minLength: 1, maxLength: 253, pattern: "^[-._a-zA-Z0-9]+$")
    }

    /// A type of task.
    static func taskType() -> StructuralSchema {
        string(
            minLength: 1, maxLength: 63, pattern: "^[A-Za-z0-9]([-_.A-Za-z0-9]*[A-Za-z0-9])?$")
    }

    static func text(_ maxLength: Int) -> StructuralSchema { string(maxLength: maxLength) }

    static func time() -> StructuralSchema { string(maxLength: 64, format: "date-time") }

    static func count() -> StructuralSchema { integer(minimum: 0) }

    /// Resource names to quantities, as in `cpu: 500m`.
    static func quantities(maxCount: Int) -> StructuralSchema {
        var value = intOrString(
            pattern: "^(\\+|-)?(([0-9]+(\\.[0-9]*)?)|(\\.[0-9]+))"
                + "(([KMGTPE]i)|[numkMGTPE]|([eE](\\+|-)?(([0-9]+(\\.[0-9]*)?)|(\\.[0-9]+))))?$")
        value.maxLength = 64
        return map(of: value, maxCount: maxCount)
    }

    static func labelSelector() -> StructuralSchema {
        let expression = object(
            [
                "key": string(minLength: 1, maxLength: 317).described("The label's key."),
                "operator": oneOf(["In", "NotIn", "Exists", "DoesNotExist"]).described(
                    "How the label's value is compared."),
                "values": array(of: text(63), .atomic, maxCount: 64).described(
                    "The values, for In and NotIn."),
            ], required: ["key", "operator"])
        return object([
            "matchLabels": map(of: text(63), maxCount: 64).described(
                "Labels that must all be there."),
            "matchExpressions": array(of: expression, .atomic, maxCount: 64).described(
                "Conditions on labels that must all hold."),
        ]).with { $0.mapType = .atomic }
    }

    static func conditions() -> StructuralSchema {
        let condition = object(
            [
                "type": string(minLength: 1, maxLength: 316).described("The aspect."),
                "status": oneOf(["True", "False", "Unknown"]).described("Whether it holds."),
                "observedGeneration": count().described(
                    "The generation of the spec that this was said about."),
                "lastTransitionTime": time().described("When the status last changed."),
                "reason": text(1_024).described("Why, in one CamelCase word."),
                "message": text(32_768).described("Why, in a sentence."),
            ], required: ["type", "status", "lastTransitionTime", "reason", "message"])
        return array(of: condition, keys: ["type"], maxCount: 32).described(
            "What is the case at present, aspect by aspect.")
    }

    /// A nested object that is filled with its defaults where it is absent.
    func defaultingToItsDefaults() -> StructuralSchema { defaulting(to: [:]) }
}

extension JSONValue {
    /// A number that is written without a fraction where it has none.
    static func plain(_ number: Double) -> JSONValue {
        Int64(exactly: number).map(JSONValue.integer) ?? .double(number)
    }
}
