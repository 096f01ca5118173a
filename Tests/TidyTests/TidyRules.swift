/// One breach of a rule: where, and what to do about it.
struct Finding: Hashable, CustomStringConvertible {
    let file: String
    let line: Int
    let message: String

    var description: String { "\(file):\(line): \(message)" }
}

/// The rules of the house that the compiler does not know. Each takes one source and returns what
/// breaks it, so that each has tests of its own in `TidyRulesTests`.
enum TidyRules {
    static let fileLinesMax = 600
    static let functionLinesMax = 60
    static let columnsMax = 100

    /// All findings of all rules on one file of `target`.
    static func check(_ text: String, file: String, target: String) -> [Finding] {
        let source = SourceText(text)
        var findings = size(source, file) + hazards(source, file) + names(source, file)
        findings += imports(source, file, target) + documentation(source, file)
        findings += leftovers(source, file) + droppedErrors(source, file)
        if Layers.pure.contains(target) { findings += purity(source, file) }
        return findings
    }

    /// Files, functions and lines stay small enough to be read.
    static func size(_ source: SourceText, _ file: String) -> [Finding] {
        var findings: [Finding] = []
        let count = source.lines.last == "" ? source.lines.count - 1 : source.lines.count
        if count > fileLinesMax {
            findings.append(
                Finding(
                    file: file, line: count,
                    message: "\(count) lines, more than \(fileLinesMax): split the file by concern")
            )
        }
        for (index, line) in source.lines.enumerated() where line.count > columnsMax {
            findings.append(
                Finding(
                    file: file, line: index + 1,
                    message: "\(line.count) columns, more than \(columnsMax)"))
        }
        for function in functions(source) where function.lines > functionLinesMax {
            findings.append(
                Finding(
                    file: file, line: function.line,
                    message: "a function of \(function.lines) lines, more than "
                        + "\(functionLinesMax): name its parts"))
        }
        return findings
    }

    /// Where functions, initialisers and accessors with a name start, and how many lines they have.
    static func functions(_ source: SourceText) -> [(line: Int, lines: Int)] {
        var result: [(line: Int, lines: Int)] = []
        for (index, line) in source.code.enumerated() where startsFunction(line) {
            var depth = 0
            var opened = false
            scan: for end in index..<source.code.count {
                for character in source.code[end] {
                    if character == "{" {
                        depth += 1
                        opened = true
                    } else if character == "}" {
                        depth -= 1
                        // A brace of the scope around a declaration without a body.
                        if depth < 0 { break scan }
                        if opened && depth == 0 {
                            result.append((index + 1, end - index + 1))
                            break scan
                        }
                    }
                }
                if !opened && end > index && startsDeclaration(source.code[end]) { break scan }
            }
        }
        return result
    }

    private static func startsFunction(_ line: String) -> Bool {
        let words = Words(line).all
        guard
            let keyword = words.first(where: { $0 == "func" || $0 == "init" || $0 == "subscript" })
        else { return false }
        let modifiers = words.prefix { $0 != keyword }
        return modifiers.allSatisfy { Words.modifiers.contains($0) }
    }

    private static func startsDeclaration(_ line: String) -> Bool {
        let words = Words(line).all.filter { !Words.modifiers.contains($0) }
        return [
            "func", "init", "subscript", "struct", "enum", "class", "extension", "actor", "case",
        ]
        .contains(words.first ?? "")
    }

    /// What traps on odd input, or hides what went wrong.
    static func hazards(_ source: SourceText, _ file: String) -> [Finding] {
        var findings: [Finding] = []
        for (index, line) in source.code.enumerated() {
            func report(_ message: String) {
                findings.append(Finding(file: file, line: index + 1, message: message))
            }
            if line.contains("try!") { report("try! traps: handle the error") }
            if line.contains("as!") { report("as! traps: use as? and say what was found") }
            if hasForceUnwrap(line) { report("a force unwrap traps: use guard let or ??") }
            let words = Words(line).all
            if words.contains("fatalError") { report("fatalError: use a typed error") }
            for word in ["Thread", "usleep", "DispatchSemaphore"]
            where words.contains(word) && (word != "Thread" || line.contains("Thread.sleep")) {
                report("\(word) blocks a thread of the pool: wait for a condition")
            }
        }
        return findings
    }

    /// Whether a line unwraps by force: an exclamation mark behind an expression.
    static func hasForceUnwrap(_ line: String) -> Bool {
        let characters = Array(line)
        for (index, character) in characters.enumerated() where character == "!" && index > 0 {
            let before = characters[index - 1]
            let next = index + 1 < characters.count ? characters[index + 1] : " "
            let follows = before.isLetter || before.isNumber || ")]_`?\"".contains(before)
            guard follows, next != "=" else { continue }
            let word = String(characters[..<index].reversed().prefix { $0.isLetter }.reversed())
            if word == "try" || word == "as" { continue }
            return true
        }
        return false
    }

