import Glibc

/// The processes of the machine, or of this container.
enum ProcessTable {
    /// More bytes than the kernel takes as the variables of a program.
    private static let environmentMax = 8 << 20

    /// How often the list is asked for those that came while it was read.
    private static let passes = 16

    /// All processes now; those are marked that were started with `variable` (`NAME=value`). Nil
    /// where the list, or one of the processes in it, cannot be read: what is not seen must not be
    /// taken for gone.
    ///
    /// A process can start another one and end while the list is read. So what is new in the list
    /// is read as well, until nothing is.
    static func snapshot(
        marker variable: String, in folder: String = "/proc"
    ) -> [ProcessEntry]? {
        let wanted = Array(variable.utf8)
        var seen: Set<String> = []
        var result: [ProcessEntry] = []
        for _ in 0..<passes {
            guard let names = try? Files.names(in: folder) else { return nil }
            let new = names.filter { Int32($0) != nil && seen.insert($0).inserted }
            if new.isEmpty { break }
            for name in new {
                let process = folder + "/" + name
                let isMarked = isMarked(process, wanted)
                do throws(SystemError) {
                    let stat = try Files.readFollowing(process + "/stat", bytesMax: 4_096)
                    if let entry = stat.flatMap({ ProcessEntry(stat: $0, isMarked: isMarked) }) {
                        result.append(entry)
                    }
                } catch {
                    // One that has ended meanwhile, and another user's, are none to be seen.
                    guard [ESRCH, ENOENT, EACCES, EPERM].contains(error.code) else { return nil }
                }
            }
        }
        return result
    }

    /// Whether the process was started with the variable; `nil` where it shows none at all.
    private static func isMarked(_ process: String, _ wanted: [UInt8]) -> Bool? {
        for _ in 0..<3 {
            do throws(SystemError) {
                let variables = try Files.readFollowing(
                    process + "/environ", bytesMax: environmentMax)
                if let variables, !variables.isEmpty { return holds(wanted, in: variables) }
            } catch {
                // Another user's process is none of ours.
                if error.code == EACCES || error.code == EPERM { return false }
            }
        }
        return nil
    }

    /// Whether `entry` is among `variables`, each of which ends with a null byte.
    static func holds(_ entry: [UInt8], in variables: [UInt8]) -> Bool {
        variables.withUnsafeBytes { all in
            var rest = all[...]
            while !rest.isEmpty {
                let candidate = UnsafeRawBufferPointer(rebasing: rest)
                guard let start = candidate.baseAddress else { return false }
                let length =
                    memchr(start, 0, candidate.count).map { UnsafeRawPointer($0) - start }
                    ?? candidate.count
                if length == entry.count && memcmp(start, entry, length) == 0 { return true }
                rest = rest.dropFirst(length + 1)
            }
            return false
        }
    }
}
