/// One line of a watch.
public enum WatchEvent<Object: KubeObject>: Sendable, Equatable {
    /// The object came into being, or into the selection.
    case added(Object)
    /// The object changed.
    case modified(Object)
    /// The object is gone, or out of the selection; this is its last state.
    case deleted(Object)
    /// Everything up to this version has been sent.
    case bookmark(ResourceVersion, initialEventsEnd: Bool)
    /// The server ends the watch because of this; nothing follows.
    case failed(APIError)
    /// An event about an object that does not fit its projection. What it says of the place is
    /// still true: an unreadable object that was `.deleted` is gone.
    case unreadable(UnreadableObject)
    /// An event of a type that we do not know; it carries the type's name and changes nothing.
    case ignored(String)
}

extension WatchEvent {
    /// The annotation of the bookmark that ends the initial events (KEP-3157).
    static var initialEventsEnd: String { "k8s.io/initial-events-end" }

    /// Reads one line of the watch that `request` opened. Nothing is thrown: a line that cannot be
    /// read is an event of its own.
    public init(parsing line: [UInt8], of request: RequestSummary) {
        do throws(JSONError) {
            let limits = ObjectReading.limits(bytesMax: line.count)
            let root = try JSONDocument(parsing: line, limits: limits).root
            // Some servers and proxies end a watch with a bare Status and no event around it.
            if root["type"] == nil, (try? root["kind"]?.string()) == "Status" {
                self = .failed(APIError(request, APIStatus(reading: root, fallbackCode: 500)))
                return
            }
            let type = try root.required("type").string()
            self = try Self.read(type, try root.required("object"), of: request)
        } catch {
            let beginning = String(decoding: line.prefix(120), as: UTF8.self)
            self = .failed(
                APIError(
                    .undecodable, request,
                    detail: "the watch sent no event, but: \(beginning) (\(error))"))
        }
    }

    /// What a line that was too long to keep still tells of its object.
    public init(tooLong beginning: [UInt8], byteCount: Int, of request: RequestSummary) {
        let scan = BrokenObjectScan(beginning)
        let place: UnreadableObject.Place =
            switch scan.string("type") {
            case "ADDED": .added
            case "DELETED": .deleted
            default: .modified
            }
        self = .unreadable(
            UnreadableObject(
                type: Object.type, place: place, namespace: scan.metadata("namespace"),
                name: scan.metadata("name"),
                resourceVersion: ResourceVersion(scan.metadata("resourceVersion")),
                error: JSONError(
                    .overLimit, at: "", "the event has \(byteCount) bytes, more than are read")))
    }

    private static func read(
        _ type: String, _ object: JSONNode, of request: RequestSummary
    ) throws(JSONError) -> WatchEvent {
        switch type {
        case "ADDED": read(object, .added, WatchEvent.added)
        case "MODIFIED": read(object, .modified, WatchEvent.modified)
        case "DELETED": read(object, .deleted, WatchEvent.deleted)
        case "BOOKMARK": try bookmark(object)
        case "ERROR": .failed(APIError(request, APIStatus(reading: object, fallbackCode: 500)))
        default: .ignored(String(type.prefix(64)))
        }
    }

    private static func read(
        _ node: JSONNode, _ place: UnreadableObject.Place, _ event: (Object) -> WatchEvent
    ) -> WatchEvent {
        do throws(JSONError) {
            return event(try ObjectReading.read(node))
        } catch {
            return .unreadable(UnreadableObject(node, of: Object.type, place, error))
        }
    }

    private static func bookmark(_ object: JSONNode) throws(JSONError) -> WatchEvent {
        let metadata = try object.required("metadata")
        let version = try metadata.required("resourceVersion").string()
        let mark = metadata["annotations"]?[named: initialEventsEnd]
        return .bookmark(
            ResourceVersion(version), initialEventsEnd: (try? mark?.string()) == "true")
    }
}
