import KubernetesCore

/// Which trace something belongs to, and as which span of it (W3C Trace Context, level 1).
public struct TraceContext: Hashable, Sendable {
    /// Names the trace: 32 hexadecimal digits in lower case, not all zero.
    public let traceID: String
    /// Names the span: 16 such digits, not all zero.
    public let spanID: String
    /// Whether the caller records the trace.
    public let isSampled: Bool

    /// A context by its parts.
    init(traceID: String, spanID: String, isSampled: Bool) {
        self.traceID = traceID
        self.spanID = spanID
        self.isSampled = isSampled
    }

    /// Reads the field `traceparent`; `nil` where it is malformed. What versions above 00 append is
    /// left out, as the standard asks for.
    public init?(traceparent: String) {
        let parts = traceparent.split(separator: "-", omittingEmptySubsequences: false)
        guard traceparent.utf8.count <= 256, parts.count >= 4,
            TraceContext.isHex(parts[0], 2), parts[0] != "ff",
            parts[0] != "00" || parts.count == 4, TraceContext.isHex(parts[1], 32),
            TraceContext.isHex(parts[2], 16), TraceContext.isHex(parts[3], 2),
            parts[1].contains(where: { $0 != "0" }), parts[2].contains(where: { $0 != "0" }),
            let flags = UInt8(parts[3], radix: 16)
        else { return nil }
        self.init(
            traceID: String(parts[1]), spanID: String(parts[2]), isSampled: flags & 1 == 1)
    }

    /// The field `traceparent` in version 00.
    public var traceparent: String { "00-\(traceID)-\(spanID)-\(isSampled ? "01" : "00")" }

    private static func isHex(_ text: Substring, _ count: Int) -> Bool {
        text.utf8.count == count
            && text.utf8.allSatisfy {
                (0x30...0x39).contains($0) || (0x61...0x66).contains($0)
            }
    }

    /// So many digits that follow from a text alone.
    fileprivate static func digits(_ text: String, bytes count: Int) -> String {
        var bytes = Array(SHA256Digest.hash(Array(text.utf8)).prefix(count))
        // All zero is no name; one in 2^64 texts would have it.
        if bytes.allSatisfy({ $0 == 0 }) { bytes[count - 1] = 1 }
        return bytes.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
    }
}

extension BackgroundTask {
    /// What the submitter said in the annotation `swiftlet.dev/traceparent`; `nil` where that is
    /// absent or malformed.
    public var parentTrace: TraceContext? {
        metadata.annotations[SwiftletNames.Annotation.traceparent]
            .flatMap { TraceContext(traceparent: $0) }
    }

    /// The task's own span, in the submitter's trace or in one of its own. It follows from the
    /// object alone: every operator that ever leads names it alike.
    public var trace: TraceContext { span("task") }

    /// The span of attempt `number`, a child of the task's.
    public func trace(ofAttempt number: Int) -> TraceContext { span("attempt \(number)") }

    /// The span of the wait for an agent, a child of the task's.
    public var queueTrace: TraceContext { span("queue") }

    /// What Events about the task carry for programs.
    public var eventAnnotations: [String: String] {
        [SwiftletNames.Annotation.traceparent: trace.traceparent]
    }

    private func span(_ name: String) -> TraceContext {
        let uid = metadata.uid.text
        let parent = parentTrace
        return TraceContext(
            traceID: parent?.traceID ?? TraceContext.digits("trace " + uid, bytes: 16),
            spanID: TraceContext.digits(name + " " + uid, bytes: 8),
            isSampled: parent?.isSampled ?? true)
    }
}
