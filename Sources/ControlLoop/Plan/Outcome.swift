public import KubernetesCore

/// What became of a plan.
public enum Outcome: Sendable, Equatable {
    /// Everything was written.
    case applied([Write])
    /// A precondition did not hold: our picture of this object was old. Observe again, then plan.
    case stale(ObjectRef, done: [Write])
    /// A write failed for another reason.
    case failed(WriteFailure, done: [Write])
    /// Leadership ran out before the next write could be made.
    case deposed(done: [Write])

    /// The writes that did happen.
    public var done: [Write] {
        switch self {
        case .applied(let done), .stale(_, let done), .failed(_, let done), .deposed(let done):
            done
        }
    }
}

/// A write that happened, and where it took the object.
public struct Write: Sendable, Equatable {
    /// What the write did to the object.
    public enum Effect: Sendable, Equatable {
        /// The object exists at the write's version.
        case stored
        /// The object is gone, or going and marked so.
        case deleted
    }

    /// The object; with its UID wherever the server told it.
    public let object: ObjectRef
    /// The version it reached; unknown where the server did not say.
    public let version: ResourceVersion
    /// Stored or deleted.
    public let effect: Effect

    /// A write by all its fields.
    public init(_ effect: Effect, _ object: ObjectRef, at version: ResourceVersion) {
        self.effect = effect
        self.object = object
        self.version = version
    }
}
