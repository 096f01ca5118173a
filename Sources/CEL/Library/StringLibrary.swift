/// The strings library, version 2 as Kubernetes has it. Positions count code points.
enum StringLibrary {
    private typealias F = CELFunction

    static let functions: [CELFunction] = searches + cuts + changes + lists

    private static let one: CELFunction.Cost = { _, _ in 1 }

    private static func texts(_ a: [CELValue]) throws(CELError) -> (String, String) {
        guard case .string(let first) = a[0], case .string(let second) = a[1] else {
            throw .noOverload
        }
        return (first, second)
    }

    private static func text(_ value: CELValue) throws(CELError) -> String {
        guard case .string(let text) = value else { throw .noOverload }
        return text
    }

    private static func int(_ value: CELValue) throws(CELError) -> Int64 {
        guard case .int(let number) = value else { throw .noOverload }
        return number
    }

    private static let contains: CELFunction.Cost = { arguments, _ in
        guard arguments.count == 2 else { return 1 }
        let text = CostModel.scaled(CostModel.size(arguments[0]), 0.1)
        let part = CostModel.scaled(CostModel.size(arguments[1]), 0.1)
        return text.multipliedReportingOverflow(by: part).partialValue
    }

    private static let searches: [CELFunction] =
        F.define("contains", ["string.(string) -> bool"], cost: contains) { a, _ throws(CELError) in
            let (text, part) = try texts(a)
            return .bool(find(Array(part.utf8), in: Array(text.utf8), from: 0) != nil)
        }
        + F.define("startsWith", ["string.(string) -> bool"], cost: CostModel.traversal) {
            a, _ throws(CELError) in
            let (text, part) = try texts(a)
            return .bool(text.utf8.starts(with: part.utf8))
        }
        + F.define("endsWith", ["string.(string) -> bool"], cost: CostModel.traversal) {
            a, _ throws(CELError) in
            let (text, part) = try texts(a)
            return .bool(text.utf8.reversed().starts(with: part.utf8.reversed()))
        }
        + F.define(
            "indexOf",
            ["string.(string) -> int", "string.(string, int) -> int", "list(A).(A) -> int"],
            cost: search
        ) { a, e throws(CELError) in
            if case .list(let list) = a[0], a.count == 2 {
                return .int(try ListLibrary.position(of: a[1], in: list, last: false, e))
            }
            let (text, part) = try texts(a)
            return .int(try indexOf(text, part, a.count > 2 ? try int(a[2]) : 0))
        }
        + F.define(
            "lastIndexOf",
            ["string.(string) -> int", "string.(string, int) -> int", "list(A).(A) -> int"],
            cost: search
        ) { a, e throws(CELError) in
            if case .list(let list) = a[0], a.count == 2 {
                return .int(try ListLibrary.position(of: a[1], in: list, last: true, e))
            }
            let (text, part) = try texts(a)
            return .int(try lastIndexOf(text, part, a.count > 2 ? try int(a[2]) : nil))
        }

    private static let search: CELFunction.Cost = { arguments, _ in
        CostModel.walk(arguments.first ?? nil)
    }

    private static let cuts: [CELFunction] =
        F.define("charAt", ["string.(int) -> string"]) { a, _ throws(CELError) in
            let scalars = Array(try text(a[0]).unicodeScalars)
            let index = try int(a[1])
            guard index >= 0, index <= Int64(scalars.count) else { throw outOfRange(index) }
            return .string(index == scalars.count ? "" : String(Character(scalars[Int(index)])))
        }
        + F.define(
            "substring", ["string.(int) -> string", "string.(int, int) -> string"],
            cost: CostModel.traversal
        ) { a, _ throws(CELError) in
            let scalars = Array(try text(a[0]).unicodeScalars)
            let start = try int(a[1])
            let end = a.count > 2 ? try int(a[2]) : Int64(scalars.count)
            if a.count > 2, start > end {
                throw CELError("invalid substring range. start: \(start), end: \(end)")
            }
            guard start >= 0, start <= Int64(scalars.count) else { throw outOfRange(start) }
            guard end >= 0, end <= Int64(scalars.count) else { throw outOfRange(end) }
            return .string(join(scalars[Int(start)..<Int(end)]))
        }
        + F.define("trim", ["string.() -> string"], cost: CostModel.traversal) {
            a, _ throws(CELError) in
            let scalars = Array(try text(a[0]).unicodeScalars)
            guard let first = scalars.firstIndex(where: { !$0.properties.isWhitespace }),
                let last = scalars.lastIndex(where: { !$0.properties.isWhitespace })
            else { return .string("") }
            return .string(join(scalars[first...last]))
        }

