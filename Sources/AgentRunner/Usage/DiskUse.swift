import Glibc

/// How much a folder holds on disk.
enum DiskUse {
    /// Most files that are looked at: a task that makes more is measured no further.
    static let entriesMax = 50_000

    /// The bytes that the files below `path` take on their disk; nil where there are more than
    /// `entriesMax`. Follows no symbolic link. Names are bytes: tasks may give any.
    static func bytes(below path: String, entriesMax: Int = DiskUse.entriesMax) -> Int? {
        var open = [Array(path.utf8CString.dropLast())]
        var total = 0
        var count = 0
        while let folder = open.popLast() {
            // What cannot be entered or has just been removed holds nothing that we know of.
            guard let stream = opendir(folder + [0]) else { continue }
            defer { closedir(stream) }
            while let entry = readdir(stream) {
                let name = withUnsafeBytes(of: &entry.pointee.d_name) { bytes in
                    bytes.prefix { $0 != 0 }.map { CChar(bitPattern: $0) }
                }
                guard name != [46], name != [46, 46] else { continue }
                count += 1
                guard count <= entriesMax else { return nil }
                let place = folder + [47] + name
                var status = stat()
                guard lstat(place + [0], &status) == 0 else { continue }
                total = UsageSample.sum(
                    total, UsageSample.product(max(0, Int(status.st_blocks)), 512))
                if status.st_mode & S_IFMT == S_IFDIR { open.append(place) }
            }
        }
        return total
    }
}
