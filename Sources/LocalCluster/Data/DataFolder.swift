import FoundationEssentials
import Glibc
import KubernetesCore

/// The folder in which a local cluster outlives its process. One process at a time holds it.
final class DataFolder: Sendable {
    /// The folder's path.
    let path: String
    /// Held as long as this object lives; the system lets go of it when the process ends, however
    /// it ends.
    private let lock: Int32

    /// Makes the folder where it is missing and takes hold of it.
    init(path: String) throws(LocalClusterError) {
        self.path = path
        guard mkdir(path, 0o700) == 0 || errno == EEXIST else {
            throw .file(path, errno)
        }
        let name = path + "/lock"
        let descriptor = open(name, O_CREAT | O_RDWR | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else { throw .file(name, errno) }
        guard flock(descriptor, LOCK_EX | LOCK_NB) == 0 else {
            let code = errno
            close(descriptor)
            guard code == EWOULDBLOCK else { throw .file(name, code) }
            throw .data(
                path,
                "another process holds it: end that one, or choose another folder with --data-dir")
        }
        lock = descriptor
    }

    deinit { close(lock) }

    /// The names in the folder, sorted.
    func names() throws(LocalClusterError) -> [String] {
        guard let folder = opendir(path) else { throw .file(path, errno) }
        defer { closedir(folder) }
        var names: [String] = []
        while let entry = readdir(folder) {
            let name = withUnsafePointer(to: &entry.pointee.d_name) { pointer in
                pointer.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
            }
            if name != ".", name != ".." { names.append(name) }
        }
        return names.sorted()
    }

    /// Makes what was renamed or removed in the folder last.
    func synchronise() throws(LocalClusterError) {
        let descriptor = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard descriptor >= 0 else { throw .file(path, errno) }
        defer { close(descriptor) }
        guard fsync(descriptor) == 0 else { throw .file(path, errno) }
    }

    /// Takes a file away where it is there.
    func remove(_ name: String) throws(LocalClusterError) {
        guard unlink(path + "/" + name) == 0 || errno == ENOENT else {
            throw .file(path + "/" + name, errno)
        }
    }
}
