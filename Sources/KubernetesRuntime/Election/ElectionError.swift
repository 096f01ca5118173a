/// Why a process that took part in an election has to end.
public enum ElectionError: Error, Sendable, Equatable, CustomStringConvertible {
    /// The leadership is lost; the sentence says how.
    case lost(String)

    /// One sentence.
    public var description: String {
        switch self {
        case .lost(let why): "leader election lost: \(why); the process ends to start afresh"
        }
    }
}
