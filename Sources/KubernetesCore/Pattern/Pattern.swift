/// A regular expression with the syntax and the semantics of RE2 (Go's `regexp`).
///
/// Matching takes time linear in the text for any expression: there is no backtracking. There are
/// no back-references and no look-around. An expression and what it compiles to are bounded; one
/// that asks for more is refused when it is made, never while it matches.
public struct Pattern: Sendable {
    /// The longest source in code points.
    public static let sourceMax = 100_000
    /// The most instructions an expression may compile to.
    static let instructionsMax = 200_000

    /// The text this was made from.
    public let source: String
    let program: PatternProgram

    /// Compiles `source`; fails with Go's text where it is no RE2 expression or asks for too much.
    public init(_ source: String) throws(PatternError) {
        self.source = source
        var parser = PatternParser(source)
        let node = try parser.parse()
        program = try PatternProgram(node, groups: parser.groupNames.count)
        groupNames = parser.groupNames
    }

    /// The names of the groups from the first on; `nil` for a group without a name.
    public let groupNames: [String?]

    /// Whether the expression matches anywhere in `text`.
    public func matches(_ text: String) -> Bool {
        matches(text, workMax: .max) ?? false
    }

    /// The same, given up as `nil` after `workMax` steps; a step is one place of the expression
    /// tried at one place of the text.
    public func matches(_ text: String, workMax: Int) -> Bool? {
        if let literal = program.literal { return literal.isContained(in: text) }
        var work = workMax
        return PatternMachine.matches(program, text.unicodeScalars.map(\.value), &work)
    }

    /// The first match in `text` (leftmost, then by the expression's own preference).
    public func firstMatch(in text: String) -> Match? {
        let scalars = text.unicodeScalars.map(\.value)
        var work = Int.max
        return PatternMachine.find(program, scalars, from: 0, &work).map {
            Match(scalars: scalars, slots: $0)
        }
    }

    /// The matches in `text` from left to right that do not overlap, at most `limit` of them. An
    /// empty match right behind another match does not count.
    public func allMatches(in text: String, limit: Int = .max) -> [Match] {
        allMatches(in: text, limit: limit, workMax: .max) ?? []
    }

    /// The same, given up as `nil` after `workMax` steps: many searches over one text can take a
    /// time that grows with its square.
    public func allMatches(in text: String, limit: Int, workMax: Int) -> [Match]? {
        var work = workMax
        let scalars = text.unicodeScalars.map(\.value)
        var result: [Match] = []
        var position = 0
        var lastEnd = -1
        while result.count < limit, position <= scalars.count,
            let slots = PatternMachine.find(program, scalars, from: position, &work)
        {
            let (start, end) = (slots[0], slots[1])
            if end > start || start != lastEnd {
                result.append(Match(scalars: scalars, slots: slots))
            }
            lastEnd = end
            position = end > position ? end : position + 1
        }
        return work >= 0 ? result : nil
    }

    /// One match: where it lies and what its groups hold.
    public struct Match: Hashable, Sendable {
        /// Where the match lies, in code points from the start of the text.
        public let range: Range<Int>
        /// What was matched.
        public let text: String
        /// What each group holds, from the first on; `nil` for a group that took no part.
        public let groups: [String?]

        init(scalars: [UInt32], slots: [Int]) {
            range = slots[0]..<slots[1]
            text = Match.text(scalars, range)
            groups = stride(from: 2, to: slots.count - 1, by: 2).map { at in
                slots[at] < 0 || slots[at + 1] < slots[at]
                    ? nil : Match.text(scalars, slots[at]..<slots[at + 1])
            }
        }

        private static func text(_ scalars: [UInt32], _ range: Range<Int>) -> String {
            var view = String.UnicodeScalarView()
            for value in scalars[range] { view.append(Unicode.Scalar(value) ?? "\u{FFFD}") }
            return String(view)
        }
    }
}

extension Pattern: Hashable {
    /// Whether both were made from the same text.
    public static func == (left: Pattern, right: Pattern) -> Bool {
        left.source.utf8.elementsEqual(right.source.utf8)
    }

    /// Feeds the source.
    public func hash(into hasher: inout Hasher) {
        for byte in source.utf8 { hasher.combine(byte) }
    }
}

/// A text that is searched for as it stands; most patterns in policies are no more than that, with
/// or without anchors.
struct PatternLiteral: Sendable {
    var bytes: [UInt8]
    var atStart: Bool
    var atEnd: Bool

    /// Whether `text` holds the literal where the anchors want it.
    func isContained(in text: String) -> Bool {
        var text = text
        return text.withUTF8 { buffer in
            let spare = buffer.count - bytes.count
            guard spare >= 0 else { return false }
            if atStart && atEnd { return spare == 0 && equals(buffer, 0) }
            if atStart { return equals(buffer, 0) }
            if atEnd { return equals(buffer, spare) }
            for start in 0...spare where equals(buffer, start) { return true }
            return false
        }
    }

    private func equals(_ buffer: UnsafeBufferPointer<UInt8>, _ start: Int) -> Bool {
        for index in bytes.indices where buffer[start + index] != bytes[index] { return false }
        return true
    }
}
