/// A Unicode property that `\p{…}` can name.
enum UnicodeProperty: Sendable {
    case any
    case categories(UInt32)
    case script(UnicodeScript)

    /// The property called `name`; `nil` where there is none.
    init?(named name: String) {
        if name == "Any" {
            self = .any
        } else if let mask = Self.masks[name] {
            self = .categories(mask)
        } else if let script = UnicodeScript(named: name) {
            self = .script(script)
        } else {
            return nil
        }
    }

    /// Whether the code point `value` has the property.
    func holds(_ value: UInt32) -> Bool {
        switch self {
        case .any: return true
        case .categories(let mask):
            guard let scalar = Unicode.Scalar(value) else { return false }
            return mask & Self.bit(scalar.properties.generalCategory) != 0
        case .script(let script): return script.contains(value)
        }
    }

    private static let names: [(String, Unicode.GeneralCategory)] = [
        ("Lu", .uppercaseLetter), ("Ll", .lowercaseLetter), ("Lt", .titlecaseLetter),
        ("Lm", .modifierLetter), ("Lo", .otherLetter), ("Mn", .nonspacingMark),
        ("Mc", .spacingMark), ("Me", .enclosingMark), ("Nd", .decimalNumber),
        ("Nl", .letterNumber), ("No", .otherNumber), ("Pc", .connectorPunctuation),
        ("Pd", .dashPunctuation), ("Ps", .openPunctuation), ("Pe", .closePunctuation),
        ("Pi", .initialPunctuation), ("Pf", .finalPunctuation), ("Po", .otherPunctuation),
        ("Sm", .mathSymbol), ("Sc", .currencySymbol), ("Sk", .modifierSymbol),
        ("So", .otherSymbol), ("Zs", .spaceSeparator), ("Zl", .lineSeparator),
        ("Zp", .paragraphSeparator), ("Cc", .control), ("Cf", .format), ("Cs", .surrogate),
        ("Co", .privateUse),
    ]

    private static let masks: [String: UInt32] = {
        var result: [String: UInt32] = [:]
        for (name, category) in names {
            result[name] = bit(category)
            result[String(name.prefix(1)), default: 0] |= bit(category)
        }
        return result
    }()

    private static func bit(_ category: Unicode.GeneralCategory) -> UInt32 {
        guard let index = names.firstIndex(where: { $0.1 == category }) else { return 0 }
        return 1 << UInt32(index)
    }
}
