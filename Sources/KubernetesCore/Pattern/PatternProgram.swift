/// A regular expression as instructions for the machine.
struct PatternProgram: Sendable {
    enum Instruction: Sendable {
        case scalar(UInt32)
        case folded(UInt32)
        case anyScalar(newline: Bool)
        case scalars(Int)
        /// Goes on at both places, preferring the first.
        case split(Int, Int)
        case jump(Int)
        case save(Int)
        case assertion(PatternAssertion)
        case match
    }

    private(set) var instructions: [Instruction] = []
    private(set) var classes: [PatternClass] = []
    let slotCount: Int
    /// The text to search for where the expression is no more than that.
    let literal: PatternLiteral?
    /// Whether a match can only begin at the start of the text.
    let isAnchored: Bool

    init(_ node: PatternNode, groups: Int) throws(PatternError) {
        slotCount = 2 * (groups + 1)
        literal = Self.literal(node)
        isAnchored = Self.beginsAtStart(node)
        try emit(.save(0))
        try compile(node)
        try emit(.save(1))
        try emit(.match)
    }

    private mutating func emit(_ instruction: Instruction) throws(PatternError) {
        guard instructions.count < Pattern.instructionsMax else {
            throw PatternError("expression too large", "")
        }
        instructions.append(instruction)
    }

    private mutating func compile(_ node: PatternNode) throws(PatternError) {
        switch node {
        case .empty: break
        case .scalar(let value, let folds): try emit(folds ? .folded(value) : .scalar(value))
        case .anyScalar(let newline): try emit(.anyScalar(newline: newline))
        case .scalars(let group):
            classes.append(group)
            try emit(.scalars(classes.count - 1))
        case .assertion(let assertion): try emit(.assertion(assertion))
        case .group(let inner, let index):
            try emit(.save(2 * index))
            try compile(inner)
            try emit(.save(2 * index + 1))
        case .sequence(let parts): for part in parts { try compile(part) }
        case .choice(let parts): try compileChoice(parts)
        case .repetition(let inner, let least, let most, let greedy):
            for _ in 0..<least { try compile(inner) }
            try compileRest(inner, most.map { $0 - least }, greedy)
        }
    }

    private mutating func compileChoice(_ parts: [PatternNode]) throws(PatternError) {
        var jumps: [Int] = []
        for (index, part) in parts.enumerated() {
            let split = instructions.count
            let isLast = index == parts.count - 1
            if !isLast { try emit(.split(split + 1, 0)) }
            try compile(part)
            if !isLast {
                jumps.append(instructions.count)
                try emit(.jump(0))
                instructions[split] = .split(split + 1, instructions.count)
            }
        }
        for at in jumps { instructions[at] = .jump(instructions.count) }
    }

    /// What follows the copies that must match: up to `most` more, or any number.
    private mutating func compileRest(
        _ inner: PatternNode, _ most: Int?, _ greedy: Bool
    ) throws(PatternError) {
        guard let most else {
            let split = instructions.count
            try emit(.split(0, 0))
            try compile(inner)
            try emit(.jump(split))
            let end = instructions.count
            instructions[split] = greedy ? .split(split + 1, end) : .split(end, split + 1)
            return
        }
        var splits: [Int] = []
        for _ in 0..<most {
            splits.append(instructions.count)
            try emit(.split(0, 0))
            try compile(inner)
        }
        let end = instructions.count
        for at in splits { instructions[at] = greedy ? .split(at + 1, end) : .split(end, at + 1) }
    }

    private static func literal(_ node: PatternNode) -> PatternLiteral? {
        var parts: [PatternNode]
        switch node {
        case .sequence(let list): parts = list
        case .empty: parts = []
        default: parts = [node]
        }
        var result = PatternLiteral(bytes: [], atStart: false, atEnd: false)
        if case .assertion(.textStart)? = parts.first {
            result.atStart = true
            parts.removeFirst()
        }
        if case .assertion(.textEnd)? = parts.last {
            result.atEnd = true
            parts.removeLast()
        }
        for part in parts {
            guard case .scalar(let value, false) = part, let scalar = Unicode.Scalar(value) else {
                return nil
            }
            result.bytes += Array(String(Character(scalar)).utf8)
        }
        return result
    }

    private static func beginsAtStart(_ node: PatternNode) -> Bool {
        switch node {
        case .assertion(.textStart): true
        case .sequence(let parts): parts.first.map(beginsAtStart) ?? false
        case .group(let inner, _): beginsAtStart(inner)
        case .choice(let parts): parts.allSatisfy(beginsAtStart)
        default: false
        }
    }
}
