/// A place in a JSON value (RFC 6901).
public struct JSONPointer: Hashable, Sendable, CustomStringConvertible {
    /// The keys and indexes from the outside in.
    public let steps: [String]

    /// A place by its steps.
    public init(_ steps: [String]) { self.steps = steps }

    /// Reads `/spec/tags/0`; nil where the text neither is empty nor begins with a slash.
    public init?(_ text: String) {
        guard !text.isEmpty else {
            steps = []
            return
        }
        guard text.hasPrefix("/") else { return nil }
        steps = text.dropFirst().split(separator: "/", omittingEmptySubsequences: false).map {
            JSONPointer.replace("~0", by: "~", in: JSONPointer.replace("~1", by: "/", in: $0))[...]
        }.map(String.init)
    }

    /// The text.
    public var description: String {
        steps.map { step in
            "/"
                + JSONPointer.replace(
                    "/", by: "~1", in: JSONPointer.replace("~", by: "~0", in: step[...])[...])
        }.joined()
    }

    private static func replace(_ part: String, by other: String, in text: Substring) -> String {
        text.split(separator: part, omittingEmptySubsequences: false).joined(separator: other)
    }

    private static func replace(_ part: String, by other: String, in text: String) -> String {
        replace(part, by: other, in: text[...])
    }
}
