/// One process of the machine, as `/proc` shows it at one moment.
struct ProcessEntry: Hashable, Sendable {
    /// The process.
    var pid: Int32
    /// Its parent.
    var parent: Int32
    /// The session that it belongs to.
    var session: Int32
    /// Whether the process has ended and only waits for its parent to take notice.
    var isDead: Bool
    /// Whether the process has the attempt's marker among the variables it was started with.
    var isMarked: Bool
    /// Whether the process shows no variables: for a moment while it becomes another program, or
    /// because it has none.
    var isUnclear = false
    /// How many pages of memory it has, those that it shares with others included.
    var residentPages = 0
}

extension ProcessEntry {
    /// The flag of a thread of the kernel, which has no variables and is no program.
    private static var kernelThread: Int { 0x0020_0000 }

    /// Reads the line of `/proc/PID/stat` (proc(5)); `nil` where it is none. `isMarked` is not
    /// known of a process that shows no variables.
    init?(stat: [UInt8], isMarked: Bool?) {
        // The name in parentheses may hold anything, parentheses and blanks too.
        guard let opening = stat.firstIndex(of: UInt8(ascii: "(")),
            let closing = stat.lastIndex(of: UInt8(ascii: ")")), opening < closing
        else { return nil }
        let fields = stat[(closing + 1)...].split { $0 == 32 || $0 == 10 }.map {
            String(decoding: $0, as: UTF8.self)
        }
        let first = stat[..<opening].split(separator: 32).first ?? []
        guard fields.count > 17, let pid = Int32(String(decoding: first, as: UTF8.self)),
            let parent = Int32(fields[1]), let session = Int32(fields[3])
        else { return nil }
        // A process whose first thread has ended looks dead, and is not while it has another one.
        let hasThreads = (Int(fields[17]) ?? 0) > 1
        let isDead = ["Z", "X", "x"].contains(fields[0]) && !hasThreads
        let isKernel = (Int(fields[6]) ?? 0) & Self.kernelThread != 0
        self.init(
            pid: pid, parent: parent, session: session, isDead: isDead,
            isMarked: isMarked ?? false, isUnclear: isMarked == nil && !isDead && !isKernel,
            residentPages: fields.count > 21 ? max(0, Int(fields[21]) ?? 0) : 0)
    }
}
