/// The rules for names, labels and annotations, with the messages of a kube-apiserver.
public enum NameRules {
    /// Which rule the name of a kind follows.
    public enum Rule: Sendable, Hashable {
        /// Labels of RFC 1123, joined by dots: most kinds.
        case dnsSubdomain
        /// One label of RFC 1123: namespaces.
        case dnsLabel
        /// One label of RFC 1035: services.
        case dns1035Label
        /// Anything that can stand in a path: RBAC kinds.
        case pathSegment

        /// What is wrong with `name`; with `isPrefix`, a generated ending is still to come.
        public func errors(_ name: String, isPrefix: Bool = false) -> [String] {
            var text = name
            if isPrefix, self != .pathSegment, text.utf8.last == UInt8(ascii: "-") {
                text = String(text.dropLast()) + "a"
            }
            return switch self {
            case .dnsSubdomain: NameRules.dnsSubdomainErrors(text)
            case .dnsLabel: NameRules.dnsLabelErrors(text)
            case .dns1035Label: NameRules.dns1035LabelErrors(text)
            case .pathSegment: NameRules.pathSegmentErrors(text, isPrefix: isPrefix)
            }
        }
    }

    private static let labelPattern = "[a-z0-9]([-a-z0-9]*[a-z0-9])?"
    private static let keyPattern = "([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]"

    /// What is wrong with `text` as one label of RFC 1123; empty where nothing is.
    public static func dnsLabelErrors(_ text: String) -> [String] {
        var errors = lengthErrors(text, 63)
        if !isDNSLabel(text[...]) {
            errors.append(
                isSubdomain(text)
                    ? "must not contain dots"
                    : explain(
                        "a lowercase RFC 1123 label must consist of lower case alphanumeric "
                            + "characters or '-', and must start and end with an alphanumeric "
                            + "character",
                        labelPattern, ["my-name", "123-abc"]))
        }
        return errors
    }

    /// What is wrong with `text` as labels of RFC 1123 joined by dots; empty where nothing is.
    public static func dnsSubdomainErrors(_ text: String) -> [String] {
        var errors = lengthErrors(text, 253)
        if !isSubdomain(text) {
            errors.append(
                explain(
                    "a lowercase RFC 1123 subdomain must consist of lower case alphanumeric "
                        + "characters, '-' or '.', and must start and end with an alphanumeric "
                        + "character",
                    labelPattern + "(\\." + labelPattern + ")*", ["example.com"]))
        }
        return errors
    }

    /// What is wrong with `text` as one label of RFC 1035; empty where nothing is.
    public static func dns1035LabelErrors(_ text: String) -> [String] {
        var errors = lengthErrors(text, 63)
        if !isDNSLabel(text[...]) || !(text.utf8.first.map(isLowerLetter) ?? false) {
            errors.append(
                explain(
                    "a DNS-1035 label must consist of lower case alphanumeric characters or '-', "
                        + "start with an alphabetic character, and end with an alphanumeric "
                        + "character",
                    "[a-z]([-a-z0-9]*[a-z0-9])?", ["my-name", "abc-123"]))
        }
        return errors
    }

    /// What is wrong with `text` as a name that stands in a path; empty where nothing is.
    public static func pathSegmentErrors(_ text: String, isPrefix: Bool = false) -> [String] {
        if !isPrefix, text == "." || text == ".." { return ["may not be '\(text)'"] }
        return ["/", "%"].filter { text.contains($0) }.map { "may not contain '\($0)'" }
    }

