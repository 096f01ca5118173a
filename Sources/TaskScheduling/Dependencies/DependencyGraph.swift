/// What dependencies allow.
public enum DependencyGraph {
    /// One dependency as it stands.
    public struct Edge: Hashable, Sendable {
        /// The name of the task that is waited for.
        public let name: String
        /// What is waited for.
        public let condition: DependencyCondition
        /// How that task stands.
        public let state: DependencyState

        /// A dependency by all its parts.
        public init(name: String, condition: DependencyCondition, state: DependencyState) {
            self.name = name
            self.condition = condition
            self.state = state
        }
    }

    /// What a task's dependencies say.
    public enum Verdict: Hashable, Sendable {
        /// It may start.
        case satisfied
        /// It waits for these.
        case waiting(for: [String])
        /// Some of these do not exist; once they do it may go on.
        case missing([String])
        /// It can never start: this one has ended in another way than is waited for.
        case impossible(Edge)
    }

    /// What the dependencies of a task say together. What can never be comes first, then what is
    /// missing, then what is waited for; names in the order of the edges.
    public static func verdict(_ edges: [Edge]) -> Verdict {
        var waiting: [String] = []
        var missing: [String] = []
        for edge in edges {
            switch (edge.state, edge.condition) {
            case (.missing, _): missing.append(edge.name)
            case (.unfinished, _): waiting.append(edge.name)
            case (.succeeded, .succeeded), (.failed, .failed),
                (.succeeded, .finished), (.failed, .finished), (.cancelled, .finished):
                continue
            case (.succeeded, .failed), (.failed, .succeeded),
                (.cancelled, .succeeded), (.cancelled, .failed):
                return .impossible(edge)
            }
        }
        if !missing.isEmpty { return .missing(missing) }
        return waiting.isEmpty ? .satisfied : .waiting(for: waiting)
    }

    /// A cycle through `start`, as the names along it from `start` up to the one that depends on
    /// `start` again; nil where there is none. Looks at no more than `most` tasks.
    ///
    /// - Parameter dependencies: the names that a task depends on and still waits for.
    public static func cycle(
        through start: String, most: Int = 10_000, dependencies: (String) -> [String]
    ) -> [String]? {
        var seen: Set<String> = [start]
        var path: [(name: String, rest: ArraySlice<String>)] = [
            (start, dependencies(start)[...])
        ]
        while let last = path.indices.last {
            guard let next = path[last].rest.popFirst() else {
                path.removeLast()
                continue
            }
            if next == start { return path.map(\.name) }
            guard seen.count < most, seen.insert(next).inserted else { continue }
            path.append((next, dependencies(next)[...]))
        }
        return nil
    }
}
