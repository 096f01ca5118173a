/// Lists: Kubernetes' own functions and the lists extension, version 3.
enum ListLibrary {
    private typealias F = CELFunction

    static let functions: [CELFunction] = folds + cuts + orders

    private static let walk: CELFunction.Cost = { arguments, _ in
        CostModel.walk(arguments.first ?? nil)
    }

    private static let comparable = [
        "int", "uint", "double", "bool", "duration", "timestamp", "string", "bytes",
    ]

    static func list(_ value: CELValue) throws(CELError) -> CELList {
        guard case .list(let list) = value else { throw .noOverload }
        return list
    }

    private static func int(_ value: CELValue) throws(CELError) -> Int64 {
        guard case .int(let number) = value else { throw .noOverload }
        return number
    }

    private static let folds: [CELFunction] =
        F.define("isSorted", comparable.map { "list(\($0)).() -> bool" }, cost: walk) {
            a, _ throws(CELError) in
            let elements = try list(a[0]).elements()
            for (left, right) in zip(elements, elements.dropFirst())
            where try left.compared(to: right) > 0 {
                return .bool(false)
            }
            return .bool(true)
        }
        + [sum(startingAt: .int(0))]
        + F.define("min", comparable.map { "list(\($0)).() -> \($0)" }, cost: walk) {
            a, _ throws(CELError) in try extreme(a[0], "min", -1)
        }
        + F.define("max", comparable.map { "list(\($0)).() -> \($0)" }, cost: walk) {
            a, _ throws(CELError) in try extreme(a[0], "max", 1)
        }

    /// The function `sum` with what the sum of an empty list is.
    static func sum(startingAt zero: CELValue) -> CELFunction {
        CELFunction(
            name: "sum", isMethod: true, count: 1,
            signatures: ["int", "uint", "double", "duration"].map {
                CELSignature("list(\($0)).() -> \($0)")
            }, isExtended: false, cost: walk
        ) { a, e throws(CELError) in
            let elements = try list(a[0]).elements()
            guard var result = elements.first else { return zero }
            switch result {
            case .int, .uint, .double, .duration: break
            default: throw .noOverload
            }
            for element in elements.dropFirst() {
                result = try OperatorLibrary.add(result, element, e)
            }
            return result
        }
    }

    private static func extreme(
        _ value: CELValue, _ name: String, _ sign: Int
    ) throws(CELError) -> CELValue {
        let elements = try list(value).elements()
        guard var result = elements.first else { throw CELError("\(name) called on empty list") }
        // Comparing the first with itself refuses a list of one element that has no order.
        for element in elements
        where try element.compared(to: result).signum() == sign { result = element }
        return result
    }

    /// Where `value` first or last is in `list`; -1 where it is not.
    static func position(
        of value: CELValue, in list: CELList, last: Bool, _ e: Evaluator
    ) throws(CELError) -> Int64 {
        var found: Int64 = -1
        for index in 0..<list.count where try list.element(index).equals(value, e) {
            found = Int64(index)
            if !last { break }
        }
        return found
    }

    private static let resultSize: CELFunction.Cost = { _, result in CostModel.size(result) + 11 }

    private static let cuts: [CELFunction] =
        F.define("slice", ["list(A).(int, int) -> list(A)"], cost: resultSize) {
            a, _ throws(CELError) in
            let list = try list(a[0])
            let (start, end) = (try int(a[1]), try int(a[2]))
            let call = "cannot slice(\(start), \(end))"
            guard start >= 0, end >= 0 else {
                throw CELError(call + ", negative indexes not supported")
            }
            guard start <= end else {
                throw CELError(call + ", start index must be less than or equal to end index")
            }
            guard end <= Int64(list.count) else {
                throw CELError(call + ", list is length \(list.count)")
            }
            var result: [CELValue] = []
            for index in Int(start)..<Int(end) { result.append(try list.element(index)) }
            return .list(result)
        }
        + F.define(
            "flatten", ["list(list(A)).() -> list(A)", "list(dyn).(int) -> list(dyn)"],
            cost: { arguments, _ in
                let size = CostModel.size(arguments.first ?? nil)
                var depth: UInt64 = 1
                if arguments.count > 1, case .int(let number)? = arguments[1], number > 0 {
                    depth = UInt64(number)
                }
                let (product, overflow) = size.multipliedReportingOverflow(by: depth)
                return overflow ? .max : product &+ 11
            }
        ) { a, e throws(CELError) in
            let depth = a.count > 1 ? try int(a[1]) : 1
            guard depth >= 0 else { throw CELError("level must be non-negative") }
            var result: [CELValue] = []
            try flatten(try list(a[0]), min(depth, 1_000), into: &result, e)
            try e.checkCount(result.count)
            return .list(result)
        }
        + F.define("lists.range", ["(int) -> list(int)"], cost: resultSize) {
            a, e throws(CELError) in
            let count = try int(a[0])
            try e.checkCount(Int(clamping: count))
            return .list(count <= 0 ? [] : (0..<count).map(CELValue.int))
        }

