import AgentProtocol
import KubernetesCore
import Testing

@testable import AgentRunner

struct AttemptFolderTests {
    private let id = LeaseID(taskUID: UID("t1"), attempt: 1)

    /// Makes the folder of an attempt in a work directory of its own.
    private func left(_ body: (AttemptFolder, String) throws -> Void) throws {
        let work = try RunnerScene.temporaryFolder()
        defer { Files.remove(work) }
        try Files.makeFolder(AttemptFolder.all(in: work))
        let folder = AttemptFolder(id, in: work)
        try folder.make(for: RunnerScene.script("true"))
        try body(folder, work)
    }

    private func reports(in work: String) throws -> [LeaseReport] {
        try AttemptFolder.leftBehind(in: work, at: Timestamp(seconds: 0))
    }

    @Test func `a report that was kept comes back, and one that is broken says so`() throws {
        try left { folder, work in
            #expect(try reports(in: work).first?.message.contains("the runner ended") == true)
            let report = LeaseReport(
                id: id, state: .finished, outcome: AttemptOutcome(.exited(0)), message: "done")
            try folder.save(report)
            #expect(try reports(in: work) == [report])
            try Files.replace(folder.root + "/report.json", Array("{".utf8))
            let broken = try #require(try reports(in: work).first)
            #expect(broken.message.hasPrefix("lost: the report that an earlier runner left cannot"))
            #expect(broken.outcome?.isSuccess == false)
        }
    }

    @Test func `a record of a commit that is broken counts as none`() throws {
        try left { folder, work in
            let commit = CheckpointCommit(
                CheckpointRef(sequence: 3, bytes: 1, digest: "sha256:00"),
                time: Timestamp(seconds: 7))
            try folder.save(commit)
            #expect(try reports(in: work).first?.checkpoint == commit)
            try Files.replace(folder.root + "/commit.json", Array("{".utf8))
            #expect(try reports(in: work).first?.checkpoint == nil)
        }
    }

    @Test func `attempts that cannot be listed are not taken for none`() throws {
        try left { _, work in
            let attempts = AttemptFolder.all(in: work)
            Files.remove(attempts)
            try Files.create(attempts, [])
            #expect(throws: SystemError.self) { try reports(in: work) }
        }
    }
}
