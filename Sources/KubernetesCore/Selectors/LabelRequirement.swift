/// One condition on the labels of an object.
public struct LabelRequirement: Hashable, Sendable, CustomStringConvertible {
    /// How a label is compared.
    public enum Operation: String, Hashable, Sendable {
        case isIn = "in"
        case isNotIn = "notin"
        case equals = "="
        case doubleEquals = "=="
        case notEquals = "!="
        case exists
        case doesNotExist = "!"
        case greaterThan = "gt"
        case lessThan = "lt"
    }

    /// The label's key.
    public let key: String
    /// How it is compared.
    public let operation: Operation
    /// With what, ascending and each once.
    public let values: [String]

    /// A condition whose parts are checked.
    public init(
        _ key: String, _ operation: Operation, _ values: [String] = []
    ) throws(SelectorError) {
        self.key = key
        self.operation = operation
        self.values = Set(values).sorted()
        var errors: [FieldError] = []
        let faults = NameRules.qualifiedNameErrors(key)
        if !faults.isEmpty {
            errors.append(
                .invalid(FieldPath("key"), .string(key), faults.joined(separator: "; ")))
        }
        errors += countErrors
        let place = FieldPath("values")
        for (index, value) in self.values.enumerated() {
            let faults = NameRules.labelValueErrors(value)
            guard !faults.isEmpty else { continue }
            errors.append(
                .invalid(
                    place[index].key(key), .string(value), faults.joined(separator: "; ")))
        }
        guard errors.isEmpty else { throw SelectorError(LabelRequirement.join(errors)) }
    }

    private var countErrors: [FieldError] {
        let place = FieldPath("values")
        let list = JSONValue.strings(values)
        switch operation {
        case .isIn, .isNotIn:
            guard values.isEmpty else { return [] }
            return [
                .invalid(place, list, "for 'in', 'notin' operators, values set can't be empty")
            ]
        case .equals, .doubleEquals, .notEquals:
            guard values.count != 1 else { return [] }
            return [
                .invalid(place, list, "exact-match compatibility requires one single value")
            ]
        case .exists, .doesNotExist:
            guard !values.isEmpty else { return [] }
            return [
                .invalid(
                    place, list, "values set must be empty for exists and does not exist")
            ]
        case .greaterThan, .lessThan:
            guard values.count == 1 else {
                return [
                    .invalid(
                        place, list, "for 'Gt', 'Lt' operators, exactly one value is required")
                ]
            }
            return values.filter { Int64($0) == nil }.map {
                .invalid(
                    place[0], .string($0),
                    "for 'Gt', 'Lt' operators, the value must be an integer")
            }
        }
    }

    static func join(_ errors: [FieldError]) -> String {
        errors.count == 1
            ? errors[0].message : "[" + errors.map(\.message).joined(separator: ", ") + "]"
    }

    /// Whether labels that `value` looks up meet this condition.
    public func matches(_ value: (String) -> String?) -> Bool {
        let found = value(key)
        switch operation {
        case .isIn, .equals, .doubleEquals: return found.map(values.contains) ?? false
        case .isNotIn, .notEquals: return found.map { !values.contains($0) } ?? true
        case .exists: return found != nil
        case .doesNotExist: return found == nil
        case .greaterThan, .lessThan:
            guard let found = found.flatMap({ Int64($0) }),
                let bound = values.first.flatMap({ Int64($0) })
            else { return false }
            return operation == .greaterThan ? found > bound : found < bound
        }
    }

    /// The condition in the grammar of queries.
    public var description: String {
        let list = values.joined(separator: ",")
        return switch operation {
        case .isIn, .isNotIn: "\(key) \(operation.rawValue) (\(list))"
        case .equals, .doubleEquals, .notEquals: key + operation.rawValue + list
        case .exists: key
        case .doesNotExist: "!" + key
        case .greaterThan: key + ">" + list
        case .lessThan: key + "<" + list
        }
    }
}
