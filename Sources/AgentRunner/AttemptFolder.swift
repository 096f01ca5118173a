import AgentProtocol
import Glibc
import KubernetesCore

/// The folder of one attempt: what it is given, what it writes, what outlives the runner.
struct AttemptFolder: Hashable, Sendable {
    /// The folder itself.
    let root: String
    /// Which attempt.
    let id: LeaseID

    /// The folder of `id` below the runner's `workDirectory`.
    init(_ id: LeaseID, in workDirectory: String) {
        self.id = id
        root = Self.all(in: workDirectory) + "/\(id.taskUID.text).\(id.attempt)"
    }

    var input: String { root + "/input.json" }
    var result: String { root + "/result.json" }
    var progress: String { root + "/progress" }
    var persona: String { root + "/persona.md" }
    var checkpoint: String { root + "/checkpoint" }
    var work: String { root + "/work" }
    var temporary: String { root + "/tmp" }
    private var report: String { root + "/report.json" }
    private var commit: String { root + "/commit.json" }

    /// The folder of all attempts' folders.
    static func all(in workDirectory: String) -> String { workDirectory + "/attempts" }

    /// Makes the folder anew for `spec`.
    func make(for spec: LeaseSpec) throws(SystemError) {
        Files.remove(root)
        for folder in [root, checkpoint, work, temporary] { try Files.makeFolder(folder) }
        try Files.create(input, (spec.input ?? .object(JSONObject())).encoded())
        if let text = spec.persona { try Files.create(persona, Array(text.utf8)) }
        guard mkfifo(progress, 0o600) == 0 else { throw SystemError("making \(progress)") }
    }

    /// Empties the checkpoint folder again.
    func clearCheckpoint() throws(SystemError) {
        Files.remove(checkpoint)
        try Files.makeFolder(checkpoint)
    }

    /// Keeps the report that the attempt is over.
    func save(_ report: LeaseReport) throws(SystemError) {
        try Files.makeFolder(root)
        try Files.replace(self.report, report.json.encoded())
    }

    /// Keeps what was committed last.
    func save(_ commit: CheckpointCommit) throws(SystemError) {
        try Files.replace(self.commit, commit.json.encoded())
    }

    /// What the attempt wrote as its result, or why there is none.
    func readResult() -> (result: JSONValue?, error: String?) {
        do {
            guard
                let bytes = try Files.read(
                    result, bytesMax: 8 * ProtocolLimits.resultBytesMax), !bytes.isEmpty
            else { return (nil, nil) }
            let value = try JSONValue(parsing: bytes)
            let size = value.encoded().count
            guard size <= ProtocolLimits.resultBytesMax else {
                return (
                    nil,
                    "the result has \(size) bytes, more than the "
                        + "\(ProtocolLimits.resultBytesMax) allowed"
                )
            }
            return (value.isNull ? nil : value, nil)
        } catch let error as JSONError {
            return (nil, "the result is no JSON: \(error)")
        } catch {
            return (nil, "the result cannot be read: \(error)")
        }
    }

    /// The reports that an earlier runner in the same pod left behind; for attempts that it left
    /// without one, that they are lost.
    static func leftBehind(
        in workDirectory: String, at now: Timestamp
    ) throws(SystemError) -> [LeaseReport] {
        let names = try Files.names(in: all(in: workDirectory))
        return names.prefix(ProtocolLimits.leasesMax).compactMap { name in
            let parts = name.split(separator: ".", omittingEmptySubsequences: false)
            guard parts.count == 2, let id = LeaseID(taskUID: parts[0], attempt: parts[1]) else {
                return nil
            }
            let folder = AttemptFolder(id, in: workDirectory)
            var reason = "the runner ended while the attempt went on"
            do {
                if let report = try folder.keptReport() { return report }
            } catch {
                reason = "the report that an earlier runner left cannot be read: \(error)"
            }
            return LeaseReport(
                id: id, state: .finished, finishedAt: now, outcome: AttemptOutcome(.lost(reason)),
                message: "lost: " + reason, checkpoint: folder.keptCommit)
        }
    }

    /// The report that was kept; nil where there is none of this attempt.
    private func keptReport() throws -> LeaseReport? {
        guard let bytes = try Files.read(report, bytesMax: 1 << 20) else { return nil }
        let report = try LeaseReport(reading: JSONDocument(parsing: bytes).root)
        return report.id == id ? report : nil
    }

    /// What was kept of the last commit. A record that cannot be read is as good as none: the next
    /// attempt asks the gateway for the newest checkpoint, whatever the report names (`a checkpoint
    /// that the task's status does not know yet is found`).
    private var keptCommit: CheckpointCommit? {
        guard let bytes = (try? Files.read(commit, bytesMax: 4_096)) ?? nil,
            let document = try? JSONDocument(parsing: bytes)
        else { return nil }
        return try? CheckpointCommit(reading: document.root)
    }
}
