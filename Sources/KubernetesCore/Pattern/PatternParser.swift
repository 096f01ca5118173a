/// Reads RE2 syntax. Iterative: groups are kept on a stack of its own, so that nesting costs no
/// machine stack.
struct PatternParser {
    struct Flags {
        var folds = false
        var multiline = false
        var dotNewline = false
        var ungreedy = false
    }

    /// One open group, or the whole expression.
    private struct Frame {
        var choices: [PatternNode] = []
        var items: [PatternNode] = []
        var outerFlags: Flags
        var group: Int?
    }

    private static let heightMax = 1_000

    let scalars: [Unicode.Scalar]
    var position = 0
    var flags = Flags()
    private(set) var groupNames: [String?] = []
    private var frames: [Frame] = []
    private var items: [PatternNode] = []
    private var choices: [PatternNode] = []
    /// Where the repetition operator right before this place began; two in a row are an error.
    private var lastRepeat: Int?

    init(_ source: String) { scalars = Array(source.unicodeScalars) }

    /// Reads the whole expression.
    mutating func parse() throws(PatternError) -> PatternNode {
        guard scalars.count <= Pattern.sourceMax else {
            throw PatternError("expression too large", "")
        }
        while position < scalars.count { try step() }
        guard frames.isEmpty else { throw PatternError("missing closing )", text(0)) }
        return alternation()
    }

    private mutating func step() throws(PatternError) {
        let start = position
        let previousRepeat = lastRepeat
        lastRepeat = nil
        switch scalars[position] {
        case "(": try openGroup()
        case "|":
            position += 1
            choices.append(sequence(items))
            items = []
        case ")": try closeGroup()
        case "^":
            position += 1
            items.append(.assertion(flags.multiline ? .lineStart : .textStart))
        case "$":
            position += 1
            items.append(.assertion(flags.multiline ? .lineEnd : .textEnd))
        case ".":
            position += 1
            items.append(.anyScalar(newline: flags.dotNewline))
        case "[": items.append(.scalars(try bracketClass()))
        case "*", "+", "?":
            let bounds: (Int, Int?) =
                scalars[position] == "*" ? (0, nil) : scalars[position] == "+" ? (1, nil) : (0, 1)
            position += 1
            try repetition(bounds.0, bounds.1, from: start, after: previousRepeat)
        case "{":
            guard let (least, most) = braces() else {
                literal("{")
                return
            }
            guard least <= 1_000, (most ?? 0) <= 1_000, most.map({ $0 >= least }) ?? true else {
                throw PatternError("invalid repeat count", text(start, position))
            }
            try repetition(least, most, from: start, after: previousRepeat)
        case "\\": try escape()
        default: literal(scalars[position])
        }
    }

    private mutating func literal(_ scalar: Unicode.Scalar) {
        position += 1
        append(scalar.value)
    }

    private mutating func append(_ value: UInt32) {
        items.append(
            .scalar(flags.folds ? PatternFolding.canonical(value) : value, folds: flags.folds))
    }

    private func sequence(_ items: [PatternNode]) -> PatternNode {
        items.count == 1 ? items[0] : items.isEmpty ? .empty : .sequence(items)
    }

    private mutating func alternation() -> PatternNode {
        let last = sequence(items)
        defer {
            choices = []
            items = []
        }
        return choices.isEmpty ? last : .choice(choices + [last])
    }

    // MARK: Groups

    private mutating func openGroup() throws(PatternError) {
        let start = position
        position += 1
        guard peek() == "?" else {
            groupNames.append(nil)
            try push(group: groupNames.count)
            return
        }
        position += 1
        if peek() == "P" || peek() == "<" {
            try namedGroup(from: start)
            return
        }
        var new = flags
        var negated = false
        var sawFlag = false
        while let letter = peek() {
            position += 1
            switch letter {
            case "i":
                new.folds = !negated
                sawFlag = true
            case "m":
                new.multiline = !negated
                sawFlag = true
            case "s":
                new.dotNewline = !negated
                sawFlag = true
            case "U":
                new.ungreedy = !negated
                sawFlag = true
            case "-":
                guard !negated else { throw syntax(start) }
                negated = true
                sawFlag = false
            case ":", ")":
                guard !negated || sawFlag else { throw syntax(start) }
                if letter == ":" { try push(group: nil) }
                flags = new
                return
            default: throw syntax(start)
            }
        }
        throw PatternError("missing closing )", text(0))
    }

    private func syntax(_ start: Int) -> PatternError {
        PatternError("invalid or unsupported Perl syntax", text(start, position))
    }

