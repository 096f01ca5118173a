import AgentProtocol
import Glibc
import KubernetesCore
import Testing

@testable import AgentRunner

/// Checkpoints on a volume that others can write to, too.
struct WorkspaceTests {
    private let id = LeaseID(taskUID: UID("task-t"), attempt: 2)

    /// A volume, a checkpoint folder with something in it, and an empty one.
    private struct Scene {
        let root: String
        var workspace: Workspace
        var folder: String { root + "/from" }
        var target: String { root + "/to" }

        func file(_ checkpoint: VolumeCheckpoint, of task: String = "task-t") -> String {
            workspace.root + "/" + checkpoint.path(of: UID(task))
        }

        func empty() throws {
            Files.remove(target)
            try Files.makeFolder(target)
        }

        /// Whether reading is refused because of what the file holds; with a reason.
        func refusal(
            of checkpoint: VolumeCheckpoint, _ task: String = "task-t"
        ) throws -> String? {
            try empty()
            do throws(Workspace.WorkspaceError) {
                try workspace.read(checkpoint, of: UID(task), into: target)
                return nil
            } catch {
                guard case .damaged(let reason) = error else { throw error }
                return reason
            }
        }
    }

    private func run(_ body: (Scene) throws -> Void) throws {
        let root = try RunnerScene.temporaryFolder()
        defer { Files.remove(root) }
        let scene = Scene(
            root: root,
            workspace: Workspace(
                root: root + "/volume", claim: "shop/work", bytesMax: 8 << 20,
                retentionSeconds: 3_600))
        for folder in ["/volume", "/from", "/from/sub", "/to"] {
            try Files.makeFolder(root + folder)
        }
        try Files.create(scene.folder + "/sub/count", Array("7\n".utf8))
        try Files.create(scene.folder + "/run", Array("#!/bin/sh\n".utf8), mode: 0o700)
        try body(scene)
    }

    private func commit(
        _ scene: Scene, as sequence: Int = 3, of lease: LeaseID? = nil
    ) throws -> VolumeCheckpoint {
        try scene.workspace.write(
            FolderPacking.look(at: scene.folder), in: scene.folder, as: sequence, of: lease ?? id)
    }

    @Test func `a folder comes back as it was, however large its files are`() throws {
        try run { scene in
            let large = (0..<3_000_000).map { UInt8(truncatingIfNeeded: $0 &* 7) }
            try Files.create(scene.folder + "/large", large)
            let made = try commit(scene)
            #expect(made.path(of: id.taskUID) == "checkpoints/task-t/3.2")
            #expect(try scene.refusal(of: made) == nil)
            #expect(try Files.read(scene.target + "/large", bytesMax: 8 << 20) == large)
            #expect(try Files.read(scene.target + "/sub/count", bytesMax: 9) == Array("7\n".utf8))
            #expect(access(scene.target + "/run", X_OK) == 0)
            // The same bytes as where an archive is held in memory.
            let packed = try FolderPacking.pack(
                FolderPacking.look(at: scene.folder), in: scene.folder, bytesMax: 8 << 20)
            #expect(made.ref.digest == Digest.text(of: packed.encoded))
            #expect(made.ref.bytes == packed.size)
        }
    }

    @Test func `every cut and every changed byte of a file on the volume is refused`() throws {
        try run { scene in
            let made = try commit(scene)
            let good = try #require(try Files.read(scene.file(made), bytesMax: 1 << 20))
            for index in good.indices {
                var bad = good
                bad[index] ^= 1 << UInt8(index % 8)
                try Files.replace(scene.file(made), bad)
                #expect(try scene.refusal(of: made) != nil, "byte \(index) is another")
                try Files.replace(scene.file(made), Array(good[..<index]))
                #expect(try scene.refusal(of: made) != nil, "cut to \(index) bytes")
            }
            try Files.replace(scene.file(made), good + [0])
            #expect(try scene.refusal(of: made) != nil)
            try Files.replace(scene.file(made), good)
            #expect(try scene.refusal(of: made) == nil)
        }
    }

    @Test func `another task's checkpoint, and an older one, are refused under this one's name`()
        throws
    {
        try run { scene in
            let older = try commit(scene, as: 2)
            let foreign = try commit(scene, of: LeaseID(taskUID: UID("other"), attempt: 2))
            try Files.replace(scene.folder + "/sub/count", Array("8\n".utf8))
            let newest = try commit(scene)
            #expect(newest.ref.bytes == older.ref.bytes)
            for place in [scene.file(older), scene.file(foreign, of: "other")] {
                let bytes = try #require(try Files.read(place, bytesMax: 1 << 20))
                try Files.replace(scene.file(newest), bytes)
                #expect(try scene.refusal(of: newest)?.contains("digest") == true)
            }
        }
    }