    private static let changes: [CELFunction] =
        F.define("lowerAscii", ["string.() -> string"], cost: CostModel.traversal) {
            a, _ throws(CELError) in
            .string(
                mapped(try text(a[0])) { $0 >= 0x41 && $0 <= 0x5A ? $0 + 32 : $0 })
        }
        + F.define("upperAscii", ["string.() -> string"], cost: CostModel.traversal) {
            a, _ throws(CELError) in
            .string(
                mapped(try text(a[0])) { $0 >= 0x61 && $0 <= 0x7A ? $0 - 32 : $0 })
        }
        + F.define(
            "replace",
            ["string.(string, string) -> string", "string.(string, string, int) -> string"],
            cost: CostModel.doubleTraversal
        ) { a, e throws(CELError) in
            let (text, old) = try texts(a)
            let new = try StringLibrary.text(a[2])
            return .string(try replace(text, old, new, a.count > 3 ? try int(a[3]) : -1, e))
        }
        + F.define("reverse", ["list(A).() -> list(A)", "string.() -> string"], cost: reverseCost) {
            a, _ throws(CELError) in
            if case .list(let list) = a[0] { return .list(try list.elements().reversed()) }
            return .string(join(Array(try text(a[0]).unicodeScalars.reversed())[...]))
        }
        + F.define("strings.quote", ["(string) -> string"], cost: CostModel.traversal) {
            a, _ throws(CELError) in .string(CELQuote.quote(try text(a[0])))
        }
        + F.define("jsonpatch.escapeKey", ["(string) -> string"], extended: true) {
            a, _ throws(CELError) in
            .string(
                try text(a[0]).replacing("~", with: "~0").replacing("/", with: "~1"))
        }

    private static let reverseCost: CELFunction.Cost = { arguments, _ in
        if case .list(let list)?? = arguments.first { return UInt64(list.count) + 11 }
        return CostModel.traversal(arguments, nil)
    }

    private static let lists: [CELFunction] =
        F.define(
            "split", ["string.(string) -> list(string)", "string.(string, int) -> list(string)"],
            cost: CostModel.doubleTraversal
        ) { a, e throws(CELError) in
            let (text, separator) = try texts(a)
            let parts = try split(text, separator, a.count > 2 ? try int(a[2]) : -1, e)
            return .list(parts.map(CELValue.string))
        }
        + F.define(
            "join", ["list(string).() -> string", "list(string).(string) -> string"],
            cost: { _, result in CostModel.scaled(CostModel.size(result), 0.2) }
        ) { a, e throws(CELError) in
            guard case .list(let list) = a[0] else { throw .noOverload }
            let separator = a.count > 1 ? try text(a[1]) : ""
            var result = ""
            for index in 0..<list.count {
                let element = try list.element(index)
                guard case .string(let part) = element else {
                    throw CELError("join: invalid input: \(CELConversions.display(element))")
                }
                if index > 0 { result += separator }
                result += part
                guard result.utf8.count <= Evaluator.sizeMax else { break }
            }
            try e.checkSize(result.utf8.count)
            return .string(result)
        }

    // MARK: The work

    private static func outOfRange(_ index: Int64) -> CELError {
        CELError("index out of range: \(index)")
    }

    static func join(_ scalars: ArraySlice<Unicode.Scalar>) -> String {
        // Appending to a view of scalars takes several times as long.
        var bytes: [UInt8] = []
        bytes.reserveCapacity(scalars.count)
        for scalar in scalars {
            if scalar.isASCII {
                bytes.append(UInt8(truncatingIfNeeded: scalar.value))
            } else {
                bytes.append(contentsOf: UTF8.encode(scalar) ?? UTF8.encodedReplacementCharacter)
            }
        }
        return String(decoding: bytes, as: UTF8.self)
    }

