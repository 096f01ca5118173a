/// A version as Semantic Versioning 2 defines it.
public struct SemanticVersion: Sendable, Hashable {
    let major: UInt64
    let minor: UInt64
    let patch: UInt64
    private let prerelease: [String]
    let text: String

    /// Whether both have the same precedence; what follows `+` does not count.
    public static func == (left: SemanticVersion, right: SemanticVersion) -> Bool {
        left.compare(right) == 0
    }

    /// Feeds what counts for the precedence.
    public func hash(into hasher: inout Hasher) {
        hasher.combine([major, minor, patch])
        hasher.combine(prerelease)
    }

    /// Reads `text`; with `normalizing`, a leading `v`, missing parts and leading zeros are put
    /// right first.
    init(parsing source: String, normalizing: Bool) throws(CELError) {
        var text = source
        if normalizing {
            if text.hasPrefix("v") { text.removeFirst() }
            let core = text.prefix { $0 != "-" && $0 != "+" }
            let rest = text.dropFirst(core.count)
            var parts = core.split(separator: ".", maxSplits: 2, omittingEmptySubsequences: false)
                .map { part in
                    let stripped = part.drop { $0 == "0" }
                    return stripped.isEmpty && !part.isEmpty ? "0" : String(stripped)
                }
            if parts.count < 3, !rest.isEmpty {
                throw CELError("Short version cannot contain PreRelease/Build meta data")
            }
            if !core.isEmpty { while parts.count < 3 { parts.append("0") } }
            text = parts.joined(separator: ".") + rest
        }
        guard !text.isEmpty else { throw CELError("Version string empty") }
        let parts = text.split(separator: ".", maxSplits: 2, omittingEmptySubsequences: false)
        guard parts.count == 3 else { throw CELError("No Major.Minor.Patch elements found") }
        var tail = parts[2]
        var build: Substring?
        var release: Substring?
        if let plus = tail.firstIndex(of: "+") {
            build = tail[tail.index(after: plus)...]
            tail = tail[..<plus]
        }
        if let dash = tail.firstIndex(of: "-") {
            release = tail[tail.index(after: dash)...]
            tail = tail[..<dash]
        }
        major = try Self.number(parts[0], "major")
        minor = try Self.number(parts[1], "minor")
        patch = try Self.number(tail, "patch")
        prerelease =
            try release.map { part throws(CELError) in
                try Self.identifiers(part, refusesLeadingZeros: true)
            } ?? []
        if let build { _ = try Self.identifiers(build, refusesLeadingZeros: false) }
        self.text = text
    }

    private static func number(_ text: Substring, _ name: String) throws(CELError) -> UInt64 {
        guard let number = CELConversions.unsigned(String(text)) else {
            throw CELError(
                "Invalid character(s) found in \(name) number \(CELQuote.quote(String(text)))")
        }
        guard text == "0" || !text.hasPrefix("0") else {
            throw CELError(
                name.prefix(1).uppercased() + name.dropFirst()
                    + " number must not contain leading zeroes "
                    + CELQuote.quote(String(text))
            )
        }
        return number
    }

    private static func identifiers(
        _ text: Substring, refusesLeadingZeros: Bool
    ) throws(CELError) -> [String] {
        let parts = text.split(separator: ".", omittingEmptySubsequences: false).map(String.init)
        for part in parts {
            let isValid =
                !part.isEmpty
                && part.unicodeScalars.allSatisfy {
                    CELLexer.isDigit($0) || $0 == "-" || (CELLexer.isLetter($0) && $0 != "_")
                }
            guard isValid else {
                throw CELError("Invalid character(s) found in prerelease \(CELQuote.quote(part))")
            }
            let isNumber = part.unicodeScalars.allSatisfy(CELLexer.isDigit)
            if refusesLeadingZeros, isNumber, part.utf8.count > 1, part.hasPrefix("0") {
                throw CELError(
                    "Numeric PreRelease version must not contain leading zeroes "
                        + CELQuote.quote(part)
                )
            }
        }
        return parts
    }

    /// -1, 0 or 1.
    func compare(_ other: SemanticVersion) -> Int {
        for (a, b) in [(major, other.major), (minor, other.minor), (patch, other.patch)]
        where a != b { return a < b ? -1 : 1 }
        if prerelease.isEmpty || other.prerelease.isEmpty {
            return prerelease.isEmpty ? (other.prerelease.isEmpty ? 0 : 1) : -1
        }
        for (a, b) in zip(prerelease, other.prerelease) where a != b {
            switch (CELConversions.unsigned(a), CELConversions.unsigned(b)) {
            case (let x?, let y?): return x < y ? -1 : 1
            case (_?, nil): return -1
            case (nil, _?): return 1
            default: return CELText.compare(a, b)
            }
        }
        let (count, others) = (prerelease.count, other.prerelease.count)
        return count == others ? 0 : count < others ? -1 : 1
    }
}

/// `semver` and what can be asked of versions.
enum SemverLibrary {
    static let functions: [CELFunction] =
        CELFunction.define(
            "semver", ["(string) -> semver", "(string, bool) -> semver"],
            cost: CostModel.traversal
        ) { a, _ throws(CELError) in .opaque(.semver(try parse(a))) }
        + CELFunction.define(
            "isSemver", ["(string) -> bool", "(string, bool) -> bool"], cost: CostModel.traversal
        ) { a, _ throws(CELError) in
            do throws(CELError) {
                _ = try parse(a)
                return .bool(true)
            } catch {
                if error == .noOverload { throw error }
                return .bool(false)
            }
        }
        + part("major") { $0.major } + part("minor") { $0.minor } + part("patch") { $0.patch }

    private static func parse(_ a: [CELValue]) throws(CELError) -> SemanticVersion {
        guard case .string(let text) = a[0] else { throw .noOverload }
        var normalizing = false
        if a.count > 1 {
            guard case .bool(let flag) = a[1] else { throw .noOverload }
            normalizing = flag
        }
        return try SemanticVersion(parsing: text, normalizing: normalizing)
    }

    private static func part(
        _ name: String, _ get: @escaping @Sendable (SemanticVersion) -> UInt64
    ) -> [CELFunction] {
        CELFunction.define(name, ["semver.() -> int"]) { a, _ throws(CELError) in
            guard case .opaque(.semver(let version)) = a[0] else { throw .noOverload }
            return .int(Int64(clamping: get(version)))
        }
    }
}
