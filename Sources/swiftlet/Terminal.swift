import Glibc
import SystemPackage

/// Standard output, a line at a time and never held back.
enum Terminal {
    /// Prints a line. A terminal that is gone takes nothing, and that is no failure of the command.
    static func say(_ line: String) { write(line + "\n") }

    /// Prints a line on standard error, gone or not.
    static func complain(_ line: String) {
        _ = try? FileDescriptor.standardError.writeAll((line + "\n").utf8)
    }

    /// Prints a text as it is.
    static func write(_ text: String) {
        _ = try? FileDescriptor.standardOutput.writeAll(text.utf8)
    }

    /// How large the terminal is; nil where standard output is none.
    static var size: (columns: Int, lines: Int)? {
        var window = winsize()
        guard ioctl(STDOUT_FILENO, UInt(TIOCGWINSZ), &window) == 0, window.ws_col > 0,
            window.ws_row > 0
        else { return nil }
        return (Int(window.ws_col), Int(window.ws_row))
    }
}
