import AgentProtocol
import Glibc
import Testing

@testable import AgentRunner

struct FolderPackingTests {
    @Test func `a folder comes back as it was, without its drafts`() throws {
        let root = try RunnerScene.temporaryFolder()
        defer { Files.remove(root) }
        try Files.makeFolder(root + "/from/a/b")
        try Files.makeFolder(root + "/from/empty")
        try Files.create(root + "/from/a/b/x", [1, 2])
        try Files.create(root + "/from/run.sh", Array("#!/bin/sh".utf8), mode: 0o700)
        try Files.create(root + "/from/draft.tmp", [9])
        let look = try FolderPacking.look(at: root + "/from")
        let archive = try FolderPacking.pack(look, in: root + "/from", bytesMax: 1_000)
        try Files.makeFolder(root + "/to")
        try FolderPacking.unpack(archive, into: root + "/to")
        let other = try FolderPacking.look(at: root + "/to")
        #expect(other.entries.map(\.name) == ["a", "a/b", "a/b/x", "empty", "run.sh"])
        #expect(try FolderPacking.pack(other, in: root + "/to", bytesMax: 1_000) == archive)
        #expect(access(root + "/to/run.sh", X_OK) == 0)
        #expect(access(root + "/to/a/b/x", X_OK) != 0)
    }

    @Test func `too much, links, pipes and odd names are refused`() throws {
        let root = try RunnerScene.temporaryFolder()
        defer { Files.remove(root) }
        try Files.create(root + "/x", [UInt8](repeating: 1, count: 100))
        let look = try FolderPacking.look(at: root)
        #expect(throws: FolderPacking.PackingError.self) {
            try FolderPacking.pack(look, in: root, bytesMax: 99)
        }
        #expect(symlink("/etc/passwd", root + "/link") == 0)
        #expect(throws: FolderPacking.PackingError.self) { try FolderPacking.look(at: root) }
        unlink(root + "/link")
        #expect(mkfifo(root + "/pipe", 0o600) == 0)
        #expect(throws: FolderPacking.PackingError.self) { try FolderPacking.look(at: root) }
        unlink(root + "/pipe")
        #expect(mkdir(Array(root.utf8CString.dropLast()) + [47, -1, 0], 0o700) == 0)
        #expect(throws: FolderPacking.PackingError.self) { try FolderPacking.look(at: root) }
    }

    @Test func `a file that became a link between the look and the packing is not followed`() throws
    {
        let root = try RunnerScene.temporaryFolder()
        defer { Files.remove(root) }
        try Files.create(root + "/x", [1])
        let look = try FolderPacking.look(at: root)
        unlink(root + "/x")
        #expect(symlink("/etc/passwd", root + "/x") == 0)
        #expect(throws: FolderPacking.PackingError.changing) {
            try FolderPacking.pack(look, in: root, bytesMax: 1_000_000)
        }
    }

    @Test func `folders are removed without following links`() throws {
        let root = try RunnerScene.temporaryFolder()
        try Files.makeFolder(root + "/keep")
        try Files.create(root + "/keep/x", [1])
        try Files.makeFolder(root + "/gone/locked")
        try Files.create(root + "/gone/locked/y", [1])
        #expect(symlink(root + "/keep", root + "/gone/link") == 0)
        #expect(mkdir(Array((root + "/gone").utf8CString.dropLast()) + [47, -1, 0], 0o700) == 0)
        chmod(root + "/gone/locked", 0)
        Files.remove(root + "/gone")
        #expect(!isThere(root + "/gone"))
        #expect(isThere(root + "/keep/x"))
        Files.remove(root)
        #expect(!isThere(root))
    }
}
