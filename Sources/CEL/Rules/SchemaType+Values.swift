import KubernetesCore

/// Values of JSON as the schema says they are.
extension SchemaType {
    /// The value of `json`; fails where it does not fit the schema.
    func value(_ json: JSONValue) throws(CELError) -> CELValue {
        if json.isNull {
            if isNullable { return .null }
            throw CELError("invalid data, got null for schema with nullable=false")
        }
        switch kind {
        case .intOrString:
            if case .integer(let number) = json { return .int(number) }
            if case .string(let text) = json { return .string(text) }
            throw CELError(
                "invalid data, expected XIntOrString value to be either a string or integer")
        case .integer:
            if case .integer(let number) = json { return .int(number) }
            throw mismatch("int", json)
        case .number:
            guard let number = json.double else { throw mismatch("float", json) }
            return .double(number)
        case .boolean:
            if case .bool(let flag) = json { return .bool(flag) }
            throw mismatch("bool", json)
        case .string, .bytes, .duration, .date, .dateTime:
            guard case .string(let text) = json else { throw mismatch("string", json) }
            return try textValue(text)
        case .dynamic: return CELValue(json)
        case .array:
            guard case .array(let elements) = json else {
                throw CELError(
                    "invalid data, expected an array for the provided schema with type=array")
            }
            return .list(CELList(elements, self))
        case .map, .object:
            guard case .object(let members) = json else {
                throw CELError(
                    "invalid data, expected a map for the provided schema with type=object")
            }
            return .map(CELMap(members, self))
        }
    }

    private func mismatch(_ expected: String, _ json: JSONValue) -> CELError {
        let found: String =
            switch json {
            case .null: "nil"
            case .bool: "bool"
            case .integer: "int64"
            case .double: "float64"
            case .string: "string"
            case .array: "[]interface {}"
            case .object: "map[string]interface {}"
            }
        return CELError("invalid data, expected \(expected), got \(found)")
    }

    private func textValue(_ text: String) throws(CELError) -> CELValue {
        switch kind {
        case .bytes:
            guard let bytes = Base64.decode(text) else {
                throw CELError("failed to decode base64 value")
            }
            return .bytes(bytes)
        case .duration:
            guard let nanoseconds = CELDuration.parse(text) ?? DurationFormat.parse(text) else {
                throw CELError("failed to parse duration \(text)")
            }
            return .duration(nanoseconds)
        case .date:
            guard let time = try? CELTimestamp(parsing: text + "T00:00:00Z") else {
                throw CELError("failed to parse date \(text)")
            }
            return .timestamp(time)
        case .dateTime:
            guard let time = try? CELTimestamp(parsing: text.uppercased()) else {
                throw CELError("failed to parse date-time \(text)")
            }
            return .timestamp(time)
        default: return .string(text)
        }
    }

    /// The value of an element of a list or an entry of a map.
    func elementValue(_ json: JSONValue) throws(CELError) -> CELValue {
        guard let element else { return CELValue(json) }
        return try element.value(json)
    }

    /// The value of the field that CEL calls `name`; `nil` where it is absent, or null and may be.
    func fieldValue(_ name: String, in members: JSONObject) throws(CELError) -> CELValue? {
        guard let field = fields[name], let json = members[field.name] else { return nil }
        if json.isNull && field.schema.isNullable { return nil }
        return try field.schema.value(json)
    }

    /// The names in CEL of the fields that `members` has, ascending.
    func fieldNames(in members: JSONObject) throws(CELError) -> [String] {
        fieldOrder.filter { name in
            guard let field = fields[name], let json = members[field.name] else { return false }
            return !(json.isNull && field.schema.isNullable)
        }
    }

    // MARK: Lists as sets and maps

