/// The identifiers and keywords of one line of code.
struct Words {
    /// In the order of the line.
    let all: [String]
    private let line: String

    static let modifiers: Set<String> = [
        "public", "package", "internal", "fileprivate", "private", "static", "final", "mutating",
        "nonmutating", "nonisolated", "isolated", "override", "required", "convenience", "class",
        "indirect", "inlinable", "usableFromInline", "discardableResult", "Sendable", "inline",
        "always", "never", "unsafe", "consuming", "borrowing", "prefix", "postfix", "infix",
        "lazy", "weak", "unowned", "dynamic", "open", "async", "Test", "preconcurrency",
    ]
    static let importModifiers: Set<String> = [
        "public", "package", "internal", "fileprivate", "private", "testable", "preconcurrency",
    ]

    init(_ line: String) {
        self.line = line
        all = line.split { !($0.isLetter || $0.isNumber || $0 == "_") }.map(String.init)
    }

    /// Whether `text` occurs and no identifier goes on behind it.
    func endsWord(after text: String) -> Bool {
        guard let found = line.range(of: text) else { return false }
        guard found.upperBound < line.endIndex else { return true }
        let next = line[found.upperBound]
        return !(next.isLetter || next.isNumber || next == "_")
    }
}

extension String {
    /// Where `text` first occurs.
    func range(of text: String) -> Range<String.Index>? {
        var start = startIndex
        while start < endIndex {
            if self[start...].hasPrefix(text) { return start..<index(start, offsetBy: text.count) }
            start = index(after: start)
        }
        return nil
    }
}
