import KubernetesCore

/// Kyverno's functions of regular expressions, which take time linear in the text.
enum KyvernoPatternFunctions {
    /// The most steps of one match: a place of the expression tried at a place of the text.
    private static let workMax = 20_000_000
    private static let drawnMax = 4_096

    static let all: [Function] = [
        Function("regex_match", [.string, [.string, .number]], takesPattern: true) {
            a, run throws(JMESPathError) in
            let pattern = try pattern(a)
            let text = try text(a, 1, &run)
            guard let found = pattern.matches(text, workMax: workMax) else { throw tooLong(a) }
            return .bool(found)
        },
        Function(
            "regex_replace_all", [.string, [.string, .number], [.string, .number]],
            takesPattern: true
        ) { a, run throws(JMESPathError) in
            let template = Template(ScalarText.of(a.value(2)) ?? "")
            return .string(try replaced(a, &run) { template.expanded($0, $1.groupNames) })
        },
        Function(
            "regex_replace_all_literal", [.string, [.string, .number], [.string, .number]],
            takesPattern: true
        ) { a, run throws(JMESPathError) in
            let replacement = ScalarText.of(a.value(2)) ?? ""
            return .string(try replaced(a, &run) { _, _ in replacement })
        },
        Function("random", [.string], takesPattern: true) { a, run throws(JMESPathError) in
            guard !a.text(0).isEmpty else { throw a.function.invalid("the pattern is empty") }
            let pattern = try pattern(a)
            try run.spend(writing: drawnMax)
            run.draws &+= 1
            // Seeds that are near each other must not give texts that are.
            let seed = run.environment.seed ^ (run.draws &* 0xD1B5_4A32_D192_ED03)
            guard let text = pattern.sample(seed: seed, limit: drawnMax) else {
                throw a.function.invalid(
                    "the pattern matches nothing, or a text of more than \(drawnMax) letters")
            }
            return .string(text)
        },
    ]

    private static func pattern(_ a: Arguments) throws(JMESPathError) -> Pattern {
        if let pattern = a.pattern { return pattern }
        do throws(PatternError) {
            return try Pattern(a.text(0))
        } catch {
            throw a.function.invalid(error.description)
        }
    }

    private static func text(
        _ a: Arguments, _ index: Int, _ run: inout Interpreter
    ) throws(JMESPathError) -> String {
        let text = ScalarText.of(a.value(index)) ?? ""
        try run.spend(writing: text.utf8.count)
        return text
    }

    private static func tooLong(_ a: Arguments) -> JMESPathError {
        JMESPathError(.limit, "\(a.function.name)(): the match takes more than \(workMax) steps")
    }

    private static func replaced(
        _ a: Arguments, _ run: inout Interpreter,
        _ replacement: (Pattern.Match, Pattern) -> String
    ) throws(JMESPathError) -> String {
        let pattern = try pattern(a)
        let text = try text(a, 1, &run)
        guard let matches = pattern.allMatches(in: text, limit: .max, workMax: workMax) else {
            throw tooLong(a)
        }
        let scalars = Array(text.unicodeScalars)
        var result = String.UnicodeScalarView()
        var position = 0
        for match in matches {
            result.append(contentsOf: scalars[position..<match.range.lowerBound])
            let new = replacement(match, pattern)
            try run.spend(writing: new.utf8.count)
            result.append(contentsOf: new.unicodeScalars)
            position = match.range.upperBound
        }
        result.append(contentsOf: scalars[position...])
        try run.spend(writing: result.count)
        return String(result)
    }

    /// A replacement in which `$1`, `${1}` and `${name}` stand for groups and `$$` for a dollar.
    private struct Template {
        private enum Part {
            case text(String)
            case group(String)
        }

        private var parts: [Part] = []

        init(_ source: String) {
            var rest = Substring(source).unicodeScalars
            var plain = String.UnicodeScalarView()
            while let first = rest.popFirst() {
                guard first == "$" else {
                    plain.append(first)
                    continue
                }
                if rest.first == "$" {
                    rest.removeFirst()
                    plain.append("$")
                } else if let name = Self.name(&rest) {
                    parts.append(.text(String(plain)))
                    parts.append(.group(name))
                    plain = String.UnicodeScalarView()
                } else {
                    plain.append("$")
                }
            }
            parts.append(.text(String(plain)))
        }

        private static func name(_ rest: inout Substring.UnicodeScalarView) -> String? {
            let isBraced = rest.first == "{"
            let start = isBraced ? rest.dropFirst() : rest
            let name = start.prefix {
                $0 == "_"
                    || ($0.isASCII
                        ? $0.properties.isAlphabetic || ("0"..."9").contains($0)
                        : $0.properties.isAlphabetic || $0.properties.numericType == .decimal)
            }
            guard !name.isEmpty else { return nil }
            var behind = start.dropFirst(name.count)
            if isBraced { guard behind.popFirst() == "}" else { return nil } }
            rest = behind
            return String(name)
        }

        func expanded(_ match: Pattern.Match, _ names: [String?]) -> String {
            var result = ""
            for part in parts {
                switch part {
                case .text(let text): result += text
                case .group(let name): result += Self.group(name, match, names)
                }
            }
            return result
        }

        private static func group(
            _ name: String, _ match: Pattern.Match, _ names: [String?]
        ) -> String {
            if name.utf8.allSatisfy({ $0 >= 0x30 && $0 <= 0x39 }) {
                guard let index = Int(name) else { return "" }
                if index == 0 { return match.text }
                return index <= match.groups.count ? match.groups[index - 1] ?? "" : ""
            }
            // Of groups of one name the last that took part counts.
            let found = names.indices.last { names[$0] == name && match.groups[$0] != nil }
            return found.flatMap { match.groups[$0] } ?? ""
        }
    }
}
