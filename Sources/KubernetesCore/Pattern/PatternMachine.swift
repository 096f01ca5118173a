/// Runs a program over a text, all alternatives side by side (Pike's machine): each instruction is
/// visited at most once for each code point.
enum PatternMachine {
    /// A set of instructions that remembers the order of insertion; clearing costs nothing.
    private struct ThreadSet {
        var order: [Int]
        private var places: [Int]

        init(capacity: Int) {
            order = []
            order.reserveCapacity(capacity)
            places = Array(repeating: -1, count: capacity)
        }

        /// Adds `instruction`; whether it was new.
        mutating func insert(_ instruction: Int) -> Bool {
            let place = places[instruction]
            if place >= 0 && place < order.count && order[place] == instruction { return false }
            places[instruction] = order.count
            order.append(instruction)
            return true
        }

        mutating func clear() { order.removeAll(keepingCapacity: true) }
    }

    /// Whether `program` matches anywhere in `scalars`; `nil` where `work` was used up before that
    /// was known.
    static func matches(
        _ program: PatternProgram, _ scalars: [UInt32], _ work: inout Int
    ) -> Bool? {
        var current = ThreadSet(capacity: program.instructions.count)
        var next = ThreadSet(capacity: program.instructions.count)
        var stack: [Int] = []
        for position in 0...scalars.count {
            let before = position > 0 ? scalars[position - 1] : nil
            let after = position < scalars.count ? scalars[position] : nil
            if position == 0 || !program.isAnchored {
                // The start is the least preferred thread; without captures order does not matter.
                if follow(program, 0, before, after, &current, &stack) { return true }
            }
            guard let value = after else { return false }
            if current.order.isEmpty && program.isAnchored { return false }
            work -= current.order.count
            if work < 0 { return nil }
            let following = position + 1 < scalars.count ? scalars[position + 1] : nil
            for at in current.order where consumes(program, at, value) {
                if follow(program, at + 1, value, following, &next, &stack) { return true }
            }
            swap(&current, &next)
            next.clear()
        }
        return false
    }

    /// Adds what is reached from `start` without reading; whether that includes the end.
    private static func follow(
        _ program: PatternProgram, _ start: Int, _ before: UInt32?, _ after: UInt32?,
        _ set: inout ThreadSet, _ stack: inout [Int]
    ) -> Bool {
        stack.append(start)
        while let at = stack.popLast() {
            guard set.insert(at) else { continue }
            switch program.instructions[at] {
            case .match:
                stack.removeAll(keepingCapacity: true)
                return true
            case .jump(let target): stack.append(target)
            case .split(let first, let second):
                stack.append(second)
                stack.append(first)
            case .save: stack.append(at + 1)
            case .assertion(let assertion):
                if assertion.holds(before: before, after: after) { stack.append(at + 1) }
            case .scalar, .folded, .anyScalar, .scalars: break
            }
        }
        return false
    }

    private static func consumes(_ program: PatternProgram, _ at: Int, _ value: UInt32) -> Bool {
        switch program.instructions[at] {
        case .scalar(let expected): value == expected
        case .folded(let expected): PatternFolding.canonical(value) == expected
        case .anyScalar(let newline): newline || value != 0x0A
        case .scalars(let index): program.classes[index].contains(value)
        default: false
        }
    }

    // MARK: With captures

    private enum Step {
        case visit(Int)
        case restore(slot: Int, value: Int)
    }

    /// A set of threads with the slots that each has filled.
    private struct CaptureSet {
        var threads: ThreadSet
        var slots: [[Int]]

        init(capacity: Int) {
            threads = ThreadSet(capacity: capacity)
            slots = Array(repeating: [], count: capacity)
        }
    }

    /// The slots (start, end, start of group 1, …) of the first match at or behind `from`; -1 for a
    /// group that took no part. `work` below zero means that the search was given up.
    static func find(
        _ program: PatternProgram, _ scalars: [UInt32], from: Int, _ work: inout Int
    ) -> [Int]? {
        var current = CaptureSet(capacity: program.instructions.count)
        var next = CaptureSet(capacity: program.instructions.count)
        var best: [Int]?
        let fresh = Array(repeating: -1, count: program.slotCount)
        for position in from...max(from, scalars.count) {
            if best == nil && (position == 0 || !program.isAnchored) {
                add(program, 0, scalars, position, fresh, &current)
            }
            if current.threads.order.isEmpty {
                if best != nil || program.isAnchored { break }
                continue
            }
            work -= current.threads.order.count
            if work < 0 { return nil }
            next.threads.clear()
            for at in current.threads.order {
                if case .match = program.instructions[at] {
                    best = current.slots[at]
                    break
                }
                if position < scalars.count, consumes(program, at, scalars[position]) {
                    add(program, at + 1, scalars, position + 1, current.slots[at], &next)
                }
            }
            swap(&current, &next)
            if position == scalars.count { break }
        }
        return best
    }

    private static func add(
        _ program: PatternProgram, _ start: Int, _ scalars: [UInt32], _ position: Int,
        _ inherited: [Int], _ set: inout CaptureSet
    ) {
        let before = position > 0 ? scalars[position - 1] : nil
        let after = position < scalars.count ? scalars[position] : nil
        var slots = inherited
        var stack: [Step] = [.visit(start)]
        while let step = stack.popLast() {
            guard case .visit(let at) = step else {
                if case .restore(let slot, let value) = step { slots[slot] = value }
                continue
            }
            guard set.threads.insert(at) else { continue }
            switch program.instructions[at] {
            case .jump(let target): stack.append(.visit(target))
            case .split(let first, let second):
                stack.append(.visit(second))
                stack.append(.visit(first))
            case .save(let slot):
                stack.append(.restore(slot: slot, value: slots[slot]))
                slots[slot] = position
                stack.append(.visit(at + 1))
            case .assertion(let assertion):
                if assertion.holds(before: before, after: after) { stack.append(.visit(at + 1)) }
            case .scalar, .folded, .anyScalar, .scalars, .match: set.slots[at] = slots
            }
        }
    }
}
