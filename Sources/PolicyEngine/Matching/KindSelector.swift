/// Kinds as a rule names them: `Pod`, `apps/v1/Deployment`, `*/*`, `Pod/status`, `v1/Pod.exec`.
struct KindSelector: Hashable, Sendable {
    private let group: Wildcard
    private let version: Wildcard
    private let kind: Wildcard
    private let subresource: Wildcard
    /// Whether no subresource is named.
    private let isObject: Bool

    /// Reads a selector; `nil` where `text` names no kind.
    init?(_ text: String) {
        var parts = text.split(separator: "/", omittingEmptySubsequences: false).map(String.init)
        guard let last = parts.popLast() else { return nil }
        let ends = last.split(separator: ".", maxSplits: 1, omittingEmptySubsequences: false)
        parts += ends.map(String.init)
        guard (1...4).contains(parts.count), parts.allSatisfy({ !$0.isEmpty }) else { return nil }
        let names: (String, String, String, String)
        switch parts.count {
        case 1: names = ("*", "*", parts[0], "")
        case 2: names = KindSelector.pair(parts[0], parts[1])
        case 3:
            names =
                KindSelector.isVersion(parts[0])
                ? ("*", parts[0], parts[1], parts[2]) : (parts[0], parts[1], parts[2], "")
        default: names = (parts[0], parts[1], parts[2], parts[3])
        }
        group = Wildcard(names.0)
        version = Wildcard(names.1)
        kind = Wildcard(names.2)
        subresource = Wildcard(names.3)
        isObject = names.3.isEmpty
    }

    /// Two parts are a version and a kind, or a kind and a subresource.
    private static func pair(_ first: String, _ second: String) -> (String, String, String, String)
    {
        if first == "*" {
            if second == "*" { return ("*", "*", "*", "*") }
            let isLower = second.unicodeScalars.first.map { $0.properties.isLowercase } ?? false
            if isLower { return ("*", "*", "*", second) }
        }
        return isVersion(first) ? ("*", first, second, "") : ("*", "*", first, second)
    }

    /// `v1`, `v2beta1` or `*`.
    static func isVersion(_ text: String) -> Bool {
        if text == "*" { return true }
        var rest = Substring(text)
        guard rest.first == "v" else { return false }
        rest.removeFirst()
        func takeDigits() -> Bool {
            let digits = rest.prefix { $0.isASCII && $0.isNumber }
            rest = rest.dropFirst(digits.count)
            return !digits.isEmpty
        }
        guard takeDigits() else { return false }
        guard !rest.isEmpty else { return true }
        for word in ["alpha", "beta"] where rest.hasPrefix(word) {
            rest = rest.dropFirst(word.count)
            return takeDigits() && rest.isEmpty
        }
        return false
    }

    /// Whether a request for this kind is meant. A rule for pods also sees their ephemeral
    /// containers, which are set through a subresource.
    func matches(_ group: String, _ version: String, _ kind: String, _ subresource: String) -> Bool
    {
        guard self.kind.matches(kind), self.group.matches(group), self.version.matches(version)
        else { return false }
        if self.subresource.matches(subresource) { return true }
        return isObject && kind == "Pod" && subresource == "ephemeralcontainers"
    }
}