    /// What is wrong with `text` as the key of a label, an annotation or a finalizer, as in
    /// `example.dev/name`; empty where nothing is.
    public static func qualifiedNameErrors(_ text: String) -> [String] {
        // The most of them are in order, and not worth the making of a sentence.
        if text.utf8.count <= 63, isKey(text) { return [] }
        let rule =
            "must consist of alphanumeric characters, '-', '_' or '.', and must start and end with "
            + "an alphanumeric character"
        let examples = ["MyName", "my.name", "123-abc"]
        let parts = text.split(separator: "/", omittingEmptySubsequences: false)
        guard parts.count <= 2 else {
            return [
                "a valid label key " + explain(rule, keyPattern, examples)
                    + " with an optional DNS subdomain prefix and '/' (e.g. 'example.com/MyName')"
            ]
        }
        var errors: [String] = []
        if parts.count == 2 {
            let prefix = String(parts[0])
            errors +=
                prefix.isEmpty
                ? ["prefix part must be non-empty"]
                : dnsSubdomainErrors(prefix).map { "prefix part " + $0 }
        }
        let name = String(parts.last ?? "")
        if name.isEmpty {
            errors.append("name part must be non-empty")
        } else {
            errors += lengthErrors(name, 63).map { "name part " + $0 }
        }
        if !isKey(name) { errors.append("name part " + explain(rule, keyPattern, examples)) }
        return errors
    }

    /// What is wrong with `text` as the value of a label; empty where nothing is.
    public static func labelValueErrors(_ text: String) -> [String] {
        var errors = lengthErrors(text, 63)
        if !text.isEmpty, !isKey(text) {
            errors.append(
                explain(
                    "a valid label must be an empty string or consist of alphanumeric characters, "
                        + "'-', '_' or '.', and must start and end with an alphanumeric character",
                    "(" + keyPattern + ")?", ["MyValue", "my_value", "12345"]))
        }
        return errors
    }

    /// What is wrong with `text` as a key of a ConfigMap or Secret; empty where nothing is.
    public static func configKeyErrors(_ text: String) -> [String] {
        var errors = lengthErrors(text, 253)
        let fits =
            !text.isEmpty
            && text.utf8.allSatisfy {
                isAlphanumeric($0) || $0 == UInt8(ascii: "-") || $0 == UInt8(ascii: "_")
                    || $0 == UInt8(ascii: ".")
            }
        if !fits {
            errors.append(
                explain(
                    "a valid config key must consist of alphanumeric characters, '-', '_' or '.'",
                    "[-._a-zA-Z0-9]+", ["key.name", "KEY_NAME", "key-name"]))
        }
        if text == "." || text == ".." {
            errors.append("must not be '\(text)'")
        } else if text.hasPrefix("..") {
            errors.append("must not start with '..'")
        }
        return errors
    }

    private static func lengthErrors(_ text: String, _ limit: Int) -> [String] {
        text.utf8.count > limit ? ["must be no more than \(limit) bytes"] : []
    }

    private static func explain(
        _ rule: String, _ pattern: String, _ examples: [String]
    ) -> String {
        let shown = examples.map { "'\($0)', " }.joined(separator: " or ")
        return "\(rule) (e.g. \(shown)regex used for validation is '\(pattern)')"
    }

    private static func isDNSLabel(_ text: Substring) -> Bool {
        let dash = UInt8(ascii: "-")
        guard let first = text.utf8.first, let last = text.utf8.last, first != dash, last != dash
        else { return false }
        return text.utf8.allSatisfy { isLowerLetter($0) || TextFormat.isDigit($0) || $0 == dash }
    }

    private static func isSubdomain(_ text: String) -> Bool {
        text.utf8.split(separator: UInt8(ascii: "."), omittingEmptySubsequences: false)
            .allSatisfy { isDNSLabel(Substring($0)) }
    }

    private static func isKey(_ text: String) -> Bool {
        guard let first = text.utf8.first, let last = text.utf8.last, isAlphanumeric(first),
            isAlphanumeric(last)
        else { return false }
        return text.utf8.allSatisfy {
            isAlphanumeric($0) || $0 == UInt8(ascii: "-") || $0 == UInt8(ascii: "_")
                || $0 == UInt8(ascii: ".")
        }
    }

    private static func isLowerLetter(_ byte: UInt8) -> Bool { (0x61...0x7A).contains(byte) }

    private static func isAlphanumeric(_ byte: UInt8) -> Bool {
        TextFormat.isLetter(byte) || TextFormat.isDigit(byte)
    }
}
