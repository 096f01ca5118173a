import FoundationEssentials
import Glibc
import KubernetesClient

/// The memory of this process that is in use.
enum AllocatedMemory {
    /// In bytes: what the kernel counts as resident.
    /// Small differences are chance; of many tasks it says what they cost.
    static func bytes() throws(CommandFailure) -> Int {
        let file = "/proc/self/statm"
        let text: String
        do {
            text = try String(contentsOfFile: file, encoding: .utf8)
        } catch {
            throw CommandFailure(
                "\(file) cannot be read, so memory cannot be measured: "
                    + error.systemReason)
        }
        guard let pages = text.split(separator: " ").dropFirst().first.flatMap({ Int($0) }) else {
            throw CommandFailure("\(file) holds no number of resident pages: \(text)")
        }
        return pages * Int(sysconf(Int32(_SC_PAGESIZE)))
    }
}
