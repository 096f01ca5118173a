import AgentProtocol
import Crypto
import Glibc

/// A `CheckpointArchive` in a file, written and read piece by piece: it may be larger than memory.
enum CheckpointFile {
    private static let pieceBytes = 1 << 20

    /// How many bytes the archive of a folder has; nil where no number holds it.
    static func size(of look: FolderPacking.Look) -> Int? {
        var sum = CheckpointArchive.magic.count + 4
        for entry in look.entries {
            let (next, overflow) = sum.addingReportingOverflow(
                11 + entry.name.utf8.count + entry.size)
            guard !overflow, entry.size >= 0 else { return nil }
            sum = next
        }
        return sum
    }

    // MARK: - Writing

    /// Writes the archive of what `look` saw in `folder`; returns its digest. Fails with `changing`
    /// where the folder is not as it was any more.
    static func write(
        _ look: FolderPacking.Look, in folder: String, to file: Int32
    ) throws(Workspace.WorkspaceError) -> String {
        var rules = CheckpointArchive.EntryRules()
        var writer = Writer(file: file)
        do throws(CheckpointArchive.ArchiveError) {
            try CheckpointArchive.EntryRules.check(count: look.entries.count)
        } catch {
            throw .unpackable(.refused("the checkpoint folder cannot be packed: \(error)"))
        }
        try writer.write(CheckpointArchive.magic)
        try writer.write(number: look.entries.count, bytes: 4)
        for entry in look.entries {
            let kind: CheckpointArchive.Entry.Kind =
                entry.isFolder ? .folder : entry.isExecutable ? .executable : .file
            do throws(CheckpointArchive.ArchiveError) {
                try rules.take(entry.name, kind, contentBytes: entry.size)
            } catch {
                throw .unpackable(.refused("the checkpoint folder cannot be packed: \(error)"))
            }
            try writer.write(number: Int(kind.rawValue), bytes: 1)
            try writer.write(number: entry.name.utf8.count, bytes: 2)
            try writer.write(number: entry.size, bytes: 8)
            try writer.write(Array(entry.name.utf8))
            if !entry.isFolder { try copy(folder + "/" + entry.name, entry.size, to: &writer) }
        }
        try writer.flush()
        let now: FolderPacking.Look
        do throws(FolderPacking.PackingError) {
            now = try FolderPacking.look(at: folder)
        } catch {
            throw .unpackable(error)
        }
        guard now == look else { throw .unpackable(.changing) }
        return Digest.text(of: writer.hash.finalize())
    }

    private static func copy(
        _ path: String, _ size: Int, to writer: inout Writer
    ) throws(Workspace.WorkspaceError) {
        let source = open(path, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC)
        guard source >= 0 else { throw .unpackable(.changing) }
        defer { close(source) }
        var status = stat()
        guard fstat(source, &status) == 0, status.st_mode & S_IFMT == S_IFREG,
            status.st_size == size
        else { throw .unpackable(.changing) }
        var left = size
        var piece = [UInt8](repeating: 0, count: min(size, pieceBytes))
        while left > 0 {
            let count = Glibc.read(source, &piece, min(left, piece.count))
            if count < 0 && errno == EINTR { continue }
            guard count >= 0 else {
                throw .unpackable(.refused("\(SystemError("reading \(path)"))"))
            }
            guard count > 0 else { throw .unpackable(.changing) }
            try writer.write(Array(piece[..<count]))
            left -= count
        }
    }

    private struct Writer {
        let file: Int32
        var hash = SHA256()
        var held: [UInt8] = []

        init(file: Int32) { self.file = file }

        mutating func write(number: Int, bytes: Int) throws(Workspace.WorkspaceError) {
            try write(
                (0..<bytes).reversed().map { UInt8(truncatingIfNeeded: number >> (8 * $0)) })
        }

        mutating func write(_ bytes: [UInt8]) throws(Workspace.WorkspaceError) {
            held += bytes
            if held.count >= pieceBytes { try flush() }
        }

        mutating func flush() throws(Workspace.WorkspaceError) {
            hash.update(data: held)
            do throws(SystemError) {
                try Files.write(file, held, "the checkpoint")
            } catch {
                throw .broken(error)
            }
            held.removeAll(keepingCapacity: true)
        }
    }

