import Console
import Glibc

/// A line of the terminal that is drawn over.
struct LiveLine {
    /// Whether standard output is a terminal that can do that.
    static var isPossible: Bool {
        isatty(STDOUT_FILENO) == 1 && getenv("TERM").map { String(cString: $0) } != "dumb"
    }

    private var isOpen = false

    init() {}

    /// Shows `text` in place of what was shown before.
    mutating func show(_ text: String) {
        isOpen = true
        let shown = Terminal.size.map { DisplayWidth.cut(text, to: max(1, $0.columns - 1)) } ?? text
        Terminal.write("\r\u{1b}[K" + shown)
    }

    /// Leaves what is shown, and goes on in the next line.
    mutating func finish() {
        if isOpen { Terminal.write("\n") }
        isOpen = false
    }
}
