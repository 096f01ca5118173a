public import KubernetesCore
public import SwiftletAPI

/// The lines of one attempt in the log of its agent, which holds those of all its attempts.
public struct TaskLog: Sendable {
    /// A line that an attempt wrote.
    public struct Line: Hashable, Sendable {
        /// When, as RFC 3339.
        public var time: String
        /// `stdout` or `stderr`.
        public var stream: String
        /// What it wrote, without control characters other than tabs and colours of a terminal.
        public var text: String
    }

    private let task: String
    private let attempt: Int

    /// The lines of `attempt` of the task under `key`.
    public init(of key: Key<BackgroundTask>, attempt: Int) {
        task = key.namespace + "/" + key.name
        self.attempt = attempt
    }

    /// The line, if it is one of this attempt; nil for those of others and of the runner itself.
    public func line(_ bytes: [UInt8]) -> Line? {
        guard let value = try? JSONValue(parsing: String(decoding: bytes, as: UTF8.self)),
            value["task"]?.string == task, value["attempt"]?.integer == Int64(attempt),
            let text = value["line"]?.string
        else { return nil }
        return Line(
            time: value["time"]?.string ?? "", stream: value["stream"]?.string ?? "",
            text: TaskLog.clean(text))
    }

    /// A program's own line: colours are let through, whatever else would move the cursor is not.
    static func clean(_ text: String) -> String {
        var result = String.UnicodeScalarView()
        var rest = text.unicodeScalars[...]
        while let scalar = rest.popFirst() {
            if scalar == "\u{1b}", let colour = colour(rest) {
                result.append(scalar)
                result.append(contentsOf: colour)
                rest = rest.dropFirst(colour.count)
            } else if scalar == "\t" || (scalar.value >= 32 && !(127..<160).contains(scalar.value))
            {
                result.append(scalar)
            } else {
                result.append(" ")
            }
        }
        return String(result)
    }

    /// `[31;1m` at the beginning of `rest`: what follows an escape and only sets a colour.
    private static func colour(
        _ rest: String.UnicodeScalarView.SubSequence
    ) -> String.UnicodeScalarView.SubSequence? {
        guard rest.first == "[" else { return nil }
        let numbers = rest.dropFirst().prefix(24).prefix { ("0"..."9").contains($0) || $0 == ";" }
        guard numbers.endIndex < rest.endIndex, rest[numbers.endIndex] == "m" else { return nil }
        return rest[...numbers.endIndex]
    }
}
