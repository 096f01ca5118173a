import SwiftletAPI

/// Where a pool stands with the policies: the one answer on which it rests whether agents may be
/// created.
enum PolicyStanding: Equatable {
    /// Nobody judges agents here.
    case unasked
    /// What the pool would create now has not been judged yet.
    case pending(PoolVerdict?)
    /// It has been judged.
    case judged(PoolVerdict)

    /// The standing of a pool that would create `subject`, of which `verdict` was told last.
    init(_ verdict: PoolVerdict?, on subject: PoolVerdict.Subject, isAwaited: Bool) {
        guard let verdict, verdict.subject.pool == subject.pool else {
            self = isAwaited ? .pending(nil) : .unasked
            return
        }
        self = verdict.subject == subject ? .judged(verdict) : .pending(verdict)
    }

    /// Whether the verdict is yet to come.
    var isPending: Bool { if case .pending = self { true } else { false } }

    /// Whether agents may be created now.
    var allowsAgents: Bool {
        switch self {
        case .unasked: true
        case .pending: false
        case .judged(let verdict): verdict.allows
        }
    }

    /// Whether agents may not be created because of what policies say.
    var forbidsAgents: Bool {
        if case .judged(let verdict) = self { !verdict.allows } else { false }
    }

    /// What mutate rules add to agents.
    var additions: PodAdditions? {
        if case .judged(let verdict) = self { verdict.additions } else { nil }
    }
}
