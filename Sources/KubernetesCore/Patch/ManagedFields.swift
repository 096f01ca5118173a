/// Who set which fields of an object: the list in `metadata.managedFields`.
public struct ManagedFields: Hashable, Sendable {
    /// How a manager sets fields.
    public enum Operation: String, Hashable, Sendable {
        case apply = "Apply"
        case update = "Update"
    }

    /// What tells a manager's entries apart. Appliers have one entry, whatever version they use.
    public struct Owner: Hashable, Sendable {
        /// The manager's name.
        public var name: String
        /// How it sets fields.
        public var operation: Operation
        /// The version it used last; empty in the keys of appliers.
        public var apiVersion: String
        /// The subresource through which it sets them; empty for the object itself.
        public var subresource: String

        /// A manager by all its parts.
        public init(
            name: String, operation: Operation, apiVersion: String, subresource: String = ""
        ) {
            self.name = name
            self.operation = operation
            self.apiVersion = apiVersion
            self.subresource = subresource
        }

        /// The manager as conflicts name it.
        public var shown: String {
            var text = GoText.quote(name)
            if !subresource.isEmpty { text += " with subresource " + GoText.quote(subresource) }
            return operation == .update ? text + " using " + apiVersion : text
        }

        /// What entries are kept under.
        var key: Owner {
            var key = self
            if operation == .apply { key.apiVersion = "" }
            return key
        }

        fileprivate var rank: (String, String, String, String) {
            (operation.rawValue, name, apiVersion, subresource)
        }
    }

    /// What one manager set.
    public struct Entry: Hashable, Sendable {
        /// The version that the fields are of.
        public var apiVersion: String
        /// The fields that the manager owns.
        public var fields: FieldSet
        /// When the manager last took or gave up a field, as the server wrote it.
        public var time: String?
    }

    private(set) var entries: [Owner: Entry] = [:]

    /// Nobody set anything.
    public init() {}

    /// Reads `metadata.managedFields`; nil where an entry is malformed.
    public init?(reading value: JSONValue?) {
        for element in value?.array ?? [] {
            guard let operation = Operation(rawValue: element["operation"]?.string ?? ""),
                let apiVersion = element["apiVersion"]?.string,
                element["fieldsType"]?.string ?? "FieldsV1" == "FieldsV1",
                let fields = try? FieldSet(reading: element["fieldsV1"] ?? .object(JSONObject()))
            else { return nil }
            let manager = Owner(
                name: element["manager"]?.string ?? "", operation: operation,
                apiVersion: apiVersion, subresource: element["subresource"]?.string ?? "")
            entries[manager.key] = Entry(
                apiVersion: apiVersion, fields: fields, time: element["time"]?.string)
        }
    }

    /// Whether nobody set anything.
    public var isEmpty: Bool { entries.isEmpty }

    /// The list as `metadata.managedFields`: by operation, time, name, version, subresource.
    public var json: JSONValue {
        let ordered = entries.sorted { left, right in
            let (one, other) = (left.key.operation.rawValue, right.key.operation.rawValue)
            if one != other { return one < other }
            let (before, after) = (left.value.time ?? "", right.value.time ?? "")
            if before != after { return before < after }
            return left.key.rank < right.key.rank
        }
        return .array(
            ordered.map { manager, entry in
                ManagedFields.json(
                    of: manager, apiVersion: entry.apiVersion, fields: entry.fields.json,
                    time: entry.time)
            })
    }

    /// One entry of the list.
    static func json(
        of manager: Owner, apiVersion: String, fields: JSONValue, time: String?
    ) -> JSONValue {
        var members: [(String, JSONValue)] = [
            ("apiVersion", .string(apiVersion)), ("fieldsType", "FieldsV1"), ("fieldsV1", fields),
        ]
        if !manager.name.isEmpty { members.append(("manager", .string(manager.name))) }
        members.append(("operation", .string(manager.operation.rawValue)))
        if !manager.subresource.isEmpty {
            members.append(("subresource", .string(manager.subresource)))
        }
        if let time { members.append(("time", .string(time))) }
        return .object(JSONObject(members))
    }

    /// What `manager` set.
    subscript(_ manager: Owner) -> Entry? {
        get { entries[manager.key] }
        set { entries[manager.key] = newValue.flatMap { $0.fields.isEmpty ? nil : $0 } }
    }

    /// The managers in a fixed order.
    var managers: [Owner] { entries.keys.sorted { $0.rank < $1.rank } }

    /// All fields that anybody set.
    var allFields: FieldSet {
        managers.reduce(FieldSet()) { $0.union(entries[$1]?.fields ?? FieldSet()) }
    }

    /// Keeps at most ten entries of updaters: the oldest of each version are put together.
    mutating func capUpdaters() {
        let limit = 10
        let updaters = managers.filter { $0.operation == .update }.sorted { left, right in
            let (before, after) = (entries[left]?.time ?? "", entries[right]?.time ?? "")
            return before == after ? left.rank < right.rank : before < after
        }
        var count = updaters.count
        var firsts: [String: Owner] = [:]
        for manager in updaters where count > limit {
            guard let entry = entries[manager] else { continue }
            guard let first = firsts[entry.apiVersion] else {
                firsts[entry.apiVersion] = manager
                continue
            }
            let bucket = Owner(
                name: "ancient-changes", operation: .update, apiVersion: entry.apiVersion)
            var merged = entries[bucket] ?? entries.removeValue(forKey: first) ?? entry
            merged.fields = merged.fields.union(entry.fields)
            merged.time = entry.time
            entries[bucket] = merged
            if manager != bucket { entries[manager] = nil }
            count -= 1
        }
    }
}
