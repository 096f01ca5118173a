/// A version as Semantic Versioning 2 defines it; what follows `+` does not count.
struct SemanticVersion: Equatable {
    private var core: [UInt64]
    private var prerelease: [String]

    static let zero = SemanticVersion()

    private init() {
        core = [0, 0, 0]
        prerelease = []
    }

    /// Reads `major.minor.patch[-prerelease][+build]`; `nil` where `text` is something else.
    init?(_ text: String) {
        self.init()
        var rest = Substring(text)
        if let plus = rest.firstIndex(of: "+") {
            let build = rest[rest.index(after: plus)...]
            guard Self.identifiers(build, refusesZeros: false) != nil else { return nil }
            rest = rest[..<plus]
        }
        if let dash = rest.firstIndex(of: "-") {
            let tail = rest[rest.index(after: dash)...]
            guard let parts = Self.identifiers(tail, refusesZeros: true) else { return nil }
            prerelease = parts
            rest = rest[..<dash]
        }
        let numbers = rest.split(separator: ".", omittingEmptySubsequences: false)
        guard numbers.count == 3 else { return nil }
        for (index, number) in numbers.enumerated() {
            guard Self.isNumber(number), let value = UInt64(number),
                number == "0" || !number.hasPrefix("0")
            else { return nil }
            core[index] = value
        }
    }

    private static func isNumber(_ text: Substring) -> Bool {
        !text.isEmpty && text.utf8.allSatisfy { $0 >= 0x30 && $0 <= 0x39 }
    }

    private static func identifiers(_ text: Substring, refusesZeros: Bool) -> [String]? {
        let parts = text.split(separator: ".", omittingEmptySubsequences: false)
        for part in parts {
            let isPlain = part.utf8.allSatisfy {
                ($0 >= 0x30 && $0 <= 0x39) || ($0 | 0x20 >= 0x61 && $0 | 0x20 <= 0x7A) || $0 == 0x2D
            }
            guard !part.isEmpty, isPlain else { return nil }
            if refusesZeros, isNumber(part), part.hasPrefix("0"), part != "0" { return nil }
        }
        return parts.map(String.init)
    }

    /// -1, 0 or 1.
    func compare(_ other: SemanticVersion) -> Int {
        for (a, b) in zip(core, other.core) where a != b { return a < b ? -1 : 1 }
        if prerelease.isEmpty || other.prerelease.isEmpty {
            if prerelease.isEmpty == other.prerelease.isEmpty { return 0 }
            return prerelease.isEmpty ? 1 : -1
        }
        for (a, b) in zip(prerelease, other.prerelease) where a != b {
            switch (Self.isNumber(a[...]), Self.isNumber(b[...])) {
            case (true, false): return -1
            case (false, true): return 1
            case (true, true) where a.utf8.count != b.utf8.count:
                return a.utf8.count < b.utf8.count ? -1 : 1
            default: return Order.ofTexts(a, b)
            }
        }
        let (own, theirs) = (prerelease.count, other.prerelease.count)
        return own == theirs ? 0 : own < theirs ? -1 : 1
    }
}

/// A condition on versions: `>=1.0.0 <2.0.0 || 3.x`. A space means and, `||` means or, and `x` any
/// number.
struct SemanticVersionRange {
    private struct Bound {
        var comparator: String
        var version: SemanticVersion

        func holds(_ candidate: SemanticVersion) -> Bool {
            let order = candidate.compare(version)
            switch comparator {
            case ">": return order > 0
            case ">=": return order >= 0
            case "<": return order < 0
            case "<=": return order <= 0
            case "!", "!=": return order != 0
            default: return order == 0
            }
        }
    }

    private var alternatives: [[Bound]] = [[]]

    /// Reads a condition; `nil` where `text` is none.
    init?(_ text: String) {
        for word in Self.words(text) {
            if word == "||" {
                guard alternatives.last?.isEmpty == false else { return nil }
                alternatives.append([])
                continue
            }
            guard let bounds = Self.bounds(word) else { return nil }
            alternatives[alternatives.count - 1] += bounds
        }
        guard alternatives.last?.isEmpty == false else { return nil }
    }

    /// Whether `version` meets the condition.
    func contains(_ version: SemanticVersion) -> Bool {
        alternatives.contains { $0.allSatisfy { $0.holds(version) } }
    }

    /// The words between spaces; a space behind `>`, `<` or `=` ends none.
    private static func words(_ text: String) -> [String] {
        var result: [String] = []
        var word = ""
        for scalar in text.unicodeScalars {
            guard scalar == " " else {
                word.unicodeScalars.append(scalar)
                continue
            }
            guard let last = word.unicodeScalars.last, !">=<".unicodeScalars.contains(last) else {
                continue
            }
            result.append(word)
            word = ""
        }
        return word.isEmpty ? result : result + [word]
    }

    private static func bounds(_ word: String) -> [Bound]? {
        let comparator = String(word.prefix { !($0.isASCII && $0.isNumber) })
        let text = String(word.dropFirst(comparator.count))
        guard ["", "=", "==", ">", ">=", "<", "<=", "!", "!="].contains(comparator) else {
            return nil
        }
        guard text.contains(".x") else {
            return SemanticVersion(text).map { [Bound(comparator: comparator, version: $0)] }
        }
        guard let (first, next) = wildcard(text) else { return nil }
        switch comparator {
        case ">": return [Bound(comparator: ">=", version: next)]
        case ">=": return [Bound(comparator: ">=", version: first)]
        case "<": return [Bound(comparator: "<", version: first)]
        case "<=": return [Bound(comparator: "<", version: next)]
        // Both must hold, so that nothing meets `!1.x`: what the library that Kyverno uses does.
        case "!", "!=":
            return [
                Bound(comparator: "<", version: first), Bound(comparator: ">=", version: next),
            ]
        default:
            return [
                Bound(comparator: ">=", version: first), Bound(comparator: "<", version: next),
            ]
        }
    }

    /// The first version that `1.2.x`, `1.x` or `1.x.x` means, and the first behind them.
    private static func wildcard(_ text: String) -> (SemanticVersion, SemanticVersion)? {
        let parts = text.split(separator: ".", omittingEmptySubsequences: false)
        let numbers = parts.prefix { $0 != "x" }.compactMap { UInt64($0) }
        guard (2...3).contains(parts.count), (1...2).contains(numbers.count),
            parts.dropFirst(numbers.count).allSatisfy({ $0 == "x" }),
            let last = numbers.last, last < .max
        else { return nil }
        func version(_ last: UInt64) -> SemanticVersion? {
            let leading = numbers.dropLast() + [last]
            let padded = leading + Array(repeating: 0, count: 3 - leading.count)
            return SemanticVersion(padded.map(String.init).joined(separator: "."))
        }
        guard let first = version(last), let next = version(last + 1) else { return nil }
        return (first, next)
    }
}
