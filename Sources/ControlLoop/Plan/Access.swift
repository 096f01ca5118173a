public import KubernetesCore

/// Everything a reconciler reads and writes: informers, RBAC rules and the applier's checks all
/// follow from this one list.
public struct Access: Sendable, Equatable {
    /// What is done in a write.
    public enum Verb: String, Sendable, Hashable, Comparable {
        case apply
        case create
        case delete
        case patch

        /// By name.
        public static func < (left: Verb, right: Verb) -> Bool { left.rawValue < right.rawValue }
    }

    /// One kind of write.
    public struct Write: Sendable, Hashable {
        /// What is done.
        public let verb: Verb
        /// To which kind.
        public let type: ResourceType
        /// To which subresource; nil for the object itself.
        public let subresource: String?

        /// A kind of write by all its parts.
        public init(_ verb: Verb, _ type: ResourceType, subresource: String? = nil) {
            self.verb = verb
            self.type = type
            self.subresource = subresource
        }

        /// Making objects of a kind.
        public static func create(_ type: ResourceType) -> Write { Write(.create, type) }
        /// Server-side apply, which makes an object or takes over fields of it.
        public static func apply(_ type: ResourceType) -> Write { Write(.apply, type) }
        /// Deletions.
        public static func delete(_ type: ResourceType) -> Write { Write(.delete, type) }
        /// Merge patches of the object or of a subresource.
        public static func patch(_ type: ResourceType, subresource: String? = nil) -> Write {
            Write(.patch, type, subresource: subresource)
        }
        /// Merge patches of the status.
        public static func status(_ type: ResourceType) -> Write {
            Write(.patch, type, subresource: "status")
        }
    }

    /// The kinds of the API server that are listed and watched; local observations do not count.
    public let reads: [ResourceType]
    /// The writes that may be made.
    public let writes: [Write]
    /// The kinds of which single objects are read by name, and which are not watched.
    public let gets: [ResourceType]

    /// An access list by all its parts.
    public init(reads: [ResourceType], writes: [Write], gets: [ResourceType] = []) {
        self.reads = reads
        self.writes = writes
        self.gets = gets
    }

    /// Whether the list names the write.
    public func allows(_ write: Write) -> Bool { writes.contains(write) }

    /// Both lists in one, sorted, each entry once.
    public func union(_ other: Access) -> Access {
        Access(
            reads: Set(reads).union(other.reads).sorted(),
            writes: Set(writes).union(other.writes).sorted {
                ($0.type, $0.subresource ?? "", $0.verb) < ($1.type, $1.subresource ?? "", $1.verb)
            }, gets: Set(gets).union(other.gets).sorted())
    }
}