    private mutating func namedGroup(from start: Int) throws(PatternError) {
        if peek() == "P" { position += 1 }
        guard peek() == "<" else {
            position = min(position + 1, scalars.count)
            throw syntax(start)
        }
        position += 1
        let nameStart = position
        while let scalar = peek(), scalar != ">" { position += 1 }
        guard peek() == ">" else { throw PatternError("invalid named capture", text(start)) }
        let name = text(nameStart, position)
        position += 1
        let isName = name.unicodeScalars.allSatisfy {
            $0 == "_" || ($0.isASCII && $0.properties.isAlphabetic) || ("0"..."9").contains($0)
        }
        guard isName, !name.isEmpty else {
            throw PatternError("invalid named capture", text(start, position))
        }
        guard !groupNames.contains(name) else {
            throw PatternError("duplicate capture group name", name)
        }
        groupNames.append(name)
        try push(group: groupNames.count)
    }

    private mutating func push(group: Int?) throws(PatternError) {
        guard frames.count < Self.heightMax else {
            throw PatternError("expression nests too deeply", text(0))
        }
        frames.append(
            Frame(choices: choices, items: items, outerFlags: flags, group: group))
        choices = []
        items = []
    }

    private mutating func closeGroup() throws(PatternError) {
        guard let frame = frames.popLast() else {
            throw PatternError("unexpected )", text(0))
        }
        position += 1
        let inner = alternation()
        choices = frame.choices
        items = frame.items
        flags = frame.outerFlags
        // An unnamed group keeps its node apart so that a following operator takes all of it.
        items.append(frame.group.map { .group(inner, index: $0) } ?? .sequence([inner]))
    }

    // MARK: Repetition

    private mutating func repetition(
        _ least: Int, _ most: Int?, from start: Int, after previous: Int?
    ) throws(PatternError) {
        var greedy = !flags.ungreedy
        let end = position
        if peek() == "?" {
            position += 1
            greedy.toggle()
        }
        if let previous {
            throw PatternError("invalid nested repetition operator", text(previous, end))
        }
        guard let operand = items.popLast() else {
            throw PatternError("missing argument to repetition operator", text(start, end))
        }
        let node = PatternNode.repetition(operand, min: least, max: most, greedy: greedy)
        guard node.repeatProduct <= 1_000 else {
            throw PatternError("invalid repeat count", text(start, end))
        }
        items.append(node)
        lastRepeat = start
    }

    /// Reads `{n}`, `{n,}` or `{n,m}`; `nil`, having read nothing, where it is none of these.
    private mutating func braces() -> (Int, Int?)? {
        var at = position + 1
        guard let least = number(&at) else { return nil }
        var most: Int? = least
        if at < scalars.count, scalars[at] == "," {
            at += 1
            if at < scalars.count, scalars[at] == "}" {
                most = nil
            } else {
                guard let number = number(&at) else { return nil }
                most = number
            }
        }
        guard at < scalars.count, scalars[at] == "}" else { return nil }
        position = at + 1
        return (least, most)
    }

    private func number(_ at: inout Int) -> Int? {
        let start = at
        var result = 0
        while at < scalars.count, ("0"..."9").contains(scalars[at]) {
            result = min(result * 10 + Int(scalars[at].value - 0x30), 100_000)
            at += 1
        }
        guard at > start, at == start + 1 || scalars[start] != "0" else { return nil }
        return result
    }

    // MARK: Escapes outside classes

    private mutating func escape() throws(PatternError) {
        guard position + 1 < scalars.count else {
            throw PatternError("trailing backslash at end of expression", "")
        }
        switch scalars[position + 1] {
        case "A": assertion(.textStart)
        case "z": assertion(.textEnd)
        case "b": assertion(.wordBoundary)
        case "B": assertion(.notWordBoundary)
        case "C": throw PatternError("invalid escape sequence", text(position, position + 2))
        case "Q":
            position += 2
            while position < scalars.count {
                if scalars[position] == "\\", position + 1 < scalars.count,
                    scalars[position + 1] == "E"
                {
                    position += 2
                    return
                }
                literal(scalars[position])
            }
        default:
            if let item = try classEscape() {
                var group = item
                group.folds = flags.folds
                items.append(.scalars(group.sealed()))
            } else {
                append(try escapedScalar())
            }
        }
    }

    private mutating func assertion(_ assertion: PatternAssertion) {
        position += 2
        items.append(.assertion(assertion))
    }

    // MARK: Reading

    func peek() -> Unicode.Scalar? { position < scalars.count ? scalars[position] : nil }

    /// The source from `start` to before `end`.
    func text(_ start: Int, _ end: Int? = nil) -> String {
        var view = String.UnicodeScalarView()
        view.append(contentsOf: scalars[start..<min(end ?? scalars.count, scalars.count)])
        return String(view)
    }
}
