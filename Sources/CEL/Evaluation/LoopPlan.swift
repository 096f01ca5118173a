/// A macro that walks a list or a map.
struct LoopPlan: Plan {
    let kind: Expression.Loop.Kind
    let range: any Plan
    let first: Int
    let second: Int?
    let condition: (any Plan)?
    let transform: (any Plan)?

    func evaluate(_ e: Evaluator) throws(CELError) -> CELValue {
        let range = try range.evaluate(e)
        let source = try LoopSource(range, pairs: second != nil)
        switch kind {
        case .all: return try decide(source, e, deciding: false, weight: 2)
        case .exists: return try decide(source, e, deciding: true, weight: 3)
        case .existsOne: return try count(source, e)
        case .filter: return try filter(source, e)
        case .map, .transformList: return try collect(source, e)
        case .transformMap: return try collectMap(source, e)
        case .transformMapEntry: return try collectEntries(source, e)
        }
    }

    private func bind(_ source: LoopSource, _ index: Int, _ e: Evaluator) throws(CELError) {
        try e.spend(1)
        let (key, value) = try source[index]
        e.locals[first] = key
        if let second { e.locals[second] = value }
    }

    private func test(_ e: Evaluator) throws(CELError) -> Bool {
        guard let condition else { return true }
        guard case .bool(let flag) = try condition.evaluate(e) else { throw .noOverload }
        return flag
    }

    /// `all` and `exists`: a deciding element wins over errors of others.
    private func decide(
        _ source: LoopSource, _ e: Evaluator, deciding: Bool, weight: UInt64
    ) throws(CELError) -> CELValue {
        var failure: CELError?
        for index in 0..<source.count {
            do throws(CELError) {
                try bind(source, index, e)
                try e.charge(weight + 1)
                if try test(e) == deciding {
                    try e.charge(1 + (index + 1 < source.count ? weight : 0))
                    return .bool(deciding)
                }
            } catch {
                if error.code == .cost { throw error }
                failure = failure ?? error
            }
        }
        try e.charge(1)
        if let failure { throw failure }
        return .bool(!deciding)
    }

    private func count(_ source: LoopSource, _ e: Evaluator) throws(CELError) -> CELValue {
        var found = 0
        for index in 0..<source.count {
            try bind(source, index, e)
            if try test(e) {
                try e.charge(2)
                found += 1
            }
        }
        try e.charge(2)
        return .bool(found == 1)
    }

    private func filter(_ source: LoopSource, _ e: Evaluator) throws(CELError) -> CELValue {
        var result: [CELValue] = []
        for index in 0..<source.count {
            try bind(source, index, e)
            let element = e.locals[first]
            if try test(e) {
                try e.charge(13)
                result.append(element)
            }
        }
        try e.charge(1)
        return .list(result)
    }

    private func collect(_ source: LoopSource, _ e: Evaluator) throws(CELError) -> CELValue {
        guard let transform else { return .null }
        let weight: UInt64 = transform is ConstantPlan ? 2 : 12
        var result: [CELValue] = []
        for index in 0..<source.count {
            try bind(source, index, e)
            guard try test(e) else { continue }
            result.append(try transform.evaluate(e))
            try e.charge(weight)
        }
        try e.charge(1)
        return .list(result)
    }

    private func collectMap(_ source: LoopSource, _ e: Evaluator) throws(CELError) -> CELValue {
        guard let transform else { return .null }
        var result: [(CELValue, CELValue)] = []
        for index in 0..<source.count {
            try bind(source, index, e)
            let key = e.locals[first]
            guard try test(e) else { continue }
            result.append((key, try transform.evaluate(e)))
            try e.charge(3)
        }
        try e.charge(1)
        return .map(CELMap(result))
    }

    private func collectEntries(
        _ source: LoopSource, _ e: Evaluator
    ) throws(CELError) -> CELValue {
        guard let transform else { return .null }
        var result: [(CELValue, CELValue)] = []
        var seen: Set<CELKey> = []
        for index in 0..<source.count {
            try bind(source, index, e)
            guard try test(e) else { continue }
            guard case .map(let map) = try transform.evaluate(e) else { throw .noOverload }
            try e.charge(2)
            for (key, value) in try map.entries() {
                guard CELKey.candidates(key).allSatisfy({ !seen.contains($0) }),
                    let hashed = CELKey(key)
                else {
                    throw CELError(
                        "insert failed: key \(CELConversions.display(key)) already exists")
                }
                seen.insert(hashed)
                result.append((key, value))
            }
            try e.checkCount(result.count)
        }
        try e.charge(1)
        return .map(CELMap(result))
    }
}

/// What a loop walks: elements of a list or keys of a map, or pairs of both.
struct LoopSource {
    private enum Storage {
        case list(CELList)
        case map(CELMap, [CELValue])
    }

    private let storage: Storage
    private let pairs: Bool
    let count: Int

    init(_ range: CELValue, pairs: Bool) throws(CELError) {
        self.pairs = pairs
        switch range {
        case .list(let list):
            storage = .list(list)
            count = list.count
        case .map(let map):
            let keys = try map.keys()
            storage = .map(map, keys)
            count = keys.count
        default:
            throw CELError("got '\(range.type.name)', expected iterable type")
        }
    }

    /// The first and the second variable of a step.
    subscript(index: Int) -> (CELValue, CELValue) {
        get throws(CELError) {
            switch storage {
            case .list(let list):
                let element = try list.element(index)
                return pairs ? (.int(Int64(index)), element) : (element, .null)
            case .map(let map, let keys):
                let key = keys[index]
                guard pairs else { return (key, .null) }
                return (key, try map.value(key) ?? .null)
            }
        }
    }
}

/// `list.sortBy(variable, key)`.
struct SortByPlan: Plan {
    let target: any Plan
    let slot: Int
    let key: any Plan

    func evaluate(_ e: Evaluator) throws(CELError) -> CELValue {
        guard case .list(let list) = try target.evaluate(e) else { throw .noOverload }
        var keys: [CELValue] = []
        let elements = try list.elements()
        for element in elements {
            try e.spend(1)
            e.locals[slot] = element
            keys.append(try key.evaluate(e))
            try e.charge(12)
        }
        try e.charge(3)
        let result = try ListLibrary.sorted(elements, by: keys)
        try e.charge(ListLibrary.sortCost(keys))
        return .list(result)
    }
}
