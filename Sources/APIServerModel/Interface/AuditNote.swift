public import KubernetesCore

/// What admission has to say about a request to those who read audit logs.
public struct AuditNote: Hashable, Sendable, CustomStringConvertible {
    /// When the request came.
    public let time: Timestamp
    /// Who asked.
    public let user: String
    /// What the request was about, as in `pods "a" in namespace "b"`.
    public let object: String
    /// The annotations by their keys.
    public let annotations: [String: String]

    /// The whole of it in one line.
    public var description: String {
        let list = annotations.sorted { $0.key < $1.key }.map { "\($0.key): \($0.value)" }
        return "\(user), \(object): \(list.joined(separator: "; "))"
    }
}

extension APIServer {
    /// Most notes that are kept until somebody takes them; the oldest go first.
    static let auditNoteLimit = 1_000

    /// Keeps a note.
    mutating func record(_ note: AuditNote) {
        if auditNotes.count >= APIServer.auditNoteLimit { auditNotes.removeFirst() }
        auditNotes.append(note)
    }

    /// The notes since the last call, oldest first: only about requests that break what somebody
    /// wants to hear of, and at most the last thousand.
    public mutating func takeAuditNotes() -> [AuditNote] {
        defer { auditNotes.removeAll() }
        return auditNotes
    }
}