    private static func flatten(
        _ list: CELList, _ depth: Int64, into result: inout [CELValue], _ e: Evaluator
    ) throws(CELError) {
        try e.spend(list.count + 1)
        for index in 0..<list.count {
            let element = try list.element(index)
            if depth > 0, case .list(let inner) = element {
                try flatten(inner, depth - 1, into: &result, e)
            } else {
                result.append(element)
            }
        }
    }

    private static let squared: CELFunction.Cost = { arguments, _ in
        guard case .list(let list)?? = arguments.first else { return 11 }
        // A list whose elements cannot be had costs nothing: the call fails with the same error.
        return sortCost((try? list.elements()) ?? [])
    }

    /// What finding an order among `values` costs.
    static func sortCost(_ values: [CELValue]) -> UInt64 {
        let count = Double(values.count)
        var factor = 2.0
        switch values.first {
        case .string, .bytes: factor = 2.1
        default: break
        }
        return UInt64(min(count * count * factor, 0x1p62)) + 11
    }

    private static let orders: [CELFunction] =
        F.define("distinct", ["list(A).() -> list(A)"], cost: squared) { a, e throws(CELError) in
            var result: [CELValue] = []
            for element in try list(a[0]).elements() {
                var isNew = true
                try e.spend(result.count)
                for other in result where try other.equals(element, e) {
                    isNew = false
                    break
                }
                if isNew { result.append(element) }
            }
            return .list(result)
        }
        + F.define("sort", comparable.map { "list(\($0)).() -> list(\($0))" }, cost: squared) {
            a, _ throws(CELError) in
            let elements = try list(a[0]).elements()
            return .list(try sorted(elements, by: elements))
        }

    /// `elements` in the order of `keys`, which must be of one type that has an order; equal keys
    /// keep their order.
    static func sorted(
        _ elements: [CELValue], by keys: [CELValue]
    ) throws(CELError) -> [CELValue] {
        guard let first = keys.first else { return [] }
        switch first {
        case .bool, .int, .uint, .double, .string, .bytes, .timestamp, .duration: break
        default: throw CELError("list elements must be comparable")
        }
        for key in keys where key.type.name != first.type.name {
            throw CELError("list elements must have the same type")
        }
        for key in keys {
            // An order among NaNs does not exist; asking for one fails before anything is sorted.
            _ = try key.compared(to: key)
        }
        let order = keys.indices.sorted { left, right in
            // Keys of one type can be compared, as the loop above has found out.
            let result = (try? keys[left].compared(to: keys[right])) ?? 0
            return result == 0 ? left < right : result < 0
        }
        return order.map { elements[$0] }
    }
}

/// Lists as sets.
enum SetLibrary {
    static let functions: [CELFunction] =
        CELFunction.define(
            "sets.contains", ["(list(A), list(A)) -> bool"], cost: { a, _ in product(a, 1) }
        ) { a, e throws(CELError) in .bool(try contains(a[0], a[1], e)) }
        + CELFunction.define(
            "sets.equivalent", ["(list(A), list(A)) -> bool"], cost: { a, _ in product(a, 2) }
        ) { a, e throws(CELError) in

            guard try contains(a[0], a[1], e) else { return .bool(false) }
            return .bool(try contains(a[1], a[0], e))
        }
        + CELFunction.define(
            "sets.intersects", ["(list(A), list(A)) -> bool"], cost: { a, _ in product(a, 1) }
        ) { a, e throws(CELError) in
            let other = try ListLibrary.list(a[1])
            for element in try ListLibrary.list(a[0]).elements() {
                try e.spend(other.count)
                if try OperatorLibrary.contains(element, in: .list(other), e) { return .bool(true) }
            }
            return .bool(false)
        }

    private static func product(_ arguments: [CELValue?], _ factor: UInt64) -> UInt64 {
        guard arguments.count == 2 else { return 1 }
        let (sizes, overflow) = CostModel.size(arguments[0]).multipliedReportingOverflow(
            by: CostModel.size(arguments[1]))
        guard !overflow else { return .max }
        return sizes.multipliedReportingOverflow(by: factor).partialValue &+ 1
    }

    private static func contains(
        _ list: CELValue, _ part: CELValue, _ e: Evaluator
    ) throws(CELError) -> Bool {
        let whole = try ListLibrary.list(list)
        for element in try ListLibrary.list(part).elements() {
            try e.spend(whole.count)
            guard try OperatorLibrary.contains(element, in: .list(whole), e) else { return false }
        }
        return true
    }
}
