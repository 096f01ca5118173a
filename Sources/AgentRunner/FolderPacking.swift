import AgentProtocol
import Glibc

/// Checkpoint folders on disk: what has changed, pack, unpack.
///
/// Files whose names end in `.tmp` are left out, so that a task can write a file under such a name
/// and rename it when it is whole.
enum FolderPacking {
    /// Why a folder cannot be packed or unpacked.
    enum PackingError: Error, Hashable, CustomStringConvertible {
        /// The folder holds what no checkpoint can hold, or too much.
        case refused(String)
        /// The folder changed while it was read.
        case changing

        var description: String {
            switch self {
            case .refused(let reason): reason
            case .changing: "the checkpoint folder changed while it was read"
            }
        }
    }

    /// What a look at a folder shows: equal looks mean equal content.
    struct Look: Hashable {
        struct Entry: Hashable {
            var name: String
            var isFolder: Bool
            var isExecutable: Bool
            var size: Int
            var inode: UInt64
            var seconds: Int
            var nanoseconds: Int
        }

        var entries: [Entry] = []
    }

    /// Looks at the folder `root` without reading files.
    static func look(at root: String) throws(PackingError) -> Look {
        var result = Look()
        var open = [""]
        while let folder = open.popLast() {
            let names: [String]
            do throws(SystemError) {
                names = try Files.names(in: folder.isEmpty ? root : root + "/" + folder)
            } catch {
                throw error.code == ENOENT ? .changing : .refused("\(error)")
            }
            for name in names where !name.hasSuffix(".tmp") {
                let path = folder.isEmpty ? name : folder + "/" + name
                let entry = try lookUp(path, in: root)
                result.entries.append(entry)
                guard result.entries.count <= CheckpointArchive.entriesMax else {
                    throw .refused(
                        "the checkpoint folder holds more than "
                            + "\(CheckpointArchive.entriesMax) entries"
                    )
                }
                if entry.isFolder { open.append(path) }
            }
        }
        result.entries.sort { $0.name.utf8.lexicographicallyPrecedes($1.name.utf8) }
        return result
    }

    private static func lookUp(_ path: String, in root: String) throws(PackingError) -> Look.Entry {
        var status = stat()
        guard lstat(root + "/" + path, &status) == 0 else { throw .changing }
        let kind = status.st_mode & S_IFMT
        guard kind == S_IFREG || kind == S_IFDIR else {
            throw .refused(
                "the checkpoint folder holds \(path), which is neither a file nor a folder")
        }
        let isFolder = kind == S_IFDIR
        return Look.Entry(
            name: path, isFolder: isFolder,
            isExecutable: !isFolder && status.st_mode & S_IXUSR != 0,
            size: isFolder ? 0 : Int(status.st_size), inode: UInt64(status.st_ino),
            seconds: Int(status.st_mtim.tv_sec), nanoseconds: Int(status.st_mtim.tv_nsec))
    }

    /// Packs what `look` saw in `root`; at most `bytesMax` bytes.
    static func pack(
        _ look: Look, in root: String, bytesMax: Int
    ) throws(PackingError) -> CheckpointArchive {
        var left = bytesMax
        var entries: [CheckpointArchive.Entry] = []
        for entry in look.entries {
            let kind: CheckpointArchive.Entry.Kind =
                entry.isFolder ? .folder : entry.isExecutable ? .executable : .file
            guard !entry.isFolder else {
                entries.append(CheckpointArchive.Entry(entry.name, kind: kind))
                continue
            }
            guard entry.size <= left else {
                throw .refused("the checkpoint folder holds more than \(bytesMax) bytes")
            }
            let content: [UInt8]?
            do throws(SystemError) {
                content = try Files.read(root + "/" + entry.name, bytesMax: left)
            } catch {
                throw error.code == EFBIG || error.code == ELOOP || error.code == EINVAL
                    ? .changing : .refused("\(error)")
            }
            guard let content else { throw .changing }
            left -= content.count
            entries.append(CheckpointArchive.Entry(entry.name, kind: kind, content: content))
        }
        do throws(CheckpointArchive.ArchiveError) {
            return try CheckpointArchive(entries)
        } catch {
            throw .refused("the checkpoint folder cannot be packed: \(error)")
        }
    }

    /// Writes the archive's entries into the empty folder `root`.
    static func unpack(_ archive: CheckpointArchive, into root: String) throws(SystemError) {
        for entry in archive.entries {
            let path = root + "/" + entry.name
            if let slash = entry.name.lastIndex(of: "/") {
                try Files.makeFolder(root + "/" + entry.name[..<slash])
            }
            switch entry.kind {
            case .folder: try Files.makeFolder(path)
            case .file: try Files.create(path, entry.content)
            case .executable: try Files.create(path, entry.content, mode: 0o700)
            }
        }
    }
}
