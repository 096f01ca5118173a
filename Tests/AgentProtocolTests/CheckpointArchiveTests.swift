import AgentProtocol
import Testing

struct CheckpointArchiveTests {
    private typealias Entry = CheckpointArchive.Entry

    @Test func `an archive is read as it was written`() throws {
        let archive = try CheckpointArchive([
            Entry("b/inner.txt", content: Array("hello".utf8)), Entry("b", kind: .folder),
            Entry("a.sh", kind: .executable, content: Array("#!/bin/sh".utf8)),
            Entry("empty"), Entry("ünïcode/ö", content: [0, 1, 255]),
        ])
        let read = try CheckpointArchive(reading: archive.encoded)
        #expect(read == archive)
        #expect(read.entries.map(\.name) == ["a.sh", "b", "b/inner.txt", "empty", "ünïcode/ö"])
        #expect(archive.encoded.count == archive.size)
    }

    @Test func `equal folders give equal bytes`() throws {
        let one = try CheckpointArchive([Entry("x", content: [1]), Entry("y", content: [2])])
        let other = try CheckpointArchive([Entry("y", content: [2]), Entry("x", content: [1])])
        #expect(one.encoded == other.encoded)
    }

    @Test(arguments: [
        "", "/etc/passwd", "../x", "a/../../x", "a//b", "a/", ".", "..", "a/.", "./a", "a\0b",
        String(repeating: "x", count: 256), String(repeating: "a/", count: 40) + "b",
        String(repeating: "abc/", count: 400) + "b",
    ])
    func `no name leaves the folder`(name: String) {
        #expect(throws: CheckpointArchive.ArchiveError.self) {
            try CheckpointArchive([Entry(name, content: [1])])
        }
        #expect(throws: CheckpointArchive.ArchiveError.self) {
            try CheckpointArchive(reading: hostile([(0, name, [1])]))
        }
    }

    @Test func `no name stands twice, no file holds others, no folder has content`() {
        for entries: [(UInt8, String, [UInt8])] in [
            [(0, "a", [1]), (0, "a", [2])], [(0, "b", []), (0, "a", [])],
            [(0, "a", []), (0, "a/b", [])], [(2, "a", [1])], [(3, "a", [])],
            [(0, "a", []), (0, "a-b", []), (0, "a/c/d", [])],
        ] {
            #expect(throws: CheckpointArchive.ArchiveError.self, "\(entries)") {
                try CheckpointArchive(reading: hostile(entries))
            }
        }
    }

    @Test func `no length is believed before the bytes are there`() {
        let magic = Array("SWCKPT1\n".utf8)
        let huge = [UInt8](repeating: 255, count: 8)
        for bytes: [UInt8] in [
            [], magic, magic + [0, 0, 0], magic + [255, 255, 255, 255],
            magic + [0, 0, 0, 1], magic + [0, 0, 0, 1, 0, 0, 1] + huge + [97],
            magic + [0, 0, 0, 1, 0, 0, 1, 127] + huge.dropFirst() + [97],
            magic + [0, 0, 0, 0, 1], magic + [0, 0, 0, 1, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0xFF],
        ] {
            #expect(throws: CheckpointArchive.ArchiveError.self, "\(bytes)") {
                try CheckpointArchive(reading: bytes)
            }
        }
        #expect(throws: CheckpointArchive.ArchiveError.self) {
            try CheckpointArchive(reading: hostile([(0, "a", [1, 2, 3])]), bytesMax: 10)
        }
    }

    @Test func `every cut and every changed byte is refused or harmless`() throws {
        let archive = try CheckpointArchive([
            Entry("a", kind: .folder), Entry("a/b", content: [1, 2, 3]), Entry("c"),
        ])
        let bytes = archive.encoded
        for length in bytes.indices {
            #expect(throws: CheckpointArchive.ArchiveError.self) {
                try CheckpointArchive(reading: Array(bytes[..<length]))
            }
        }
        for index in bytes.indices {
            for bit in 0..<8 {
                var changed = bytes
                changed[index] ^= 1 << bit
                if let read = try? CheckpointArchive(reading: changed) {
                    #expect(try CheckpointArchive(reading: read.encoded) == read)
                }
            }
        }
    }

    private func hostile(_ entries: [(UInt8, String, [UInt8])]) -> [UInt8] {
        var result = Array("SWCKPT1\n".utf8) + [0, 0, 0, UInt8(entries.count)]
        for (kind, name, content) in entries {
            let length = name.utf8.count
            result += [kind, UInt8(length >> 8), UInt8(length & 255)]
            result += [0, 0, 0, 0, 0, 0, 0, UInt8(content.count)]
            result += Array(name.utf8) + content
        }
        return result
    }
}
