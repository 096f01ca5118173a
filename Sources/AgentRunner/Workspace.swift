import AgentProtocol
import Glibc
import KubernetesCore

/// The volume that a pool's agents have in common: where checkpoints lie that are too large to be
/// kept beside their task.
///
/// Tasks of the pool can write there, too. So nothing on it is believed: a folder on the way is
/// never a link, a file has the size and the digest that were committed, and every name in it is
/// checked before anything is made of it.
struct Workspace: Hashable, Sendable {
    /// Where the volume is mounted.
    let root: String
    /// Which volume it is: `namespace/claim`.
    let claim: String
    /// Most bytes of a checkpoint.
    let bytesMax: Int
    /// How long a checkpoint that nobody touches is kept, in seconds.
    let retentionSeconds: Int

    /// Why a checkpoint cannot be written or read.
    enum WorkspaceError: Error, Hashable, CustomStringConvertible {
        /// What is to be written cannot be a checkpoint.
        case unpackable(FolderPacking.PackingError)
        /// What lies there is not what was committed, for this reason.
        case damaged(String)
        /// The volume cannot be used.
        case broken(SystemError)

        var description: String {
            switch self {
            case .unpackable(let error): "\(error)"
            case .damaged(let reason): reason
            case .broken(let error): "the workspace volume cannot be used: \(error)"
            }
        }
    }

    /// Packs what `look` saw in `folder` into a file that is durable and whole when this returns.
    func write(
        _ look: FolderPacking.Look, in folder: String, as sequence: Int, of id: LeaseID
    ) throws(WorkspaceError) -> VolumeCheckpoint {
        guard let size = CheckpointFile.size(of: look), size <= bytesMax else {
            throw .unpackable(
                .refused(
                    "the checkpoint folder holds more than the \(bytesMax) bytes that the pool's "
                        + "spec.workspace.checkpointBytesMax allows"))
        }
        let place = try open(id.taskUID, making: true)
        defer { close(place) }
        let draft = ".draft.\(id.attempt).\(sequence)"
        unlinkat(place, draft, 0)
        let file = openat(place, draft, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0o600)
        guard file >= 0 else { throw .broken(SystemError("making \(draft)")) }
        defer { close(file) }
        do throws(WorkspaceError) {
            let digest = try CheckpointFile.write(look, in: folder, to: file)
            let made = VolumeCheckpoint(
                CheckpointRef(sequence: sequence, bytes: size, digest: digest), attempt: id.attempt)
            guard fsync(file) == 0, renameat(place, draft, place, made.file) == 0,
                fsync(place) == 0
            else { throw .broken(SystemError("keeping \(made.file)")) }
            return made
        } catch {
            unlinkat(place, draft, 0)
            throw error
        }
    }

    /// Unpacks a checkpoint into the empty folder `folder`. Where this fails, the folder may hold a
    /// part of it, and has to be emptied.
    func read(
        _ checkpoint: VolumeCheckpoint, of task: UID, into folder: String
    ) throws(WorkspaceError) {
        guard checkpoint.ref.bytes <= bytesMax else {
            throw .damaged(
                "it has \(checkpoint.ref.bytes) bytes, more than the \(bytesMax) that the pool's "
                    + "spec.workspace.checkpointBytesMax allows")
        }
        let place = try open(task, making: false)
        defer { close(place) }
        let file = openat(place, checkpoint.file, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC)
        guard file >= 0 else {
            throw .damaged(
                errno == ENOENT ? "its file is gone" : "\(SystemError("opening its file"))")
        }
        defer { close(file) }
        var status = stat()
        guard fstat(file, &status) == 0, status.st_mode & S_IFMT == S_IFREG else {
            throw .damaged("its file is no plain file")
        }
        guard status.st_size == checkpoint.ref.bytes else {
            throw .damaged(
                "its file has \(status.st_size) bytes, not the \(checkpoint.ref.bytes) committed")
        }
        try CheckpointFile.read(file, checkpoint.ref, into: folder)
    }

    /// Removes all but `checkpoints` of what this and earlier attempts have written. What later
    /// ones wrote is left alone, whoever asks. Returns why something could not be removed.
    func tidy(keeping checkpoints: [VolumeCheckpoint], of id: LeaseID) -> SystemError? {
        do throws(SystemError) {
            guard let place = try opened(["checkpoints", id.taskUID.text]) else { return nil }
            defer { close(place) }
            return try tidy(place, keeping: Set(checkpoints.map(\.file)), upTo: id.attempt)
        } catch {
            return error
        }
    }

    private func tidy(
        _ place: Int32, keeping kept: Set<String>, upTo attempt: Int
    ) throws(SystemError) -> SystemError? {
        var failure: SystemError?
        for name in try names(in: place) where !kept.contains(name) {
            // `sequence.attempt`, and `.draft.attempt.sequence` of one that was never finished.
            let parts = name.split(separator: ".")
            guard parts.count > 1, let number = Int(parts[1]), number <= attempt else {
                continue
            }
            if let error = unlinked(name, in: place) { failure = failure ?? error }
        }
        return failure
    }

