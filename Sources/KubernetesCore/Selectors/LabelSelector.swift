/// Conditions on the labels of objects, all of which must hold: from a query (`labelSelector=a in
/// (b,c),!d`) or from an object (`matchLabels`, `matchExpressions`).
public struct LabelSelector: Hashable, Sendable, CustomStringConvertible {
    /// The conditions, ascending by key.
    public let requirements: [LabelRequirement]

    /// These conditions.
    public init(_ requirements: [LabelRequirement]) {
        self.requirements = requirements.enumerated().sorted {
            ($0.element.key, $0.offset) < ($1.element.key, $1.offset)
        }.map(\.element)
    }

    /// The selector that every object meets.
    public static let everything = LabelSelector([])

    /// Reads the grammar of queries; an empty text selects everything.
    public init(parsing text: String) throws(SelectorError) {
        var parser = LabelSelectorParser(text)
        self.init(try parser.parse())
    }

    /// Reads `{matchLabels, matchExpressions}`; an empty object selects everything.
    public init(reading value: JSONValue) throws(SelectorError) {
        guard let members = value.object else {
            throw SelectorError("a label selector must be an object, not \(value.typeName)")
        }
        var requirements: [LabelRequirement] = []
        for (key, label) in members["matchLabels"]?.object ?? [:] {
            guard let text = label.string else {
                throw SelectorError("the value of label \(GoText.quote(key)) must be a string")
            }
            requirements.append(try LabelRequirement(key, .isIn, [text]))
        }
        for expression in members["matchExpressions"]?.array ?? [] {
            let operations: [String: LabelRequirement.Operation] = [
                "In": .isIn, "NotIn": .isNotIn, "Exists": .exists, "DoesNotExist": .doesNotExist,
            ]
            let word = expression["operator"]?.string ?? ""
            guard let operation = operations[word] else {
                throw SelectorError(
                    GoText.quote(word) + " is not a valid label selector operator")
            }
            requirements.append(
                try LabelRequirement(
                    expression["key"]?.string ?? "", operation,
                    (expression["values"]?.array ?? []).compactMap(\.string)))
        }
        self.init(requirements)
    }

    /// Whether every object meets this selector.
    public var isEverything: Bool { requirements.isEmpty }

    /// Whether these labels meet every condition.
    public func matches(_ labels: [String: String]) -> Bool {
        requirements.allSatisfy { $0.matches { labels[$0] } }
    }

    /// Whether these labels, as `metadata.labels` has them, meet every condition.
    public func matches(_ labels: JSONObject) -> Bool {
        requirements.allSatisfy { $0.matches { labels[$0]?.string } }
    }

    /// The conditions in the grammar of queries.
    public var description: String {
        requirements.map(\.description).joined(separator: ",")
    }

    /// What is wrong with `{matchLabels, matchExpressions}` at `path` of an object.
    public static func errors(in value: JSONValue, at path: FieldPath) -> [FieldError] {
        var errors = NameRules.labelErrors(value["matchLabels"], at: path.child("matchLabels"))
        for (index, expression) in (value["matchExpressions"]?.array ?? []).enumerated() {
            let place = path.child("matchExpressions")[index]
            let values = expression["values"]?.array ?? []
            switch expression["operator"]?.string {
            case "In", "NotIn":
                if values.isEmpty {
                    errors.append(
                        .required(
                            place.child("values"),
                            "must be specified when `operator` is 'In' or 'NotIn'"))
                }
            case "Exists", "DoesNotExist":
                if !values.isEmpty {
                    errors.append(
                        .forbidden(
                            place.child("values"),
                            "may not be specified when `operator` is 'Exists' or 'DoesNotExist'"))
                }
            default:
                errors.append(
                    .invalid(
                        place.child("operator"), expression["operator"] ?? "",
                        "not a valid selector operator"))
            }
            let key = expression["key"]?.string ?? ""
            errors += NameRules.qualifiedNameErrors(key).map {
                .invalid(place.child("key"), .string(key), $0)
            }
            for (position, element) in values.enumerated() {
                errors += NameRules.labelValueErrors(element.string ?? "").map {
                    .invalid(place.child("values")[position], element, $0)
                }
            }
        }
        return errors
    }
}
