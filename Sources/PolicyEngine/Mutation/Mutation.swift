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

        let entry: ForeachEntry
        let order: Order?
        let body: Body
    }

    let body: Body

    private static let bodies = ["patchStrategicMerge", "patchesJson6902", "foreach"]

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
        let (key, value) = try fields.exactlyOne(of: bodies)
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
            return .foreach(
                try ForeachEntry.all(
                    of: fields, depth: depth, own: bodies + ["order"], isOffline: isOffline
                ) { fields, entry throws(PolicyProblem) in
                    Each(
                        entry: entry, order: try fields.word("order", Each.Order.self),
                        body: try body(fields, depth: depth + 1, isOffline: isOffline))
                })
        }
    }
}
