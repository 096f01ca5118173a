import AgentProtocol
import Locking

/// What one attempt writes: cut into lines for the log, its end kept for the report.
final class AttemptOutput: Sendable {
    private struct State {
        var partial: [AttemptProcess.Stream: [UInt8]] = [:]
        var tail: [String] = []
        var tailBytes = 0
    }

    /// Most bytes of one line; longer ones are cut into several.
    private static let lineMax = 16 << 10

    private let log: OutputLog
    private let task: String
    private let id: LeaseID
    private let trace: String?
    private let state = Mutex(State())

    /// The output of the attempt `id` of `task`, which belongs to a trace where that is known.
    init(task: String, id: LeaseID, trace: String? = nil, log: OutputLog) {
        self.task = task
        self.id = id
        self.trace = trace
        self.log = log
    }

    /// Takes what the process wrote.
    func take(_ bytes: [UInt8], from stream: AttemptProcess.Stream) {
        let lines = state.withLock { state in
            var partial = state.partial[stream] ?? []
            var lines: [String] = []
            for byte in bytes {
                if byte != UInt8(ascii: "\n") {
                    partial.append(byte)
                    if partial.count < Self.lineMax { continue }
                }
                lines.append(String(decoding: partial, as: UTF8.self))
                partial.removeAll(keepingCapacity: true)
            }
            state.partial[stream] = partial
            for line in lines { Self.append(line, to: &state) }
            return lines
        }
        for line in lines { log.line(line, task: task, id: id, trace: trace, stream: stream) }
    }

    /// Takes what is left without an end of line, and returns the end of all output.
    func finish() -> String? {
        for stream in [AttemptProcess.Stream.out, .err]
        where state.withLock({ $0.partial[stream]?.isEmpty == false }) {
            take([UInt8(ascii: "\n")], from: stream)
        }
        let tail = state.withLock { $0.tail }
        return tail.isEmpty ? nil : tail.joined(separator: "\n")
    }

    private static func append(_ line: String, to state: inout State) {
        let limit = ProtocolLimits.logTailBytesMax
        let line = ProtocolLimits.prefix(of: line, bytes: limit - 1)
        state.tail.append(line)
        state.tailBytes += line.utf8.count + 1
        var dropped = 0
        while state.tailBytes > limit, dropped < state.tail.count {
            state.tailBytes -= state.tail[dropped].utf8.count + 1
            dropped += 1
        }
        state.tail.removeFirst(dropped)
    }
}
