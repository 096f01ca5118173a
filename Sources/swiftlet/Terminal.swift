import SystemPackage

/// Standard output, a line at a time and never held back.
enum Terminal {
    /// Prints a line. A terminal that is gone takes nothing, and that is no failure of the command.
    static func say(_ line: String) {
        _ = try? FileDescriptor.standardOutput.writeAll((line + "\n").utf8)
    }

    /// Prints a line on standard error.
    static func complain(_ line: String) {
        _ = try? FileDescriptor.standardError.writeAll((line + "\n").utf8)
    }
}
