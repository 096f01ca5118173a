/// What every entry of `foreach` says, whether its rule validates or mutates: a list, and which of
/// its elements it is about.
struct ForeachEntry: Sendable {
    /// The deepest nesting.
    static let depthMax = 8
    private static let known: Set<String> = ["list", "context", "preconditions"]

    let list: Query
    let context: [ContextEntry]
    let preconditions: ConditionBlock?

    private init(_ fields: Fields, isOffline: Bool) throws(PolicyProblem) {
        let text = try fields.requiredString("list")
        do {
            list = try Query(text)
        } catch {
            throw fields.problem("list", error.description)
        }
        context = try ContextEntry.list(fields, isOffline: isOffline)
        preconditions = try ConditionBlock(fields, "preconditions", allowsList: false)
    }

    /// The entries of `foreach` among `fields`, which are `depth` levels deep in others.
    /// - Parameters:
    ///   - own: the members that an entry may have besides those that all have.
    ///   - read: makes an entry of its members and of what all have.
    static func all<Entry>(
        of fields: Fields, depth: Int, own: [String], isOffline: Bool,
        read: (Fields, ForeachEntry) throws(PolicyProblem) -> Entry
    ) throws(PolicyProblem) -> [Entry] {
        guard depth < depthMax else {
            throw fields.problem("foreach", "is nested deeper than \(depthMax) levels")
        }
        var entries: [Entry] = []
        for (index, value) in try fields.list("foreach").enumerated() {
            let entry = try Fields(
                value, at: "\(fields.child("foreach"))[\(index)]", in: fields.place,
                known: known.union(own))
            entries.append(try read(entry, ForeachEntry(entry, isOffline: isOffline)))
        }
        return entries
    }
}
