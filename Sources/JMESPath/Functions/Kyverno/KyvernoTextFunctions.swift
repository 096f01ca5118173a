import KubernetesCore

/// Kyverno's functions of texts.
enum KyvernoTextFunctions {
    static let all: [Function] =
        cases + parts + [
            Function("compare", [.string, .string]) { a, _ throws(JMESPathError) in
                .int(Order.ofTexts(a.text(0), a.text(1)))
            },
            Function("pattern_match", [.string, [.string, .number]]) {
                a, run throws(JMESPathError) in
                let text = ScalarText.of(a.value(1)) ?? ""
                let pattern = a.text(0)
                let (work, overflow) = (1 + text.utf8.count).multipliedReportingOverflow(
                    by: 1 + pattern.utf8.count)
                try run.spend(overflow ? .max : 1 + work / 64)
                return .bool(Wildcard.matches(text, pattern))
            },
            Function("to_boolean", [.string]) { a, _ throws(JMESPathError) in
                switch LetterCase.lower(a.text(0)) {
                case "true": return true
                case "false": return false
                default:
                    throw a.function.invalid("\"\(a.text(0).prefix(50))\" is not true or false")
                }
            },
            Function("path_canonicalize", [.string]) { a, run throws(JMESPathError) in
                try run.spend(writing: a.text(0).utf8.count)
                return .string(FilePath.clean(a.text(0)))
            },
            Function("base64_encode", [.string]) { a, run throws(JMESPathError) in
                try run.spend(writing: a.text(0).utf8.count / 3 * 4)
                return .string(Base64.encode(Array(a.text(0).utf8)))
            },
            Function("base64_decode", [.string]) { a, run throws(JMESPathError) in
                try run.spend(writing: a.text(0).utf8.count)
                guard let bytes = Base64.decode(a.text(0)) else {
                    throw a.function.invalid("the text is no base64")
                }
                return .string(String(decoding: bytes, as: UTF8.self))
            },
        ] + digests

    private static let cases: [Function] = [
        Function("equal_fold", [.string, .string]) { a, run throws(JMESPathError) in
            try run.spend(1 + (a.text(0).utf8.count + a.text(1).utf8.count) / 8)
            let left = a.text(0).unicodeScalars.lazy.map(LetterCase.folded)
            return .bool(left.elementsEqual(a.text(1).unicodeScalars.lazy.map(LetterCase.folded)))
        },
        Function("to_upper", [.string]) { a, run throws(JMESPathError) in
            try run.spend(writing: a.text(0).utf8.count)
            return .string(LetterCase.upper(a.text(0)))
        },
        Function("to_lower", [.string]) { a, run throws(JMESPathError) in
            try run.spend(writing: a.text(0).utf8.count)
            return .string(LetterCase.lower(a.text(0)))
        },
    ]

    private static let parts: [Function] = [
        Function("replace", [.string, .string, .string, .number]) {
            a, run throws(JMESPathError) in
            let count = Int(clamping: Int64(a.number(3).rounded(.towardZero).clamped))
            return .string(try replace(a, count < 0 ? .max : count, &run))
        },
        Function("replace_all", [.string, .string, .string]) { a, run throws(JMESPathError) in
            .string(try replace(a, .max, &run))
        },
        Function("trim", [.string, .string]) { a, run throws(JMESPathError) in
            try run.spend(1 + (a.text(0).utf8.count + a.text(1).utf8.count) / 8)
            let cut = Set(a.text(1).unicodeScalars)
            let start = a.text(0).unicodeScalars.drop(while: cut.contains)
            let end = start.reversed().prefix(while: cut.contains).count
            return .string(String(start.dropLast(end)))
        },
        Function("trim_prefix", [.string, .string]) { a, _ throws(JMESPathError) in
            let (text, prefix) = (a.text(0).utf8, a.text(1).utf8)
            guard text.starts(with: prefix) else { return a.value(0) }
            return .string(String(decoding: text.dropFirst(prefix.count), as: UTF8.self))
        },
        Function("split", [.string, .string]) { a, run throws(JMESPathError) in
            let (text, separator) = (a.text(0), a.text(1))
            try run.spend(writing: text.utf8.count)
            guard !separator.isEmpty else {
                try run.spend(text.utf8.count)
                return .array(text.unicodeScalars.map { .string(String($0)) })
            }
            let places = ByteSearch.places(of: separator, in: text, limit: .max)
            try run.spend(places.count)
            return .strings(pieces(of: Array(text.utf8), places, separator.utf8.count))
        },
        Function("truncate", [.string, .number]) { a, run throws(JMESPathError) in
            try run.spend(writing: a.text(0).utf8.count)
            let count = max(0, a.number(1).rounded(.towardZero).clamped)
            return .string(String(a.text(0).unicodeScalars.prefix(Int(count))))
        },
    ]

    private static let digests: [Function] = [
        Function("sha256", [.string]) { a, run throws(JMESPathError) in
            try digest(a, &run, SHA256Digest.hash)
        },
        Function("sha1", [.string]) { a, run throws(JMESPathError) in
            try digest(a, &run, SHA1Digest.hash)
        },
        Function("md5", [.string]) { a, run throws(JMESPathError) in
            try digest(a, &run, MD5Digest.hash)
        },
    ]

    private static func digest(
        _ a: Arguments, _ run: inout Interpreter, _ hash: ([UInt8]) -> [UInt8]
    ) throws(JMESPathError) -> JSONValue {
        try run.spend(1 + a.text(0).utf8.count)
        let digits = Array("0123456789abcdef".utf8)
        let text = hash(Array(a.text(0).utf8)).flatMap {
            [digits[Int($0 >> 4)], digits[Int($0 & 15)]]
        }
        return .string(String(decoding: text, as: UTF8.self))
    }

    private static func pieces(
        of bytes: [UInt8], _ places: [Int], _ width: Int
    ) -> [String] {
        var result: [String] = []
        var start = 0
        for place in places {
            result.append(String(decoding: bytes[start..<place], as: UTF8.self))
            start = place + width
        }
        result.append(String(decoding: bytes[start...], as: UTF8.self))
        return result
    }

    /// The first argument with the first `count` of the second one replaced by the third; an empty
    /// second one stands before each letter and at the end.
    private static func replace(
        _ a: Arguments, _ count: Int, _ run: inout Interpreter
    ) throws(JMESPathError) -> String {
        let (text, old, new) = (a.text(0), a.text(1), a.text(2))
        try run.spend(writing: text.utf8.count)
        var parts: [String]
        if old.isEmpty {
            let scalars = text.unicodeScalars.map { String($0) }
            let split = min(count, scalars.count + 1)
            guard split > 0 else { return text }
            parts = [""] + scalars.prefix(split - 1)
            let rest = scalars.dropFirst(split - 1).joined()
            if split <= scalars.count { parts.append(rest) } else { parts.append("") }
        } else {
            let places = ByteSearch.places(of: old, in: text, limit: count)
            parts = pieces(of: Array(text.utf8), places, old.utf8.count)
        }
        let (added, overflow) = new.utf8.count.multipliedReportingOverflow(by: parts.count)
        try run.spend(writing: overflow ? .max : min(added, .max / 2) + text.utf8.count)
        return parts.joined(separator: new)
    }
}

extension Double {
    /// This number inside ±2^62, so that it is a whole number of any kind; 0 where it is none.
    var clamped: Double { isNaN ? 0 : min(max(self, -0x1p62), 0x1p62) }
}