    /// Removes all checkpoints of a task that needs none any more. Returns why it could not.
    func forget(_ task: UID) -> SystemError? {
        do throws(SystemError) {
            guard let parent = try opened(["checkpoints"]) else { return nil }
            defer { close(parent) }
            try remove(task.text, in: parent)
            return nil
        } catch {
            return error
        }
    }

    /// Removes the checkpoints of tasks that nobody has written to for as long as they are kept.
    /// Returns why one of them could not be removed; the others are.
    func sweep(at now: Timestamp) -> SystemError? {
        do throws(SystemError) {
            guard let parent = try opened(["checkpoints"]) else { return nil }
            defer { close(parent) }
            return try sweep(parent, at: now)
        } catch {
            return error
        }
    }

    private func sweep(_ parent: Int32, at now: Timestamp) throws(SystemError) -> SystemError? {
        var failure: SystemError?
        let oldest = now.nanoseconds / 1_000_000_000 - Int64(retentionSeconds)
        for name in try names(in: parent) {
            var status = stat()
            guard fstatat(parent, name, &status, AT_SYMLINK_NOFOLLOW) == 0,
                status.st_mode & S_IFMT == S_IFDIR, Int64(status.st_mtim.tv_sec) < oldest
            else { continue }
            do throws(SystemError) {
                try remove(name, in: parent)
            } catch {
                failure = failure ?? error
            }
        }
        return failure
    }

    // MARK: - Folders

    /// Most names that are looked at in a folder.
    private static let namesMax = 10_000

    private func open(_ task: UID, making: Bool) throws(WorkspaceError) -> Int32 {
        try open(path: ["checkpoints", task.text], making: making)
    }

    /// Opens a folder below the volume's own to remove from it; nil where there is none, and so
    /// nothing to remove.
    private func opened(_ path: [String]) throws(SystemError) -> Int32? {
        do throws(WorkspaceError) {
            return try open(path: path, making: false)
        } catch {
            switch error {
            case .broken(let error): throw error
            case .damaged, .unpackable: return nil
            }
        }
    }

    /// Opens a folder below the volume's own, none of which may be a link.
    private func open(path: [String], making: Bool) throws(WorkspaceError) -> Int32 {
        let flags = O_RDONLY | O_DIRECTORY | O_CLOEXEC
        var folder = Glibc.open(root, flags)
        guard folder >= 0 else { throw .broken(SystemError("opening \(root)")) }
        for name in path {
            if making, mkdirat(folder, name, 0o700) != 0, errno != EEXIST {
                let error = SystemError("making the folder \(name)")
                close(folder)
                throw .broken(error)
            }
            let next = openat(folder, name, flags | O_NOFOLLOW)
            let error = SystemError("opening the folder \(name)")
            close(folder)
            guard next >= 0 else {
                throw error.code == ENOENT ? .damaged("its file is gone") : .broken(error)
            }
            folder = next
        }
        return folder
    }

    private func names(in folder: Int32) throws(SystemError) -> [String] {
        let copy = openat(folder, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard copy >= 0 else { throw SystemError("listing a folder of checkpoints") }
        guard let stream = fdopendir(copy) else {
            let error = SystemError("listing a folder of checkpoints")
            close(copy)
            throw error
        }
        defer { closedir(stream) }
        var result: [String] = []
        while let entry = readdir(stream), result.count < Self.namesMax {
            let name = withUnsafeBytes(of: &entry.pointee.d_name) { bytes in
                String(validating: bytes.prefix { $0 != 0 }, as: UTF8.self)
            }
            if let name, name != ".", name != ".." { result.append(name) }
        }
        return result
    }

    /// Removes a task's folder with the files in it.
    private func remove(_ name: String, in parent: Int32) throws(SystemError) {
        let folder = openat(parent, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC)
        guard folder >= 0 else {
            if errno == ENOENT { return }
            throw SystemError("opening the folder \(name)")
        }
        defer { close(folder) }
        var failure: SystemError?
        for file in try names(in: folder) {
            if let error = unlinked(file, in: folder) { failure = failure ?? error }
        }
        if let failure { throw failure }
        guard unlinkat(parent, name, AT_REMOVEDIR) == 0 || errno == ENOENT else {
            throw SystemError("removing the folder \(name)")
        }
    }

    /// Removes a file; returns why it could not. Another agent may have done it before.
    private func unlinked(_ name: String, in folder: Int32) -> SystemError? {
        guard unlinkat(folder, name, 0) != 0, errno != ENOENT else { return nil }
        return SystemError("removing \(name)")
    }
}
