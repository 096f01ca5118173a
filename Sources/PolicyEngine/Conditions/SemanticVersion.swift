/// A version `major.minor.patch`, with `-pre.release` and `+build`, ordered as https://semver.org
/// says; what is built from the same sources is equal.
struct SemanticVersion: Hashable, Comparable, Sendable {
    private enum Identifier: Hashable, Comparable, Sendable {
        case number(UInt64)
        case text(String)

        static func < (left: Identifier, right: Identifier) -> Bool {
            switch (left, right) {
            case (.number(let first), .number(let second)): first < second
            case (.number, .text): true
            case (.text, .number): false
            case (.text(let first), .text(let second)): first < second
            }
        }
    }

    private let numbers: [UInt64]
    private let prerelease: [Identifier]

    /// Reads a version with all three numbers; nil where `text` is none.
    init?(_ text: String) {
        let build = text.split(separator: "+", maxSplits: 1, omittingEmptySubsequences: false)
        if build.count == 2 {
            let parts = build[1].split(separator: ".", omittingEmptySubsequences: false)
            guard parts.allSatisfy(SemanticVersion.isIdentifier) else { return nil }
        }
        let parts = build[0].split(separator: "-", maxSplits: 1, omittingEmptySubsequences: false)
        let core = parts[0].split(separator: ".", omittingEmptySubsequences: false)
        let numbers = core.compactMap(SemanticVersion.number)
        guard core.count == 3, numbers.count == 3 else { return nil }
        self.numbers = numbers
        guard parts.count == 2 else {
            prerelease = []
            return
        }
        var identifiers: [Identifier] = []
        for part in parts[1].split(separator: ".", omittingEmptySubsequences: false) {
            guard SemanticVersion.isIdentifier(part) else { return nil }
            if part.utf8.allSatisfy({ $0 >= 0x30 && $0 <= 0x39 }) {
                guard let number = SemanticVersion.number(part) else { return nil }
                identifiers.append(.number(number))
            } else {
                identifiers.append(.text(String(part)))
            }
        }
        prerelease = identifiers
    }

    private static func number(_ text: Substring) -> UInt64? {
        guard text == "0" || text.first != "0",
            text.utf8.allSatisfy({ $0 >= 0x30 && $0 <= 0x39 })
        else { return nil }
        return UInt64(text)
    }

    private static func isIdentifier(_ text: Substring) -> Bool {
        !text.isEmpty
            && text.utf8.allSatisfy { byte in
                (byte >= 0x30 && byte <= 0x39) || (byte | 0x20 >= 0x61 && byte | 0x20 <= 0x7A)
                    || byte == 0x2D
            }
    }

    static func < (left: SemanticVersion, right: SemanticVersion) -> Bool {
        for (first, second) in zip(left.numbers, right.numbers) where first != second {
            return first < second
        }
        if left.prerelease.isEmpty || right.prerelease.isEmpty {
            return !left.prerelease.isEmpty && right.prerelease.isEmpty
        }
        return left.prerelease.lexicographicallyPrecedes(right.prerelease)
    }
}
