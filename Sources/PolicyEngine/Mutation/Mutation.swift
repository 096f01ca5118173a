import KubernetesCore

/// `mutate` of a rule: what becomes of an object.
struct Mutation: Sendable {
    /// What is done; exactly one of these.
    indirect enum Body: Sendable {
        /// A patch in the shape of the object, with anchors that say where it counts.
        case overlay(Template)
        /// A list of JSON patch operations, as YAML text.
        case operations(VariableText)
        case foreach([Each])
    }

    /// One entry of `foreach`: a list, and what is done for each of its elements.
    struct Each: Sendable {
        /// In which order the elements are taken.
        enum Order: String, CaseIterable {
            case ascending = "Ascending"
            case descending = "Descending"
        }

        let list: Query
        let order: Order?
        let context: [ContextEntry]
        let preconditions: ConditionBlock?
        let body: Body
    }

    let body: Body

    private static let bodies = ["patchStrategicMerge", "patchesJson6902", "foreach"]
    /// The deepest nesting of `foreach`.
    private static let depthMax = 8

    /// Reads `mutate`.
    init(
        _ value: JSONValue, at path: String, in place: PolicyPlace, isOffline: Bool
    ) throws(PolicyProblem) {
        let fields = try Fields(value, at: path, in: place, known: Set(Mutation.bodies))
        body = try Mutation.body(fields, depth: 0, isOffline: isOffline)
    }

    private static func body(
        _ fields: Fields, depth: Int, isOffline: Bool
    ) throws(PolicyProblem) -> Body {
        let given = bodies.filter(fields.has)
        guard given.count == 1, let key = given.first, let value = fields.value(key) else {
            throw fields.place.problem(
                fields.path, "must have exactly one of: " + bodies.joined(separator: ", "))
        }
        switch key {
        case "patchStrategicMerge":
            let resolved: JSONValue
            do throws(PatternProblem) {
                resolved = try KyvernoPattern.resolvingReferences(in: value)
            } catch {
                throw fields.problem(key, error.description)
            }
            return .overlay(
                try Template(
                    resolved, at: fields.child(key), in: fields.place, place: "request.object"))
        case "patchesJson6902":
            guard let text = try VariableText(fields, key) else {
                throw fields.problem(key, "must be given")
            }
            return .operations(text)
        default:
            guard depth < depthMax else {
                throw fields.problem(key, "is nested deeper than \(depthMax) levels")
            }
            var entries: [Each] = []
            for (index, entry) in try fields.list(key).enumerated() {
                entries.append(
                    try each(
                        entry, at: "\(fields.child(key))[\(index)]", fields.place, depth + 1,
                        isOffline))
            }
            return .foreach(entries)
        }
    }

    private static func each(
        _ value: JSONValue, at path: String, _ place: PolicyPlace, _ depth: Int, _ isOffline: Bool
    ) throws(PolicyProblem) -> Each {
        let fields = try Fields(
            value, at: path, in: place,
            known: Set(bodies + ["list", "order", "context", "preconditions"]))
        let text = try fields.requiredString("list")
        let list: Query
        do {
            list = try Query(text)
        } catch {
            throw fields.problem("list", error.description)
        }
        return Each(
            list: list, order: try fields.word("order", Each.Order.self),
            context: try ContextEntry.list(fields, isOffline: isOffline),
            preconditions: try ConditionBlock(fields, "preconditions", allowsList: false),
            body: try body(fields, depth: depth, isOffline: isOffline))
    }
}
