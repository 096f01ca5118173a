import KubernetesCore

/// Whether the key of a condition is in its value.
struct ConditionMembership {
    /// What a value offers to look in.
    private enum Offer {
        case texts([String])
        case range(low: String, high: String)
        /// Nothing that a key could be in: every operator says no.
        case unusable
    }

    private let key: JSONValue
    private let value: JSONValue

    init(_ key: JSONValue, _ value: JSONValue) {
        self.key = key
        self.value = value
    }

    private static func scalar(_ value: JSONValue) -> String? {
        switch value {
        case .string, .integer, .double, .bool: GoFormat.plain(value)
        case .null, .array, .object: nil
        }
    }

    private static func alike(_ left: String, _ right: String) -> Bool {
        Wildcard.matches(left, right) || Wildcard.matches(right, left)
    }

    /// `AnyIn`, `AllIn`, `AnyNotIn` and `AllNotIn`.
    func holds(all: Bool, negated: Bool) -> Bool {
        if case .array(let elements) = key {
            return holdsList(elements.map { GoFormat.plain($0) }, all: all, negated: negated)
        }
        guard let text = ConditionMembership.scalar(key), let isIn = contains(text) else {
            return false
        }
        return isIn != negated
    }

    /// Whether a single key is in the value; `nil` where the value is nothing to be in.
    private func contains(_ key: String) -> Bool? {
        switch value {
        case .array(let elements):
            return elements.contains { ConditionMembership.alike(GoFormat.plain($0), key) }
        case .string(let text):
            if Wildcard.matches(text, key) { return true }
            switch ConditionMembership.offer(text) {
            case .unusable: return nil
            case .texts(let list): return list.contains { $0.utf8.elementsEqual(key.utf8) }
            case .range(let low, let high):
                return ConditionMembership.isInside(key, low, high)
            }
        default: return nil
        }
    }

    private func holdsList(_ keys: [String], all: Bool, negated: Bool) -> Bool {
        let offer: Offer
        switch value {
        case .array(let elements): offer = .texts(elements.map { GoFormat.plain($0) })
        case .integer, .double, .bool: offer = all ? .unusable : .texts([GoFormat.plain(value)])
        case .string(let text):
            if keys.count == 1, keys.allSatisfy({ $0.utf8.elementsEqual(text.utf8) }) {
                return !negated
            }
            offer = ConditionMembership.offer(text)
        case .null, .object: offer = .unusable
        }
        switch offer {
        case .unusable: return false
        case .texts(let texts):
            return decide(keys, all: all, negated: negated) { key in
                texts.contains { ConditionMembership.alike(key, $0) }
            }
        case .range(let low, let high):
            return decide(keys, all: all, negated: negated) { key in
                let isInside = ConditionMembership.isInside(key, low, high)
                guard negated, !all else { return isInside }
                // What cannot be compared is neither inside a range nor outside of it.
                return isInside || !ConditionMembership.isOutside(key, low, high)
            }
        }
    }

    private func decide(
        _ keys: [String], all: Bool, negated: Bool, _ isIn: (String) -> Bool
    ) -> Bool {
        all
            ? keys.allSatisfy { isIn($0) != negated }
            : keys.contains { isIn($0) != negated }
    }

    private static func isInside(_ key: String, _ low: String, _ high: String) -> Bool {
        let value = JSONValue.string(key)
        return LeafComparison(.moreOrEqual, low).holds(value)
            && LeafComparison(.lessOrEqual, high).holds(value)
    }

    private static func isOutside(_ key: String, _ low: String, _ high: String) -> Bool {
        let value = JSONValue.string(key)
        return LeafComparison(.less, low).holds(value) || LeafComparison(.more, high).holds(value)
    }

    /// A text as something to look in: a range, a list of texts in JSON, or itself.
    private static func offer(_ text: String) -> Offer {
        if let (low, high) = LeafPattern.range(text, separator: "-") {
            return .range(low: low, high: high)
        }
        return list(text).map { $0.map(Offer.texts) ?? .unusable } ?? .texts([text])
    }

    /// The texts of a list written in JSON; `nil` where `text` is no JSON, and nothing inside where
    /// it is some other JSON.
    private static func list(_ text: String) -> [String]?? {
        guard let parsed = try? JSONValue(parsing: text) else { return .none }
        if parsed.isNull { return .some([]) }
        guard let elements = parsed.array else { return .some(nil) }
        var texts: [String] = []
        for element in elements {
            guard let text = element.string ?? (element.isNull ? "" : nil) else {
                return .some(nil)
            }
            texts.append(text)
        }
        return .some(texts)
    }

    /// `In` and `NotIn`, which are outdated: lists are compared without wildcards, all of the key's
    /// elements for `In` and any of them for `NotIn`.
    func isStrictlyIn(negated: Bool) throws(ConditionProblem) -> Bool {
        guard case .array(let elements) = key else {
            guard let text = ConditionMembership.scalar(key),
                let isIn = isStrictlyIn(text)
            else { return false }
            return isIn != negated
        }
        var keys: [String] = []
        for element in elements {
            guard let text = element.string else {
                throw ConditionProblem(
                    "the operators In and NotIn take lists of texts as keys, not "
                        + "\(element.typeName)s; use AnyIn, AllIn, AnyNotIn or AllNotIn")
            }
            keys.append(text)
        }
        var offered: [String] = []
        switch value {
        case .array(let elements):
            for element in elements {
                guard let text = element.string else { return false }
                offered.append(text)
            }
        case .string(let text):
            if keys == [text] { return true }
            guard let list = ConditionMembership.list(text) ?? nil else { return false }
            offered = list
        default: return false
        }
        let known = Set(offered)
        return negated ? !keys.allSatisfy(known.contains) : keys.allSatisfy(known.contains)
    }

    private func isStrictlyIn(_ key: String) -> Bool? {
        switch value {
        case .array: return contains(key)
        case .string(let text):
            if Wildcard.matches(text, key) { return true }
            guard let list = ConditionMembership.list(text) ?? nil else { return nil }
            return list.contains { $0.utf8.elementsEqual(key.utf8) }
        default: return nil
        }
    }
}