    /// Whether two lists of this schema hold the same, whatever their order.
    func equalElements(
        _ left: [CELValue], _ right: [CELValue], _ e: Evaluator?
    ) throws(CELError) -> Bool {
        switch listKind {
        case .plain:
            return try CELValue.list(left).equals(.list(right), e)
        case .set:
            for element in left {
                try e?.spend(right.count)
                guard try OperatorLibrary.contains(element, in: .list(right), e) else {
                    return false
                }
            }
            return true
        case .map(let keys):
            for element in left {
                try e?.spend(right.count)
                guard let other = try Self.match(element, in: right, by: keys),
                    try element.equals(right[other], e)
                else { return false }
            }
            return true
        }
    }

    /// The two lists as one: sets keep each element once, maps replace elements of the same keys.
    func joined(
        _ left: CELList, _ right: CELList, _ e: Evaluator
    ) throws(CELError) -> CELList {
        var result = try left.elements()
        switch listKind {
        case .plain: result += try right.elements()
        case .set:
            for element in try right.elements() {
                try e.spend(result.count)
                if try !OperatorLibrary.contains(element, in: .list(result), e) {
                    result.append(element)
                }
            }
        case .map(let keys):
            for element in try right.elements() {
                try e.spend(result.count)
                if let place = try Self.match(element, in: result, by: keys) {
                    result[place] = element
                } else {
                    result.append(element)
                }
            }
        }
        return CELList(values: result, self)
    }

    private static func match(
        _ element: CELValue, in list: [CELValue], by keys: [String]
    ) throws(CELError) -> Int? {
        candidates: for (index, other) in list.enumerated() {
            for key in keys {
                guard case .map(let left) = element, case .map(let right) = other else {
                    continue candidates
                }
                let (a, b) = (try left.value(ofKey: key), try right.value(ofKey: key))
                guard let a, let b else {
                    if a == nil && b == nil { continue }
                    continue candidates
                }
                guard try a.equals(b) else { continue candidates }
            }
            return index
        }
        return nil
    }
}

extension CELMap {
    /// The value of a member that tells elements of a list apart, by its name in JSON, which an
    /// expression may not be able to spell.
    fileprivate func value(ofKey name: String) throws(CELError) -> CELValue? {
        if case .object(let members, _) = storage { return members[name].map { CELValue($0) } }
        return try value(named: name)
    }
}

/// Durations of the format `duration` that Go does not read: `3 days`, `1 week`.
enum DurationFormat {
    private static let units: [(names: [String], nanoseconds: Int64)] = [
        (["ns", "nano", "nanos", "nanosecond", "nanoseconds"], 1),
        (["us", "µs", "micro", "micros", "microsecond", "microseconds"], 1_000),
        (["ms", "milli", "millis", "millisecond", "milliseconds"], 1_000_000),
        (["s", "sec", "secs", "second", "seconds"], 1_000_000_000),
        (["m", "min", "mins", "minute", "minutes"], 60_000_000_000),
        (["h", "hr", "hour", "hours"], 3_600_000_000_000),
        (["d", "day", "days"], 86_400_000_000_000),
        (["w", "wk", "week", "weeks"], 604_800_000_000_000),
    ]

    /// The nanoseconds of `text`; `nil` where it is none or does not fit.
    static func parse(_ text: String) -> Int64? {
        var rest = Substring(text.lowercased())
        var total: Int64 = 0
        var found = false
        while true {
            while rest.hasPrefix(" ") { rest.removeFirst() }
            if rest.isEmpty { return found ? total : nil }
            let digits = rest.unicodeScalars.prefix(while: CELLexer.isDigit)
            rest.unicodeScalars.removeFirst(digits.count)
            while rest.hasPrefix(" ") { rest.removeFirst() }
            let word = rest.unicodeScalars.prefix { !CELLexer.isDigit($0) && $0 != " " }
            rest.unicodeScalars.removeFirst(word.count)
            guard let number = Int64(String(digits)),
                let unit = units.first(where: { $0.names.contains(String(word)) })
            else { return nil }
            let (product, overflow) = number.multipliedReportingOverflow(by: unit.nanoseconds)
            let (sum, carried) = total.addingReportingOverflow(product)
            guard !overflow, !carried else { return nil }
            total = sum
            found = true
        }
    }
}
