/// Why a patch cannot be applied.
public struct PatchError: Error, Hashable, Sendable, CustomStringConvertible {
    /// What kind of fault it is; each is answered with a status code of its own.
    public enum Kind: Hashable, Sendable {
        /// The patch is malformed (400).
        case malformed
        /// The patch does not fit the object (422).
        case unprocessable
        /// The patch asks for too much (413).
        case tooLarge
    }

    /// What kind of fault it is.
    public let kind: Kind
    /// What is wrong, in words.
    public let message: String

    /// A fault in words.
    public init(_ kind: Kind, _ message: String) {
        self.kind = kind
        self.message = message
    }

    /// The same as `message`.
    public var description: String { message }

    /// The fault as a kube-apiserver answers it: what does not fit an object is not told in words.
    public var status: APIStatus {
        switch kind {
        case .malformed: APIStatus(code: 400, reason: "BadRequest", message: message)
        case .unprocessable:
            APIStatus(
                code: 422, reason: "Invalid",
                message: "the server rejected our request due to an error in our request")
        case .tooLarge: APIStatus(code: 413, reason: "RequestEntityTooLarge", message: message)
        }
    }
}
