/// Why a text is no TOML that stands for JSON.
public struct TOMLError: Error, Hashable, Sendable, CustomStringConvertible {
    /// The line, counted from 1; 0 where the fault has no place.
    public let line: Int
    /// The column in characters, counted from 1; 0 where the fault has no place.
    public let column: Int
    /// What is wrong, in words.
    public let message: String

    /// A fault at a place.
    init(line: Int = 0, column: Int = 0, _ message: String) {
        self.line = line
        self.column = column
        self.message = message
    }

    /// The place and what is wrong there.
    public var description: String {
        line > 0 ? "line \(line), column \(column): \(message)" : message
    }
}
