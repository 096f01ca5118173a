import Glibc

/// The compiled files of the machine's time zone database, for floors and schedules in local time.
/// A machine without one knows UTC alone, and a pool that asks for more says so.
enum ZoneFiles {
    /// Where databases are.
    static let folders = ["/usr/share/zoneinfo", "/usr/lib/zoneinfo"]
    /// No file of a database is larger.
    private static let bytesMax = 65_536
    /// No database has more files.
    private static let filesMax = 2_000

    /// Every file of the first folder that there is, by its name as in `Europe/Berlin`.
    static func read() -> [String: [UInt8]] {
        for folder in folders {
            var files: [String: [UInt8]] = [:]
            collect(folder, prefix: "", depth: 0, into: &files)
            if !files.isEmpty { return files }
        }
        return [:]
    }

    private static func collect(
        _ folder: String, prefix: String, depth: Int, into files: inout [String: [UInt8]]
    ) {
        guard depth < 3, let stream = opendir(folder) else { return }
        defer { closedir(stream) }
        while let entry = readdir(stream), files.count < filesMax {
            let name = withUnsafePointer(to: entry.pointee.d_name) { pointer in
                pointer.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
            }
            // `posix` and `right` hold the same zones once more.
            guard !name.hasPrefix("."), name != "posix", name != "right" else { continue }
            let path = folder + "/" + name
            var status = stat()
            guard stat(path, &status) == 0 else { continue }
            if status.st_mode & S_IFMT == S_IFDIR {
                collect(path, prefix: prefix + name + "/", depth: depth + 1, into: &files)
            } else if status.st_mode & S_IFMT == S_IFREG, status.st_size <= bytesMax,
                let bytes = bytes(of: path, count: Int(status.st_size)),
                bytes.starts(with: [0x54, 0x5a, 0x69, 0x66])
            {
                files[prefix + name] = bytes
            }
        }
    }

    private static func bytes(of path: String, count: Int) -> [UInt8]? {
        let file = open(path, O_RDONLY | O_CLOEXEC)
        guard file >= 0 else { return nil }
        defer { close(file) }
        var bytes = [UInt8](repeating: 0, count: count)
        let read = bytes.withUnsafeMutableBytes { Glibc.read(file, $0.baseAddress, count) }
        return read == count ? bytes : nil
    }
}
