/// Why a text is no YAML that stands for JSON.
public struct YAMLError: Error, Hashable, Sendable, CustomStringConvertible {
    /// The line, counted from 1; 0 where the fault has no place.
    public let line: Int
    /// The column, counted from 1; 0 where the fault has no place.
    public let column: Int
    /// What is wrong, in words.
    public let message: String

    /// A fault at a place.
    public init(line: Int = 0, column: Int = 0, _ message: String) {
        self.line = line
        self.column = column
        self.message = message
    }

    /// The place and what is wrong there.
    public var description: String {
        line > 0 ? "line \(line), column \(column): \(message)" : message
    }
}
