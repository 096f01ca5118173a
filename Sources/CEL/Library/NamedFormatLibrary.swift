import KubernetesCore

/// A format that Kubernetes has a name for.
public enum NamedFormat: String, Sendable, Hashable, CaseIterable {
    case dns1123Label, dns1123Subdomain, dns1035Label, qualifiedName, labelValue
    case dns1123LabelPrefix, dns1123SubdomainPrefix, dns1035LabelPrefix
    case uri, uuid, byte, date, datetime

    /// What is wrong with `text`; empty where nothing is.
    func faults(_ text: String) -> [String] {
        switch self {
        case .dns1123Label: return NameRules.dnsLabelErrors(text)
        case .dns1123Subdomain: return NameRules.dnsSubdomainErrors(text)
        case .dns1035Label: return NameRules.dns1035LabelErrors(text)
        case .qualifiedName: return NameRules.qualifiedNameErrors(text)
        case .labelValue: return NameRules.labelValueErrors(text)
        case .dns1123LabelPrefix: return NameRules.dnsLabelErrors(Self.masked(text))
        case .dns1123SubdomainPrefix: return NameRules.dnsSubdomainErrors(Self.masked(text))
        case .dns1035LabelPrefix: return NameRules.dns1035LabelErrors(Self.masked(text))
        case .uri:
            do throws(CELError) {
                _ = try URLValue(parsing: text)
                return []
            } catch {
                return [error.message]
            }
        case .uuid: return Self.isUUID(text) ? [] : ["does not match the UUID format"]
        case .byte: return Base64.decode(text) != nil ? [] : ["invalid base64"]
        case .date:
            return (try? CELTimestamp(parsing: text + "T00:00:00Z")) != nil ? [] : ["invalid date"]
        case .datetime:
            return (try? CELTimestamp(parsing: text.uppercased())) != nil
                ? [] : ["invalid datetime"]
        }
    }

    /// A prefix with its last two characters made into a letter, as the server does it.
    private static func masked(_ text: String) -> String {
        guard text.utf8.count > 1, text.hasSuffix("-") else { return text }
        return String(text.dropLast(2)) + "a"
    }

    private static func isUUID(_ text: String) -> Bool {
        let digits = text.utf8.filter { $0 != UInt8(ascii: "-") }
        let groups = text.split(separator: "-", omittingEmptySubsequences: false).map(\.utf8.count)
        return (groups == [8, 4, 4, 4, 12] || groups == [32]) && digits.count == 32
            && digits.allSatisfy { CELLexer.isHex(Unicode.Scalar($0)) }
    }

    /// How long the expression behind the format counts for costs.
    var weight: UInt64 {
        switch self {
        case .dns1123Label, .dns1035Label, .dns1123LabelPrefix, .dns1035LabelPrefix: 30
        case .dns1123Subdomain, .dns1123SubdomainPrefix, .qualifiedName: 60
        case .labelValue: 40
        case .uuid: 70
        case .date, .datetime: 71
        case .byte: 84
        case .uri: 1_103
        }
    }
}

/// `format.…()`, `format.named` and `validate`.
enum NamedFormatLibrary {
    static let functions: [CELFunction] =
        NamedFormat.allCases.flatMap { format in
            CELFunction.define("format." + format.rawValue, ["() -> format"]) {
                _, _ throws(CELError) in .opaque(.format(format))
            }
        }
        + CELFunction.define("format.named", ["(string) -> optional(format)"]) {
            a, _ throws(CELError) in
            guard case .string(let name) = a[0] else { throw .noOverload }
            return .optional(NamedFormat(rawValue: name).map { .opaque(.format($0)) })
        }
        + CELFunction.define(
            "validate", ["format.(string) -> optional(list(string))"],
            cost: { arguments, _ in
                guard arguments.count == 2, case .opaque(.format(let format))? = arguments[0]
                else { return 1 }
                let text = CostModel.scaled(CostModel.size(arguments[1]) + 1, 0.1)
                return text.multipliedReportingOverflow(
                    by: CostModel.scaled(format.weight, 0.25)
                ).partialValue
            }
        ) { a, _ throws(CELError) in
            guard case .opaque(.format(let format)) = a[0], case .string(let text) = a[1] else {
                throw .noOverload
            }
            let faults = format.faults(text)
            return .optional(faults.isEmpty ? nil : .list(faults.map(CELValue.string)))
        }
}
