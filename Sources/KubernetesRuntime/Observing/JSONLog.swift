import Glibc
import KubernetesCore
import Locking
public import Logging

/// Writes messages to standard error, a JSON object a line, so that a log collector needs no rules
/// for reading them. Metadata are members of the object beside the message.
public struct JSONLog: LogHandler {
    /// The least severe messages that are written.
    public var logLevel = Logger.Level.info
    /// What belongs to every message.
    public var metadata: Logger.Metadata = [:]
    /// What belongs to the messages of the current work.
    public var metadataProvider: Logger.MetadataProvider?

    private let label: String
    private let time: any TimeSource
    private let sink: @Sendable ([UInt8]) -> Void

    /// Most characters of a message, and of one value beside it.
    private static let messageMax = 8_192
    private static let valueMax = 2_048
    /// Most values in a list, members in a dictionary, and levels of both.
    private static let elementsMax = 64
    private static let depthMax = 4
    /// Lines of several threads do not run into each other.
    private static let turn = Mutex(())

    /// A handler for the logger `label`.
    /// - Parameter sink: takes each line, with its end; standard error where nothing else is said.
    public init(
        label: String, provider: Logger.MetadataProvider? = nil,
        time: any TimeSource = SystemTime(), sink: (@Sendable ([UInt8]) -> Void)? = nil
    ) {
        self.label = label
        self.time = time
        self.sink = sink ?? JSONLog.toStandardError
        metadataProvider = provider
    }

    /// A value that belongs to every message.
    public subscript(metadataKey key: String) -> Logger.Metadata.Value? {
        get { metadata[key] }
        set { metadata[key] = newValue }
    }

    /// Writes a message.
    public func log(event: LogEvent) {
        var all = metadata
        for more in [metadataProvider?.get(), event.metadata].compactMap({ $0 }) {
            all.merge(more) { $1 }
        }
        if let error = event.error { all["error"] = "\(error)" }
        let line = JSONLog.line(
            event.message.description, level: event.level, label: label, all, at: time.now.time)
        sink(line.encoded() + [UInt8(ascii: "\n")])
    }

    /// The object of one message. Metadata come in the order of their names; one that is called as
    /// a member of every message gets an underscore behind its name.
    static func line(
        _ message: String, level: Logger.Level, label: String, _ metadata: Logger.Metadata,
        at time: Timestamp
    ) -> JSONValue {
        var object: JSONObject = [
            "time": .string(time.milliText), "level": .string(level.rawValue),
            "logger": .string(label), "message": .string(cut(message, messageMax)),
        ]
        for (key, value) in metadata.sorted(by: { $0.key < $1.key }) {
            object[object[key] == nil ? key : key + "_"] = json(value, depth: 0)
        }
        return .object(object)
    }

    private static func json(_ value: Logger.MetadataValue, depth: Int) -> JSONValue {
        guard depth < depthMax else { return .string(cut("\(value)", valueMax)) }
        switch value {
        case .string(let text): return .string(cut(text, valueMax))
        case .stringConvertible(let thing): return .string(cut("\(thing)", valueMax))
        case .array(let values):
            return .array(values.prefix(elementsMax).map { json($0, depth: depth + 1) })
        case .dictionary(let members):
            let first = members.sorted { $0.key < $1.key }.prefix(elementsMax)
            return .object(
                JSONObject(first.map { ($0.key, json($0.value, depth: depth + 1)) }))
        }
    }

    private static func cut(_ text: String, _ max: Int) -> String {
        text.utf8.count <= max ? text : String(text.prefix(max)) + "…"
    }

    private static func toStandardError(_ bytes: [UInt8]) {
        turn.withLock { _ in
            var rest = bytes[...]
            while !rest.isEmpty {
                let written = rest.withUnsafeBytes { write(2, $0.baseAddress, $0.count) }
                // Nobody reads any more; the work does not depend on it.
                guard written > 0 else { return }
                rest = rest.dropFirst(written)
            }
        }
    }
}
