import Glibc

/// A call to the system that failed, with what it was about.
struct SystemError: Error, Hashable, CustomStringConvertible {
    /// The error number.
    let code: Int32
    /// What was being done, and to what.
    let doing: String

    /// The failure of the last call.
    init(_ doing: String, code: Int32 = errno) {
        self.doing = doing
        self.code = code
    }

    /// What was being done and why it failed.
    var description: String { "\(doing): \(SystemError.text(code))" }

    /// The system's words for an error number.
    static func text(_ code: Int32) -> String {
        guard let words = strerror(code) else { return "error \(code)" }
        return String(cString: words)
    }
}
