/// Why bytes are no JSON, or why a JSON value is not what a reader expected.
public struct JSONError: Error, Hashable, Sendable, CustomStringConvertible {
    /// What kind of fault it is.
    public enum Code: Hashable, Sendable {
        /// The bytes break JSON's grammar or are not UTF-8.
        case malformed
        /// The text is larger or deeper than the reader's limits.
        case overLimit
        /// An object has the same key twice.
        case duplicateKey
        /// A member that must be there is not.
        case missing
        /// A value is of another type or outside its range.
        case mismatch
    }

    /// What kind of fault it is.
    public let code: Code
    /// Where: the byte offset for faults of the text, else the path of the value, as in
    /// `spec.args[2]`.
    public let place: String
    /// What is wrong, in words.
    public let message: String

    /// A fault at `place`.
    public init(_ code: Code, at place: String, _ message: String) {
        self.code = code
        self.place = place
        self.message = message
    }

    /// The place and what is wrong there.
    public var description: String { place.isEmpty ? message : "\(place): \(message)" }
}
