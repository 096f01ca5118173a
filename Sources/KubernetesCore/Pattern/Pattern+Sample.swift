extension Pattern {
    /// A text that the expression matches, drawn by `seed`: the same seed gives the same text.
    ///
    /// What may repeat without a bound does so at most 16 times. Places of the text (`^`, `\b`)
    /// are not looked at. `nil` where the text would have more than `limit` code points.
    public func sample(seed: UInt64, limit: Int) -> String? {
        var parser = PatternParser(source)
        guard let node = try? parser.parse() else { return nil }
        var sampler = PatternSampler(seed: seed, limit: limit)
        return sampler.append(node) ? String(sampler.text) : nil
    }
}

/// Draws one text of an expression.
private struct PatternSampler {
    private static let repeatsMax = 16

    private(set) var text = String.UnicodeScalarView()
    private var state: UInt64
    private var room: Int
    /// Bounds the nodes visited: repeats of nothing take no room.
    private var steps: Int

    init(seed: UInt64, limit: Int) {
        state = seed
        room = limit
        steps = limit &+ 100_000
    }

    /// A number below `bound`, which must not be zero (SplitMix64).
    private mutating func draw(_ bound: Int) -> Int {
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
        mixed ^= mixed >> 31
        return Int(mixed % UInt64(bound))
    }

    /// Appends a text that `node` matches; false where there is no room for one.
    mutating func append(_ node: PatternNode) -> Bool {
        steps -= 1
        guard steps > 0 else { return false }
        switch node {
        case .empty, .assertion: return true
        case .scalar(let value, _): return append(value)
        case .anyScalar: return append(UInt32(0x20 + draw(0x5F)))
        case .scalars(let set): return append(oneOf: set)
        case .group(let inner, _): return append(inner)
        case .sequence(let parts): return parts.allSatisfy { append($0) }
        case .choice(let parts): return parts.isEmpty || append(parts[draw(parts.count)])
        case .repetition(let inner, let least, let most, _):
            let upper = max(most ?? least + Self.repeatsMax, least)
            let count = least + draw(upper - least + 1)
            return (0..<count).allSatisfy { _ in append(inner) }
        }
    }

    private mutating func append(_ value: UInt32) -> Bool {
        guard room > 0, let scalar = Unicode.Scalar(value) else { return false }
        room -= 1
        text.append(scalar)
        return true
    }

    /// Draws from the printable ASCII of a set where there is any, else from its first code points.
    private mutating func append(oneOf set: PatternClass) -> Bool {
        var members = (UInt32(0x20)..<0x7F).filter(set.contains)
        if members.isEmpty {
            for value in UInt32(0)..<0x20000 where set.contains(value) {
                members.append(value)
                if members.count == 64 { break }
            }
        }
        guard !members.isEmpty else { return false }
        return append(members[draw(members.count)])
    }
}