    @Test func `what is no plain file of the volume is not followed`() throws {
        try run { scene in
            let made = try commit(scene)
            let (file, folder) = (scene.file(made), scene.workspace.root + "/checkpoints/task-t")
            let elsewhere = scene.root + "/elsewhere"
            #expect(rename(file, elsewhere) == 0)
            #expect(try scene.refusal(of: made) == "its file is gone")
            #expect(symlink(elsewhere, file) == 0)
            #expect(try scene.refusal(of: made)?.contains("opening its file") == true)
            unlink(file)
            #expect(mkfifo(file, 0o600) == 0)
            #expect(try scene.refusal(of: made) == "its file is no plain file")
            unlink(file)
            rmdir(folder)
            // A folder that is a link leads nowhere, neither for reading nor for writing.
            #expect(mkdir(scene.root + "/trap", 0o700) == 0)
            #expect(symlink(scene.root + "/trap", folder) == 0)
            #expect(rename(elsewhere, scene.root + "/trap/" + made.file) == 0)
            #expect(throws: Workspace.WorkspaceError.self) { try scene.refusal(of: made) }
            #expect(throws: Workspace.WorkspaceError.self) { try commit(scene, as: 9) }
            #expect(try Files.names(in: scene.root + "/trap") == [made.file])
        }
    }

    @Test(arguments: ["../out", "a/../../out", "/out", "a//b", "sub/count", ""])
    func `no name in a file on the volume leaves the folder, whatever its digest`(name: String)
        throws
    {
        try run { scene in
            func entry(_ name: String) -> [UInt8] {
                [0, 0, UInt8(name.utf8.count)] + [0, 0, 0, 0, 0, 0, 0, 1] + Array(name.utf8) + [65]
            }
            let names = name == "sub/count" ? ["sub", "sub/count"] : [name]
            let bytes =
                CheckpointArchive.magic + [0, 0, 0, UInt8(names.count)] + names.flatMap(entry)
            let made = VolumeCheckpoint(
                CheckpointRef(sequence: 3, bytes: bytes.count, digest: Digest.text(of: bytes)),
                attempt: 2)
            try Files.makeFolder(scene.workspace.root + "/checkpoints/task-t")
            try Files.create(scene.file(made), bytes)
            #expect(try scene.refusal(of: made)?.contains("no archive") == true)
            #expect(access(scene.root + "/out", F_OK) != 0)
            #expect(access("/out", F_OK) != 0)
        }
    }

    @Test func `more than the pool allows is neither written nor read`() throws {
        try run { scene in
            var small = scene
            let made = try commit(scene)
            small.workspace = Workspace(
                root: scene.workspace.root, claim: "shop/work", bytesMax: made.ref.bytes - 1,
                retentionSeconds: 3_600)
            #expect(try small.refusal(of: made)?.contains("checkpointBytesMax") == true)
            do {
                _ = try commit(small, as: 4)
                Issue.record("it was written")
            } catch {
                #expect("\(error)".contains("checkpointBytesMax"))
            }
            #expect(try Files.names(in: scene.workspace.root + "/checkpoints/task-t") == ["3.2"])
        }
    }

    @Test func `what a commit replaces is removed, and never what a later attempt wrote`() throws {
        try run { scene in
            let folder = scene.workspace.root + "/checkpoints/task-t"
            let first = LeaseID(taskUID: id.taskUID, attempt: 1)
            let later = LeaseID(taskUID: id.taskUID, attempt: 3)
            for (sequence, lease) in [(1, first), (2, id), (3, id), (4, id), (9, later)] {
                _ = try commit(scene, as: sequence, of: lease)
            }
            for name in [".draft.1.7", ".draft.3.8", "odd"] {
                try Files.create(folder + "/" + name, [1])
            }
            let kept = [4, 3].map {
                VolumeCheckpoint(CheckpointRef(sequence: $0, bytes: 1, digest: ""), attempt: 2)
            }
            #expect(scene.workspace.tidy(keeping: kept, of: id) == nil)
            #expect(try Files.names(in: folder) == [".draft.3.8", "3.2", "4.2", "9.3", "odd"])
            #expect(scene.workspace.forget(id.taskUID) == nil)
            #expect(try Files.names(in: scene.workspace.root + "/checkpoints").isEmpty)
        }
    }

