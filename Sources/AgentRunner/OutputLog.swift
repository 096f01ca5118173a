import AgentProtocol
import Glibc
import KubernetesCore
import Locking

/// Writes lines of JSON to the runner's standard output, where `kubectl logs` finds them.
///
/// A reader that is slow slows down what writes here, and so the attempts: nothing is kept in
/// memory and nothing is lost.
final class OutputLog: Sendable {
    private let file: Int32
    private let lock = Mutex(())

    /// A log on an open file.
    init(file: Int32 = STDOUT_FILENO) { self.file = file }

    /// Something that the runner itself has to say.
    func note(_ message: String, level: String = "info", about id: LeaseID? = nil) {
        var line: JSONValue = ["level": .string(level), "message": .string(message)]
        if let id {
            line["taskUID"] = .string(id.taskUID.text)
            line["attempt"] = .int(id.attempt)
        }
        write(line)
    }

    /// A line that an attempt wrote.
    func line(
        _ text: String, task: String, id: LeaseID, trace: String? = nil,
        stream: AttemptProcess.Stream
    ) {
        var line: JSONValue = [
            "task": .string(task), "taskUID": .string(id.taskUID.text),
            "attempt": .int(id.attempt), "stream": .string(stream.rawValue),
            "line": .string(text),
        ]
        if let trace { line["traceparent"] = .string(trace) }
        write(line)
    }

    private func write(_ line: JSONValue) {
        var line = line
        line["time"] = .string(SystemClock.now.time.milliText)
        let bytes = line.encoded() + [UInt8(ascii: "\n")]
        lock.withLock { _ in
            // Nobody reads any more; the attempts' work does not depend on it.
            try? Files.write(file, bytes, "standard output")
        }
    }
}
