import FoundationEssentials
import Glibc

extension Error {
    /// Why the system refused, in its words, as `No such file or directory`: Foundation's errors
    /// print as a dump of their fields. Any other error as it describes itself.
    package var systemReason: String {
        var error: any Error = self
        if let outer = error as? CocoaError, let inner = outer.underlying { error = inner }
        guard let error = error as? POSIXError else { return "\(self)" }
        return String(cString: strerror(error.code.rawValue))
    }
}
