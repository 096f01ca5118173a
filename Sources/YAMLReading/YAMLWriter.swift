import KubernetesCore

/// Writes one value in block style.
struct YAMLWriter {
    private(set) var text = ""

    /// Writes a whole document.
    mutating func write(_ value: JSONValue) {
        switch value {
        case .object(let members) where !members.isEmpty: write(members, indent: 0, isInline: false)
        case .array(let elements) where !elements.isEmpty:
            write(elements, indent: 0)
        default:
            text += scalar(value, indent: 0) + "\n"
        }
    }

    /// Writes members; the first one without indentation where it stands behind a dash.
    private mutating func write(_ members: JSONObject, indent: Int, isInline: Bool) {
        var isFirst = isInline
        for (key, value) in members {
            if !isFirst { pad(indent) }
            isFirst = false
            text += YAMLWriter.line(key, isKey: true) + ":"
            switch value {
            case .object(let members) where !members.isEmpty:
                text += "\n"
                write(members, indent: indent + 2, isInline: false)
            case .array(let elements) where !elements.isEmpty:
                text += "\n"
                write(elements, indent: indent)
            default: text += " " + scalar(value, indent: indent + 2) + "\n"
            }
        }
    }

    private mutating func write(_ elements: [JSONValue], indent: Int) {
        for element in elements {
            pad(indent)
            text += "-"
            switch element {
            case .object(let members) where !members.isEmpty:
                text += " "
                write(members, indent: indent + 2, isInline: true)
            case .array(let inner) where !inner.isEmpty:
                text += "\n"
                write(inner, indent: indent + 2)
            default: text += " " + scalar(element, indent: indent + 2) + "\n"
            }
        }
    }

    private mutating func pad(_ indent: Int) {
        text += String(repeating: " ", count: indent)
    }

    /// A scalar or an empty collection, without the line break behind it.
    private func scalar(_ value: JSONValue, indent: Int) -> String {
        switch value {
        case .string(let text):
            YAMLWriter.block(text, indent: indent) ?? YAMLWriter.line(text, isKey: false)
        case .object: "{}"
        case .array: "[]"
        case .double(let number) where number.isFinite && !value.text.contains(where: isFraction):
            value.text + ".0"
        default: value.text
        }
    }

    private func isFraction(_ character: Character) -> Bool { ".eE".contains(character) }

    /// A text of several lines as a literal block; `nil` where it must be quoted.
    private static func block(_ text: String, indent: Int) -> String? {
        guard text.contains("\n"), text.first != "\n", text.first != " ",
            text.unicodeScalars.allSatisfy({ $0 == "\n" || isPrintable($0) })
        else { return nil }
        var lines = text.split(separator: "\n", omittingEmptySubsequences: false)
        guard !lines.contains(where: { $0.last == " " }) else { return nil }
        var mark = "|-"
        if lines.last?.isEmpty == true {
            lines.removeLast()
            mark = lines.last?.isEmpty == true ? "|+" : "|"
        }
        let padding = String(repeating: " ", count: indent)
        return mark + lines.map { $0.isEmpty ? "\n" : "\n" + padding + $0 }.joined()
    }

    /// A text in one line: plain where that is safe, else in quotes.
    private static func line(_ text: String, isKey: Bool) -> String {
        guard text.unicodeScalars.allSatisfy(isPrintable) else {
            return quoted(text)
        }
        guard isPlain(text) else {
            return "'"
                + text.split(separator: "'", omittingEmptySubsequences: false)
                .joined(separator: "''") + "'"
        }
        return text
    }

    /// A text in double quotes, where everything that is not printable is escaped. JSON's own
    /// writer leaves characters as they are that YAML takes for line breaks.
    private static func quoted(_ text: String) -> String {
        var result = "\""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "\"": result += "\\\""
            case "\\": result += "\\\\"
            case "\n": result += "\\n"
            case "\r": result += "\\r"
            case "\t": result += "\\t"
            case let scalar where isPrintable(scalar): result.unicodeScalars.append(scalar)
            default:
                let digits = String(scalar.value, radix: 16, uppercase: true)
                let width = digits.count > 4 ? 8 : 4
                result += width == 4 ? "\\u" : "\\U"
                result += String(repeating: "0", count: width - digits.count) + digits
            }
        }
        return result + "\""
    }

    private static func isPlain(_ text: String) -> Bool {
        guard !YAMLScalar.isAmbiguous(text), let first = text.first, let last = text.last else {
            return false
        }
        return !"-?:,[]{}#&*!|>'\"%@` ".contains(first) && last != ":" && last != " "
            && !text.contains(": ") && !text.contains(" #")
    }

    /// Whether YAML lets the character stand for itself in every style.
    private static func isPrintable(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar.value {
        case 0x20...0x7E, 0xA1...0x2027, 0x202A...0xD7FF, 0xE000...0xFEFE, 0xFF00...0xFFFD,
            0x10000...0x10FFFF:
            true
        default: false
        }
    }
}
