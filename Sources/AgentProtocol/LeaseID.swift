public import KubernetesCore

/// One attempt of one task: what an agent holds, reports on and is fenced by.
///
/// The third part of a lease, the agent pod's UID, is never sent: it comes from the caller's token.
public struct LeaseID: Hashable, Comparable, Sendable, CustomStringConvertible {
    /// The identity of the task.
    public let taskUID: UID
    /// The number of the attempt, from 1; the fencing token.
    public let attempt: Int

    /// Attempt `attempt` of the task `taskUID`.
    public init(taskUID: UID, attempt: Int) {
        self.taskUID = taskUID
        self.attempt = attempt
    }

    /// Reads the members `taskUID` and `attempt` of an object; both must be sensible, because they
    /// become parts of file names and paths.
    public init(reading node: JSONNode) throws(JSONError) {
        let uid = try node.required("taskUID")
        let text = try uid.string()
        guard LeaseID.isSafe(text) else {
            throw uid.mismatch("a UID of 1 to 64 letters, digits and dashes")
        }
        taskUID = UID(text)
        attempt = try node.required("attempt").integer(in: 1...LeaseID.attemptMax)
    }

    /// Reads `uid` and `attempt` as they stand in paths; `nil` where they are none.
    public init?(taskUID: some StringProtocol, attempt: some StringProtocol) {
        guard LeaseID.isSafe(String(taskUID)), let number = Int(attempt),
            (1...LeaseID.attemptMax).contains(number)
        else { return nil }
        self.init(taskUID: UID(String(taskUID)), attempt: number)
    }

    /// The highest attempt number that is believed.
    public static let attemptMax = 1_000_000

    /// The members of this lease in JSON.
    public var json: JSONValue {
        ["taskUID": .string(taskUID.text), "attempt": .int(attempt)]
    }

    /// `<task UID>/<attempt>`, for logs and messages.
    public var description: String { "\(taskUID.text)/\(attempt)" }

    /// By task, then attempt.
    public static func < (left: LeaseID, right: LeaseID) -> Bool {
        (left.taskUID, left.attempt) < (right.taskUID, right.attempt)
    }

    private static func isSafe(_ text: String) -> Bool {
        (1...64).contains(text.utf8.count)
            && text.utf8.allSatisfy { byte in
                switch byte {
                case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                    UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"):
                    true
                default: false
                }
            }
    }
}
