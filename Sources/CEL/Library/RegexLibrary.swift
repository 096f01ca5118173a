import KubernetesCore

/// `matches`, Kubernetes' `find` and `findAll`, and the regex extension.
enum RegexLibrary {
    static let functions: [CELFunction] = searches + extensions

    private static func texts(_ a: [CELValue]) throws(CELError) -> (String, String) {
        guard case .string(let first) = a[0], case .string(let second) = a[1] else {
            throw .noOverload
        }
        return (first, second)
    }

    private static func pattern(_ source: String, _ prefix: String = "") throws(CELError) -> Pattern
    {
        do throws(PatternError) {
            return try Pattern(source)
        } catch {
            throw CELError(prefix + error.description)
        }
    }

    private static let searches: [CELFunction] =
        CELFunction.define(
            "matches", ["string.(string) -> bool", "(string, string) -> bool"],
            cost: CostModel.regex
        ) { a, _ throws(CELError) in
            let (text, source) = try texts(a)
            return .bool(try matches(pattern(source), text))
        }
        + CELFunction.define("find", ["string.(string) -> string"], cost: CostModel.regex) {
            a, _ throws(CELError) in
            let (text, source) = try texts(a)
            return .string(try pattern(source, "Illegal regex: ").firstMatch(in: text)?.text ?? "")
        }
        + CELFunction.define(
            "findAll",
            ["string.(string) -> list(string)", "string.(string, int) -> list(string)"],
            cost: CostModel.regex
        ) { a, e throws(CELError) in
            let (text, source) = try texts(a)
            var limit = Int.max
            if a.count > 2 {
                guard case .int(let number) = a[2] else { throw .noOverload }
                if number >= 0 { limit = Int(clamping: number) }
            }
            let found = try matches(pattern(source, "Illegal regex: "), text, limit, e)
            return .list(found.map { CELValue.string($0.text) })
        }

    /// The most steps of one search; more counts as too costly.
    private static let workMax = 100_000_000

    private static func matches(_ pattern: Pattern, _ text: String) throws(CELError) -> Bool {
        guard let result = pattern.matches(text, workMax: workMax) else { throw .overCost }
        return result
    }

    /// `matches` for a pattern that is known when the expression is compiled.
    static func matches(with pattern: Pattern, like function: CELFunction) -> CELFunction {
        CELFunction(
            name: function.name, isMethod: function.isMethod, count: function.count,
            signatures: function.signatures, isExtended: function.isExtended, cost: function.cost
        ) { a, _ throws(CELError) in
            guard case .string(let text) = a[0] else { throw .noOverload }
            return .bool(try matches(pattern, text))
        }
    }

    /// All matches; a search for each of them costs as much as reading the rest of the text.
    private static func matches(
        _ pattern: Pattern, _ text: String, _ limit: Int, _ e: Evaluator
    ) throws(CELError) -> [Pattern.Match] {
        guard let result = pattern.allMatches(in: text, limit: limit, workMax: workMax) else {
            throw .overCost
        }
        try e.checkCount(result.count)
        return result
    }

    private static let extensions: [CELFunction] =
        CELFunction.define(
            "regex.replace",
            ["(string, string, string) -> string", "(string, string, string, int) -> string"],
            extended: true, cost: CostModel.regex
        ) { a, e throws(CELError) in
            let (text, source) = try texts(a)
            guard case .string(let replacement) = a[2] else { throw .noOverload }
            var limit = Int.max
            if a.count > 3 {
                guard case .int(let number) = a[3] else { throw .noOverload }
                if number >= 0 { limit = Int(clamping: number) }
            }
            return .string(try replace(pattern(source), text, replacement, limit, e))
        }
        + CELFunction.define(
            "regex.extract", ["(string, string) -> optional(string)"], extended: true,
            cost: CostModel.regex
        ) { a, _ throws(CELError) in
            let (text, source) = try texts(a)
            let pattern = try pattern(source)
            guard pattern.groupNames.count <= 1 else {
                throw manyGroups(source)
            }
            guard let match = pattern.firstMatch(in: text) else { return .optional(nil) }
            let found = match.groups.isEmpty ? match.text : match.groups[0]
            return .optional(found.map(CELValue.string))
        }
        + CELFunction.define(
            "regex.extractAll", ["(string, string) -> list(string)"], extended: true,
            cost: CostModel.regex
        ) { a, e throws(CELError) in
            let (text, source) = try texts(a)
            let pattern = try pattern(source)
            guard pattern.groupNames.count <= 1 else {
                throw manyGroups(source)
            }
            let found = try matches(pattern, text, .max, e).compactMap { match in
                match.groups.isEmpty ? match.text : match.groups[0]
            }
            return .list(found.map(CELValue.string))
        }

    private static func manyGroups(_ source: String) -> CELError {
        CELError(
            "regular expression has more than one capturing group: " + CELQuote.quote(source))
    }

    /// `text` with matches replaced; `\1` in the replacement stands for the first group, `\0` for
    /// the whole match.
    private static func replace(
        _ pattern: Pattern, _ text: String, _ replacement: String, _ limit: Int, _ e: Evaluator
    ) throws(CELError) -> String {
        let parts = try template(replacement, groups: pattern.groupNames.count)
        let scalars = Array(text.unicodeScalars)
        var result = ""
        var at = 0
        for match in try matches(pattern, text, limit, e) {
            result += StringLibrary.join(scalars[at..<match.range.lowerBound])
            for part in parts {
                switch part {
                case .text(let text): result += text
                case .group(0): result += match.text
                case .group(let number): result += match.groups[number - 1] ?? ""
                }
            }
            at = match.range.upperBound
            guard result.utf8.count <= Evaluator.sizeMax else { break }
        }
        try e.checkSize(result.utf8.count)
        return result + StringLibrary.join(scalars[at...])
    }

    private enum Part {
        case text(String)
        case group(Int)
    }

    private static func template(_ text: String, groups: Int) throws(CELError) -> [Part] {
        var parts: [Part] = []
        var scalars = Array(text.unicodeScalars)[...]
        while let scalar = scalars.popFirst() {
            guard scalar == "\\" else {
                parts.append(.text(String(Character(scalar))))
                continue
            }
            guard let next = scalars.popFirst() else {
                throw CELError("invalid replacement string: trailing backslash")
            }
            if next == "\\" {
                parts.append(.text("\\"))
            } else if CELLexer.isDigit(next) {
                let number = Int(next.value - 0x30)
                guard number <= groups else {
                    throw CELError(
                        "replacement string references group \(number) but regex has only "
                            + "\(groups) group(s)")
                }
                parts.append(.group(number))
            } else {
                throw CELError(
                    "invalid replacement string: \(CELQuote.quote(text)): \\ must be followed by "
                        + "a digit or \\")
            }
        }
        return parts
    }
}