    // MARK: - Reading

    /// Unpacks `file` into the empty folder `folder`; what it holds is good only if this returns.
    static func read(
        _ file: Int32, _ ref: CheckpointRef, into folder: String
    ) throws(Workspace.WorkspaceError) {
        var reader = Reader(file: file, left: ref.bytes)
        do throws(CheckpointArchive.ArchiveError) {
            try unpack(&reader, into: folder)
        } catch {
            throw .damaged("it is no archive: \(error)")
        }
        guard reader.left == 0 else { throw .damaged("it has bytes behind its end") }
        guard Digest.text(of: reader.hash.finalize()) == ref.digest else {
            throw .damaged("its digest is another than the one committed")
        }
    }

    private static func unpack(
        _ reader: inout Reader, into folder: String
    ) throws(CheckpointArchive.ArchiveError) {
        guard try reader.take(CheckpointArchive.magic.count) == CheckpointArchive.magic else {
            throw .init("it does not begin as a checkpoint does")
        }
        let count = try reader.number(bytes: 4)
        try CheckpointArchive.EntryRules.check(count: count)
        var rules = CheckpointArchive.EntryRules()
        for _ in 0..<count {
            let raw = try reader.number(bytes: 1)
            guard let kind = CheckpointArchive.Entry.Kind(rawValue: UInt8(raw)) else {
                throw .init("it has an entry of an unknown kind")
            }
            let nameLength = try reader.number(bytes: 2)
            let size = try reader.number(bytes: 8)
            guard let name = String(validating: try reader.take(nameLength), as: UTF8.self) else {
                throw .init("it has a name that is not UTF-8")
            }
            try rules.take(name, kind, contentBytes: size)
            guard size <= reader.left else { throw .init("it ends in the middle of an entry") }
            do throws(SystemError) {
                try make(name, kind, size, &reader, in: folder)
            } catch {
                throw .init("\(name) cannot be written: \(error)")
            }
        }
    }

    private static func make(
        _ name: String, _ kind: CheckpointArchive.Entry.Kind, _ size: Int, _ reader: inout Reader,
        in folder: String
    ) throws(SystemError) {
        let path = folder + "/" + name
        if let slash = name.lastIndex(of: "/") {
            try Files.makeFolder(folder + "/" + name[..<slash])
        }
        guard kind != .folder else { return try Files.makeFolder(path) }
        let flags = O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC
        let target = open(path, flags, kind == .executable ? 0o700 : 0o600)
        guard target >= 0 else { throw SystemError("making \(name)") }
        defer { close(target) }
        var left = size
        while left > 0 {
            let piece = try reader.piece(atMost: min(left, pieceBytes))
            try Files.write(target, piece, name)
            left -= piece.count
        }
    }

    private struct Reader {
        let file: Int32
        var left: Int
        var hash = SHA256()

        init(file: Int32, left: Int) {
            self.file = file
            self.left = left
        }

        /// Some bytes, at least one.
        mutating func piece(atMost most: Int) throws(SystemError) -> [UInt8] {
            var bytes = [UInt8](repeating: 0, count: most)
            while true {
                let count = Glibc.read(file, &bytes, most)
                if count < 0 && errno == EINTR { continue }
                guard count > 0 else {
                    throw SystemError("reading the checkpoint", code: count < 0 ? errno : EIO)
                }
                bytes.removeLast(most - count)
                hash.update(data: bytes)
                left -= count
                return bytes
            }
        }

        mutating func take(
            _ count: Int
        ) throws(CheckpointArchive.ArchiveError) -> [UInt8] {
            guard count <= left else { throw .init("it ends in the middle of an entry") }
            var result: [UInt8] = []
            while result.count < count {
                do throws(SystemError) {
                    result += try piece(atMost: count - result.count)
                } catch {
                    throw .init("\(error)")
                }
            }
            return result
        }

        mutating func number(bytes: Int) throws(CheckpointArchive.ArchiveError) -> Int {
            let value = try take(bytes).reduce(UInt64(0)) { $0 << 8 | UInt64($1) }
            guard let number = Int(exactly: value) else {
                throw .init("it has a length that cannot be")
            }
            return number
        }
    }
}
