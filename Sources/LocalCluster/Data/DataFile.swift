import Glibc

/// One file of the data folder, open for as long as this object lives. Used by one thread at a
/// time.
final class DataFile {
    private(set) var path: String
    private let descriptor: Int32
    /// How long the file is.
    private(set) var size: Int

    /// Opens a file to append to it; `isNew` makes it, and fails where it is there.
    init(path: String, isNew: Bool) throws(LocalClusterError) {
        self.path = path
        let flags = isNew ? O_CREAT | O_EXCL : 0
        descriptor = open(path, flags | O_RDWR | O_APPEND | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else { throw .file(path, errno) }
        size = max(0, lseek(descriptor, 0, SEEK_END))
    }

    deinit { close(descriptor) }

    /// Writes all of `bytes` at the end. Nothing is safe before `synchronise`.
    func append(_ bytes: [UInt8]) throws(LocalClusterError) {
        var done = 0
        while done < bytes.count {
            let (written, code) = bytes.withUnsafeBytes { buffer -> (Int, Int32) in
                let rest = UnsafeRawBufferPointer(rebasing: buffer[done...])
                let count = write(descriptor, rest.baseAddress, rest.count)
                return (count, count < 0 ? errno : 0)
            }
            if written < 0, code == EINTR { continue }
            guard written > 0 else { throw .file(path, code) }
            done += written
        }
        size += bytes.count
    }

    /// Waits until everything that was written is on the disk. A failure is final: what the system
    /// has dropped it does not write at the next call.
    func synchronise() throws(LocalClusterError) {
        guard fdatasync(descriptor) == 0 else { throw .file(path, errno) }
    }

    /// Cuts the file off behind `length` bytes.
    func cut(to length: Int) throws(LocalClusterError) {
        guard ftruncate(descriptor, length) == 0, fsync(descriptor) == 0 else {
            throw .file(path, errno)
        }
        size = length
    }

    /// All bytes of the file at `path`; nil where there is none.
    static func read(_ path: String) throws(LocalClusterError) -> [UInt8]? {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else {
            if errno == ENOENT { return nil }
            throw .file(path, errno)
        }
        defer { close(descriptor) }
        let size = max(0, lseek(descriptor, 0, SEEK_END))
        guard lseek(descriptor, 0, SEEK_SET) == 0 else { throw .file(path, errno) }
        var failure: Int32 = 0
        let bytes = [UInt8](unsafeUninitializedCapacity: size) { buffer, count in
            while count < size {
                let rest = UnsafeMutableRawBufferPointer(
                    rebasing: UnsafeMutableRawBufferPointer(buffer)[count...])
                let got = Glibc.read(descriptor, rest.baseAddress, rest.count)
                if got < 0, errno == EINTR { continue }
                guard got > 0 else {
                    failure = got < 0 ? errno : 0
                    break
                }
                count += got
            }
        }
        guard failure == 0 else { throw .file(path, failure) }
        return bytes
    }

    /// Writes a file that only its owner can read, whole or not at all, and makes it last.
    static func replace(
        _ name: String, with bytes: [UInt8], in folder: DataFolder
    ) throws(LocalClusterError) {
        let temporary = name + ".new"
        try folder.remove(temporary)
        let file = try DataFile(path: folder.path + "/" + temporary, isNew: true)
        try file.append(bytes)
        try file.synchronise()
        try file.take(name, in: folder)
    }

    /// Gives the file, which has another name, the name `name`, and makes that last.
    func take(_ name: String, in folder: DataFolder) throws(LocalClusterError) {
        let target = folder.path + "/" + name
        guard rename(path, target) == 0 else { throw .file(target, errno) }
        path = target
        try folder.synchronise()
    }
}
