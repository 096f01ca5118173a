import KubernetesCore

/// How statuses are written: what is not set is left out.
extension JSONObject {
    mutating func put(_ key: String, _ text: String?) {
        if let text { self[key] = .string(text) }
    }

    mutating func put(_ key: String, _ number: Int?) {
        if let number { self[key] = .int(number) }
    }

    mutating func put(_ key: String, _ number: Double?) {
        guard let number, number.isFinite else { return }
        self[key] = Int64(exactly: number).map(JSONValue.integer) ?? .double(number)
    }

    /// Writes a time to the millisecond.
    mutating func put(_ key: String, _ time: Timestamp?) {
        if let time { self[key] = .string(time.milliText) }
    }

    mutating func put(_ key: String, _ list: [JSONValue]) {
        if !list.isEmpty { self[key] = .array(list) }
    }

    mutating func put(_ key: String, _ value: JSONValue?) {
        if let value { self[key] = value }
    }

    mutating func put(_ key: String, quantities: [String: String]) {
        if !quantities.isEmpty { self[key] = .strings(quantities) }
    }
}
