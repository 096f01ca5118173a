public import KubernetesCore

/// How far an attempt says it is.
public struct TaskProgress: Hashable, Sendable {
    /// 0 to 100.
    public var percent: Int
    /// A few words for people; one line, at most 256 bytes.
    public var message: String

    /// Progress of `percent`, held between 0 and 100, and a message, cut to its limit.
    public init(percent: Int, message: String = "") {
        self.percent = min(max(percent, 0), 100)
        self.message = ProtocolLimits.prefix(
            of: String(message.map { $0.isPrintable ? $0 : " " }),
            bytes: ProtocolLimits.progressBytesMax)
    }

    /// Reads a line that a task wrote, as in `42 message` or `42`; `nil` where it is none. A line
    /// is foreign text: it is cut, and control characters become spaces.
    public init?(line: String) {
        let parts = line.split(separator: " ", maxSplits: 1, omittingEmptySubsequences: true)
        guard let first = parts.first else { return nil }
        let digits = first.hasSuffix("%") ? first.dropLast() : first
        guard !digits.isEmpty, let number = Double(digits), number.isFinite else { return nil }
        self.init(
            percent: Int(min(max(number, 0), 100)),
            message: parts.count > 1 ? String(parts[1]) : "")
    }

    /// Reads the members `percent` and `message`.
    public init(reading node: JSONNode) throws(JSONError) {
        let percent = try node.required("percent").integer(in: 0...100)
        let message = try node["message"]?.string(atMost: ProtocolLimits.progressBytesMax) ?? ""
        self.init(percent: percent, message: message)
    }

    /// This progress in JSON.
    public var json: JSONValue {
        message.isEmpty
            ? ["percent": .int(percent)]
            : ["percent": .int(percent), "message": .string(message)]
    }
}

extension Character {
    /// Whether this is no control character.
    fileprivate var isPrintable: Bool {
        unicodeScalars.allSatisfy {
            $0.value >= 0x20 && $0.value != 0x7F && !(0x80...0x9F ~= $0.value)
        }
    }
}
