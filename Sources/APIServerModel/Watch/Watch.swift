import KubernetesCore

/// One client's watch of one resource.
struct Watch: Sendable {
    let id: WatchID
    let view: ObjectView
    let filter: ObjectFilter
    let table: TablePrinter?
    /// Whether the client wants to be told versions in times without changes.
    let wantsBookmarks: Bool
    /// When the server ends the watch.
    let deadline: Timestamp
    var nextBookmark: Timestamp
    /// Changes up to here have been looked at.
    var position: UInt64
    /// Frames that wait to be taken.
    var pending: [[UInt8]] = []
    var isEnding = false
    var isBookmarkDue = false
    /// Whether a table has been sent: only the first one describes its columns.
    var hasSentColumns = false

    var resource: GroupResource { view.definition.storage }

    /// What a change means to this watch; nil where it is none of its business.
    func event(_ change: Change) -> (type: String, object: StoredObject)? {
        if let new = change.new {
            let isSeen = filter.matches(new)
            let wasSeen = change.old.map { filter.matches($0) } ?? false
            switch (wasSeen, isSeen) {
            case (false, true): return ("ADDED", new)
            case (true, true): return ("MODIFIED", new)
            case (false, false): return nil
            case (true, false):
                // The object as the client knows it, with the version of the change.
                guard let old = change.old else { return nil }
                var value = old.value
                value[path: ["metadata", "resourceVersion"]] = .string(String(change.revision))
                return ("DELETED", StoredObject(value, revision: change.revision))
            }
        }
        guard let removed = change.removed, filter.matches(removed) else { return nil }
        return ("DELETED", removed)
    }

    /// The frame of one event.
    mutating func frame(_ type: String, _ object: StoredObject, at now: Timestamp) -> [UInt8] {
        if let table {
            let value = table.table(
                [object], view, metadata: ["resourceVersion": .string(String(object.revision))],
                at: now, showsColumns: !hasSentColumns)
            hasSentColumns = true
            return Watch.frame(type, value)
        }
        return Watch.frame(type, object, view)
    }

    static func frame(_ type: String, _ object: StoredObject, _ view: ObjectView) -> [UInt8] {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(object.tail.count + 96)
        bytes.append(contentsOf: "{\"type\":\"\(type)\",\"object\":".utf8)
        view.write(object, into: &bytes)
        bytes.append(UInt8(ascii: "}"))
        bytes.append(0x0A)
        return bytes
    }

    static func frame(_ type: String, _ value: JSONValue) -> [UInt8] {
        let event: JSONValue = ["type": .string(type), "object": value]
        return event.encoded() + [0x0A]
    }

    /// A bookmark: an object of the watched kind that has nothing but a version.
    func bookmark(_ revision: UInt64, endsInitialEvents: Bool) -> [UInt8] {
        var metadata: JSONValue = ["resourceVersion": .string(String(revision))]
        if endsInitialEvents {
            metadata["annotations"] = ["k8s.io/initial-events-end": "true"]
        }
        switch view.form {
        case .partialMetadata: return Watch.frame("BOOKMARK", ObjectView.partial(metadata))
        case .table:
            return Watch.frame(
                "BOOKMARK",
                [
                    "kind": "Table", "apiVersion": "meta.k8s.io/v1",
                    "metadata": ["resourceVersion": .string(String(revision))],
                    "columnDefinitions": [], "rows": [],
                ])
        case .object: break
        }
        var object: JSONValue = [:]
        if !view.version.typeName.isEmpty {
            var reader = TypedReader(
                catalog: .builtIn, collectsUnknown: false, appliesDefaults: false)
            // A kind that must not be empty gets a bookmark with metadata alone.
            object = (try? reader.read([:], as: view.version.typeName)) ?? [:]
        }
        object["metadata"] = metadata
        object["apiVersion"] = .string(view.apiVersion)
        object["kind"] = .string(view.definition.kind)
        return Watch.frame("BOOKMARK", object)
    }
}