    @Test func `what cannot be removed is told, and the rest is removed`() throws {
        try run { scene in
            let folder = scene.workspace.root + "/checkpoints/task-t"
            #expect(scene.workspace.forget(id.taskUID) == nil, "there is nothing to remove yet")
            #expect(scene.workspace.tidy(keeping: [], of: id) == nil)
            #expect(scene.workspace.sweep(at: SystemClock.now.time) == nil)
            _ = try commit(scene, as: 4)
            // Folders where files are expected, as another agent may have made them.
            try Files.makeFolder(folder + "/2.1")
            try Files.makeFolder(folder + "/3.2")
            let tidied = scene.workspace.tidy(keeping: [], of: id)
            #expect(tidied == SystemError("removing 2.1", code: EISDIR))
            #expect(try Files.names(in: folder) == ["2.1", "3.2"])
            #expect(scene.workspace.forget(id.taskUID)?.code == EISDIR)
            let other = LeaseID(taskUID: UID("other"), attempt: 1)
            _ = try commit(scene, of: other)
            let later = SystemClock.now.time + .seconds(3_700)
            #expect(scene.workspace.sweep(at: later)?.code == EISDIR)
            #expect(try Files.names(in: scene.workspace.root + "/checkpoints") == ["task-t"])
            Files.remove(folder)
            #expect(symlink("/tmp", folder) == 0)
            #expect(scene.workspace.forget(id.taskUID)?.doing == "opening the folder task-t")
            #expect(scene.workspace.tidy(keeping: [], of: id)?.doing == "opening the folder task-t")
            Files.remove(scene.workspace.root)
            #expect(scene.workspace.sweep(at: later)?.code == ENOENT, "the volume is not there")
        }
    }

    @Test func `what stays on the volume is said once, until it has gone well again`()
        async throws
    {
        let volume = try RunnerScene.temporaryFolder()
        defer { Files.remove(volume) }
        try Files.create(volume + "/checkpoints", [])
        let environment = [
            "SWIFTLET_WORKSPACE_DIR": volume, "SWIFTLET_WORKSPACE_CLAIM": "shop/work",
        ]
        try await RunnerScene.run(environment: environment) { scene in
            func said() -> [String] {
                scene.log.lines.compactMap { $0["message"]?.string }.filter {
                    $0.contains("cannot be removed from the workspace volume shop/work")
                }
            }
            let now = SystemClock.now.time
            try await eventually { said().count == 1 }
            for _ in 0..<3 { await scene.runner.onWorkspace(.sweep) { $0.sweep(at: now) } }
            #expect(said().count == 1)
            #expect(said().first?.contains("Not a directory") == true, "\(said())")
            Files.remove(volume + "/checkpoints")
            await scene.runner.onWorkspace(.sweep) { $0.sweep(at: now) }
            try Files.create(volume + "/checkpoints", [])
            await scene.runner.onWorkspace(.sweep) { $0.sweep(at: now) }
            #expect(said().count == 2)
            await scene.runner.onWorkspace(.forget) { $0.forget(UID("t")) }
            #expect(said().count == 3, "another kind is said, too")
        }
    }

    @Test func `without the gateway's record nothing is removed from the volume, and that is said`()
        async throws
    {
        let volume = try RunnerScene.temporaryFolder()
        defer { Files.remove(volume) }
        let environment = [
            "SWIFTLET_WORKSPACE_DIR": volume, "SWIFTLET_WORKSPACE_CLAIM": "shop/work",
        ]
        // This gateway answers with no record at all.
        try await RunnerScene.run(environment: environment) { scene in
            await scene.gateway.give(
                LeaseID(taskUID: UID("t1"), attempt: 1),
                RunnerScene.script(
                    """
                    head -c \(ProtocolLimits.checkpointBesideTaskMax) /dev/urandom \\
                        > $SWIFTLET_CHECKPOINT_DIR/large
                    exec sleep 60
                    """))
            try await eventually {
                scene.log.lines.contains {
                    $0["message"]?.string?.contains("the gateway's record of checkpoints") == true
                }
            }
            #expect(try Files.names(in: volume + "/checkpoints/t1") == ["1.1"])
        }
    }

    @Test func `what nobody has touched for as long as it is kept is removed`() throws {
        try run { scene in
            _ = try commit(scene)
            _ = try commit(scene, of: LeaseID(taskUID: UID("other"), attempt: 1))
            let folder = scene.workspace.root + "/checkpoints"
            let now = SystemClock.now.time
            try Files.create(folder + "/file", [1])
            #expect(scene.workspace.sweep(at: now) == nil)
            #expect(try Files.names(in: folder) == ["file", "other", "task-t"])
            #expect(scene.workspace.sweep(at: now + .seconds(3_700)) == nil)
            #expect(try Files.names(in: folder) == ["file"])
        }
    }
}
