import KubernetesCore

/// One entry of the journal: what of the server's state has changed.
enum JournalRecord: Sendable {
    /// An object has this version now. The bytes are its JSON.
    case put(GroupResource, revision: UInt64, json: ArraySlice<UInt8>)
    /// An object is gone since this revision.
    case remove(GroupResource, revision: UInt64, key: String)
    /// Where UIDs and name suffixes go on.
    case generator(UInt64)
    /// A picture of everything begins: its revision.
    case begin(revision: UInt64)
    /// The picture is whole: so many objects.
    case end(objects: UInt64)

    private static let kinds: (put: UInt8, remove: UInt8, random: UInt8, begin: UInt8, end: UInt8) =
        (1, 2, 3, 4, 5)

    /// Appends a change of the store.
    static func append(_ change: Change, to bytes: inout [UInt8]) {
        if let object = change.new {
            append(object, change.resource, to: &bytes)
            return
        }
        guard let object = change.removed else { return }
        bytes.append(kinds.remove)
        append(change.resource, to: &bytes)
        JournalBytes.append(change.revision, to: &bytes)
        append(object.key, to: &bytes)
    }

    /// Appends a version of an object.
    static func append(
        _ object: StoredObject, _ resource: GroupResource, to bytes: inout [UInt8]
    ) {
        bytes.append(kinds.put)
        append(resource, to: &bytes)
        JournalBytes.append(object.revision, to: &bytes)
        JournalBytes.append(UInt32(object.tail.count + 1), to: &bytes)
        bytes.append(UInt8(ascii: "{"))
        bytes += object.tail
    }

    /// Appends an entry without an object.
    static func append(_ record: JournalRecord, to bytes: inout [UInt8]) {
        let (kind, number): (UInt8, UInt64)
        switch record {
        case .generator(let state): (kind, number) = (kinds.random, state)
        case .begin(let revision): (kind, number) = (kinds.begin, revision)
        case .end(let objects): (kind, number) = (kinds.end, objects)
        case .put, .remove: preconditionFailure("changes and objects have entries of their own")
        }
        bytes.append(kind)
        JournalBytes.append(number, to: &bytes)
    }

    private static func append(_ resource: GroupResource, to bytes: inout [UInt8]) {
        append(resource.group, to: &bytes)
        append(resource.resource, to: &bytes)
    }

    private static func append(_ text: String, to bytes: inout [UInt8]) {
        JournalBytes.append(UInt32(text.utf8.count), to: &bytes)
        bytes += text.utf8
    }

    /// The entries of a payload in order; nil where it is none. Never traps.
    static func read(_ payload: ArraySlice<UInt8>) -> [JournalRecord]? {
        var reader = Reader(rest: payload)
        var records: [JournalRecord] = []
        while !reader.rest.isEmpty {
            guard let record = reader.record() else { return nil }
            records.append(record)
        }
        return records
    }

    private struct Reader {
        var rest: ArraySlice<UInt8>

        mutating func record() -> JournalRecord? {
            guard let kind = rest.popFirst() else { return nil }
            switch kind {
            case kinds.put:
                guard let resource = resource(), let revision = number64(), let json = slice()
                else { return nil }
                return .put(resource, revision: revision, json: json)
            case kinds.remove:
                guard let resource = resource(), let revision = number64(), let key = text()
                else { return nil }
                return .remove(resource, revision: revision, key: key)
            case kinds.random: return number64().map { .generator($0) }
            case kinds.begin: return number64().map { .begin(revision: $0) }
            case kinds.end: return number64().map { .end(objects: $0) }
            default: return nil
            }
        }

        private mutating func resource() -> GroupResource? {
            guard let group = text(), let resource = text() else { return nil }
            return GroupResource(group: group, resource: resource)
        }

        private mutating func text() -> String? {
            slice().map { String(decoding: $0, as: UTF8.self) }
        }

        private mutating func slice() -> ArraySlice<UInt8>? {
            guard let length = number(bytes: 4), length <= UInt64(rest.count) else { return nil }
            let slice = rest.prefix(Int(length))
            rest = rest.dropFirst(Int(length))
            return slice
        }

        private mutating func number64() -> UInt64? { number(bytes: 8) }

        private mutating func number(bytes: Int) -> UInt64? {
            guard rest.count >= bytes else { return nil }
            var number: UInt64 = 0
            for (position, byte) in rest.prefix(bytes).enumerated() {
                number |= UInt64(byte) << UInt64(position * 8)
            }
            rest = rest.dropFirst(bytes)
            return number
        }
    }
}