    private static func mapped(_ text: String, _ change: (UInt8) -> UInt8) -> String {
        String(decoding: text.utf8.map(change), as: UTF8.self)
    }

    /// Where `part` first begins in `list` at or behind `from`.
    static func find<T: Equatable>(_ part: [T], in list: [T], from: Int) -> Int? {
        guard part.count <= list.count - from else { return nil }
        guard let first = part.first else { return from }
        for start in from...(list.count - part.count) where list[start] == first {
            if list[start..<start + part.count].elementsEqual(part) { return start }
        }
        return nil
    }

    private static func indexOf(
        _ text: String, _ part: String, _ offset: Int64
    ) throws(CELError) -> Int64 {
        guard offset >= 0 else { throw outOfRange(offset) }
        if part.isEmpty { return offset }
        let scalars = Array(text.unicodeScalars)
        guard offset < Int64(scalars.count) else { return -1 }
        return find(Array(part.unicodeScalars), in: scalars, from: Int(offset)).map(Int64.init)
            ?? -1
    }

    private static func lastIndexOf(
        _ text: String, _ part: String, _ offset: Int64?
    ) throws(CELError) -> Int64 {
        let scalars = Array(text.unicodeScalars)
        if let offset, offset < 0 { throw outOfRange(offset) }
        if part.isEmpty { return offset ?? Int64(scalars.count) }
        if let offset, offset >= Int64(scalars.count) { return -1 }
        let wanted = Array(part.unicodeScalars)
        guard wanted.count <= scalars.count else { return -1 }
        var start = scalars.count - wanted.count
        if let offset { start = min(start, Int(offset)) }
        while start >= 0 {
            if scalars[start..<start + wanted.count].elementsEqual(wanted) { return Int64(start) }
            start -= 1
        }
        return -1
    }

    private static func replace(
        _ text: String, _ old: String, _ new: String, _ limit: Int64, _ e: Evaluator
    ) throws(CELError) -> String {
        if limit == 0 { return text }
        let scalars = Array(text.unicodeScalars)
        let wanted = Array(old.unicodeScalars)
        let replacement = Array(new.unicodeScalars)
        var result: [Unicode.Scalar] = []
        var at = 0
        var done: Int64 = 0
        while limit < 0 || done < limit {
            guard let start = find(wanted, in: scalars, from: at) else { break }
            if wanted.isEmpty, at > 0 { result.append(scalars[at - 1]) }
            result += scalars[at..<start]
            result += replacement
            done += 1
            try e.spend(replacement.count + 1)
            guard result.count <= Evaluator.sizeMax else { break }
            at = start + wanted.count
            if wanted.isEmpty {
                at += 1
                if at > scalars.count { break }
            }
        }
        try e.checkSize(result.count)
        if wanted.isEmpty {
            if at > 0, at <= scalars.count { result += scalars[(at - 1)...] }
            return join(result[...])
        }
        result += scalars[at...]
        return join(result[...])
    }

    private static func split(
        _ text: String, _ separator: String, _ limit: Int64, _ e: Evaluator
    ) throws(CELError) -> [String] {
        if limit == 0 { return [] }
        if limit == 1 { return [text] }
        let scalars = Array(text.unicodeScalars)
        let wanted = Array(separator.unicodeScalars)
        try e.checkCount(scalars.count)
        var result: [String] = []
        var at = 0
        if wanted.isEmpty {
            while at < scalars.count {
                if limit > 0, result.count == Int(clamping: limit) - 1 {
                    result.append(join(scalars[at...]))
                    return result
                }
                result.append(String(Character(scalars[at])))
                at += 1
            }
            return result
        }
        while limit < 0 || result.count < Int(clamping: limit) - 1 {
            guard let start = find(wanted, in: scalars, from: at) else { break }
            result.append(join(scalars[at..<start]))
            at = start + wanted.count
        }
        result.append(join(scalars[at...]))
        return result
    }
}
