/// The merge of an applied configuration into a live object.
enum ShapedMerge {
    /// The live value with what the applied one says; lists by keys and sets keep the live order
    /// where the applied one does not say another.
    static func merge(_ live: JSONValue?, _ applied: JSONValue?, _ shape: TypeShape) -> JSONValue? {
        guard let applied else { return live }
        guard let live else { return fresh(applied, shape) }
        switch (live, applied) {
        case (.object(let before), .object(let after)):
            if shape.isLeaf(applied) || before.isEmpty && after.isEmpty { return applied }
            var result = JSONObject()
            for key in Set(before.keys + after.keys).sorted() {
                result[key] = merge(before[key], after[key], shape.member(key).shape)
            }
            return .object(result)
        case (.array(let before), .array(let after)):
            if shape.isLeaf(applied) || before.isEmpty && after.isEmpty { return applied }
            return .array(list(before, after, shape))
        case (.object(let members), .null) where !shape.isLeaf(live) && !members.isEmpty:
            return live
        case (.array(let elements), .null) where !shape.isLeaf(live) && !elements.isEmpty:
            return live
        default: return fresh(applied, shape)
        }
    }

    /// A value that is not there yet, with its lists as a merge would make them.
    private static func fresh(_ value: JSONValue, _ shape: TypeShape) -> JSONValue {
        guard !shape.isLeaf(value) else { return value }
        switch value {
        case .object(let members):
            return .object(
                JSONObject(members.map { ($0, fresh($1, shape.member($0).shape)) }))
        case .array(let elements):
            return .array(elements.map { fresh($0, shape.element) })
        default: return value
        }
    }

    /// Walks both lists: elements of the live one alone stay where they are, elements of the
    /// applied one come in its order.
    private static func list(
        _ live: [JSONValue], _ applied: [JSONValue], _ shape: TypeShape
    ) -> [JSONValue] {
        let liveSteps = live.enumerated().map { ShapedValue.step(to: $1, $0, shape) }
        let appliedSteps = applied.enumerated().map { ShapedValue.step(to: $1, $0, shape) }
        let liveFound = Dictionary(zip(liveSteps, live), uniquingKeysWith: { first, _ in first })
        let appliedFound = Set(appliedSteps)
        var shared = appliedSteps.filter { liveFound[$0] != nil }[...]
        var merged: Set<PathElement> = []
        var result: [JSONValue] = []
        var left = 0
        var right = 0
        func take(_ index: Int) {
            let step = appliedSteps[index]
            merged.insert(step)
            if let value = merge(liveFound[step], applied[index], shape.element) {
                result.append(value)
            }
            if shared.first == step { shared.removeFirst() }
        }
        while left < live.count || right < applied.count {
            if left < live.count, right < applied.count {
                if liveSteps[left] == appliedSteps[right] {
                    take(right)
                    left += 1
                    right += 1
                    continue
                }
                if appliedFound.contains(liveSteps[left]), let next = shared.first,
                    next != liveSteps[left]
                {
                    left += 1
                    continue
                }
            }
            if left < live.count {
                if !appliedFound.contains(liveSteps[left]) {
                    result.append(live[left])
                    left += 1
                    continue
                }
                if merged.contains(liveSteps[left]) { left += 1 }
            }
            if right < applied.count {
                take(right)
                right += 1
            }
        }
        return result
    }
}