    /// Names that say what a type does.
    static func names(_ source: SourceText, _ file: String) -> [Finding] {
        var findings: [Finding] = []
        for (index, line) in source.code.enumerated() {
            let words = Words(line).all
            for (at, word) in words.enumerated()
            where ["struct", "class", "enum", "actor", "protocol"].contains(word) {
                guard at + 1 < words.count else { continue }
                let name = words[at + 1]
                for empty in Layers.emptyNames where name.hasSuffix(empty) {
                    findings.append(
                        Finding(
                            file: file, line: index + 1,
                            message: "\(name): \"\(empty)\" says nothing; name what it does"))
                }
            }
        }
        return findings
    }

    /// A target imports its own layers only.
    static func imports(_ source: SourceText, _ file: String, _ target: String) -> [Finding] {
        guard let allowed = Layers.imports[target] else {
            return [
                Finding(
                    file: file, line: 1,
                    message:
                        "target \(target) has no line in Layers.imports: say what it may import")
            ]
        }
        var findings: [Finding] = []
        for (index, line) in source.code.enumerated() {
            let words = Words(line).all
            guard let at = words.firstIndex(of: "import"),
                words.prefix(at).allSatisfy({ Words.importModifiers.contains($0) })
            else { continue }
            let kinds: Set<String> = ["struct", "class", "enum", "func", "var", "let", "protocol"]
            let rest = words.dropFirst(at + 1).drop { kinds.contains($0) }
            guard let module = rest.first, !allowed.contains(module) else { continue }
            findings.append(
                Finding(
                    file: file, line: index + 1,
                    message: "\(target) may not import \(module): see Layers.imports"))
        }
        return findings
    }

    /// Pure targets depend on their arguments alone.
    static func purity(_ source: SourceText, _ file: String) -> [Finding] {
        var findings: [Finding] = []
        for (index, line) in source.code.enumerated() {
            let words = Set(Words(line).all)
            for (word, instead) in Layers.impure where words.contains(word) {
                findings.append(
                    Finding(
                        file: file, line: index + 1, message: "\(word) in a pure target: \(instead)"
                    ))
            }
            for call in [".now", ".random(", ".shuffled(", ".randomElement("]
            where line.contains(call) && !line.contains("context.now") {
                let isMember = call == ".now" && !Words(line).endsWord(after: call)
                if isMember || (call == ".now" && !line.contains("Clock")) { continue }
                findings.append(
                    Finding(
                        file: file, line: index + 1,
                        message:
                            "\(call) in a pure target: take the time or the seed as an argument"))
            }
        }
        return findings
    }

    /// Every declaration that others may call says what it promises.
    static func documentation(_ source: SourceText, _ file: String) -> [Finding] {
        var findings: [Finding] = []
        for (index, line) in source.code.enumerated() {
            let words = Words(line).all
            guard let at = words.firstIndex(where: { $0 == "public" || $0 == "package" }),
                words.prefix(at).allSatisfy({ Words.modifiers.contains($0) }),
                at + 1 < words.count, words[at + 1] != "import", words[at + 1] != "extension",
                !line.contains("(set)") || words.contains("var"), !words.contains("import")
            else { continue }
            if !isDocumented(source, index) {
                findings.append(
                    Finding(
                        file: file, line: index + 1, message: "a public declaration without ///"))
            }
        }
        return findings
    }

    private static func isDocumented(_ source: SourceText, _ index: Int) -> Bool {
        var at = index - 1
        while at >= 0 {
            let line = source.lines[at].drop { $0 == " " }
            if line.hasPrefix("///") { return true }
            guard line.hasPrefix("@") || line.hasPrefix("#if") || line.hasPrefix("//") else {
                return false
            }
            at -= 1
        }
        return false
    }

    /// Whoever drops an error says why it does not matter.
    static func droppedErrors(_ source: SourceText, _ file: String) -> [Finding] {
        var findings: [Finding] = []
        for (index, line) in source.code.enumerated() {
            let statement = (line.split(separator: "{").last ?? "").drop { $0 == " " }
            guard statement.hasPrefix("try? ") || statement.hasPrefix("_ = try? ") else { continue }
            let near = source.lines[max(0, index - 3)...index]
            guard !near.contains(where: { $0.contains("//") }) else { continue }
            findings.append(
                Finding(
                    file: file, line: index + 1,
                    message: "try? drops an error: handle it, or say in a comment why it is none"))
        }
        return findings
    }

    /// Nothing is left for later without an issue that says so.
    static func leftovers(_ source: SourceText, _ file: String) -> [Finding] {
        var findings: [Finding] = []
        for (index, line) in source.lines.enumerated() {
            for word in ["TODO", "FIXME", "XXX", "HACK"] where Words(line).all.contains(word) {
                findings.append(
                    Finding(file: file, line: index + 1, message: "\(word): finish it or file it"))
            }
        }
        return findings
    }
}
