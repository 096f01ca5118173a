import FoundationEssentials
import Glibc

/// The memory of this process that is in use.
enum AllocatedMemory {
    /// In bytes: what the kernel counts as resident.
    /// Small differences are chance; of many tasks it says what they cost.
    static var bytes: Int {
        guard let text = try? String(contentsOfFile: "/proc/self/statm", encoding: .utf8),
            let pages = text.split(separator: " ").dropFirst().first.flatMap({ Int($0) })
        else { return 0 }
        return pages * Int(sysconf(Int32(_SC_PAGESIZE)))
    }
}
