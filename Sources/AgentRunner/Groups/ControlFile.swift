import Glibc

/// Files and folders of the kernel's control groups.
enum ControlFile {
    /// Most groups below one that are looked at.
    private static let groupsMax = 256
    /// More bytes than the numbers of as many processes as a machine can have.
    private static let bytesMax = 32 << 20

    /// Writes `text`, in one piece, as the kernel wants it.
    static func write(_ text: String, to path: String) throws(SystemError) {
        let file = open(path, O_WRONLY | O_NOFOLLOW | O_CLOEXEC)
        guard file >= 0 else { throw SystemError("opening \(path)") }
        defer { close(file) }
        let bytes = Array(text.utf8)
        while Glibc.write(file, bytes, bytes.count) != bytes.count {
            guard errno == EINTR else { throw SystemError("writing \(text) to \(path)") }
        }
    }

    /// What stands in a file; nil where it cannot be read, as where its group is gone.
    static func read(_ path: String) -> String? {
        do throws(SystemError) {
            return try Files.readFollowing(path, bytesMax: bytesMax).map {
                String(decoding: $0, as: UTF8.self)
            }
        } catch {
            return nil
        }
    }

    /// The group at `folder` and those below it, each after the one that it is in; nothing where it
    /// is gone.
    static func tree(_ folder: String) -> [String] {
        guard access(folder, F_OK) == 0 else { return [] }
        var result = [folder]
        var next = 0
        while next < result.count, result.count < groupsMax {
            result += folders(in: result[next])
            next += 1
        }
        return result
    }

    /// The groups directly in the one at `folder`, ascending. One that is gone has none.
    static func folders(in folder: String) -> [String] {
        guard let stream = opendir(folder) else { return [] }
        defer { closedir(stream) }
        var result: [String] = []
        while let entry = readdir(stream), result.count < groupsMax {
            guard entry.pointee.d_type == UInt8(DT_DIR) else { continue }
            let name = withUnsafeBytes(of: &entry.pointee.d_name) { bytes in
                String(validating: bytes.prefix { $0 != 0 }, as: UTF8.self)
            }
            if let name, name != ".", name != ".." { result.append(folder + "/" + name) }
        }
        return result.sorted()
    }
}
