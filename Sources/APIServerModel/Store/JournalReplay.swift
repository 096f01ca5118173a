import KubernetesCore

/// Why a journal whose frames are whole cannot be replayed.
public struct JournalError: Error, Hashable, Sendable, CustomStringConvertible {
    /// What is wrong.
    public let message: String

    /// The message.
    public var description: String { message }
}

/// Builds a server's state from a journal, payload by payload.
public struct JournalReplay: Sendable {
    private(set) var store: ObjectStore
    private(set) var random: UInt64 = 0
    private let historyMax: Int
    private var isOpen = false
    private var pictured: UInt64 = 0
    /// Whether the picture with which the journal begins is whole: without it nothing may be
    /// served.
    public private(set) var isWhole = false

    /// The replay of a server that keeps `historyMax` changes for watches.
    public init(historyMax: Int) {
        self.historyMax = historyMax
        store = ObjectStore(firstRevision: 0, historyMax: historyMax)
    }

    /// Takes in the payload of the next frame.
    public mutating func take(_ payload: ArraySlice<UInt8>) throws(JournalError) {
        guard let records = JournalRecord.read(payload) else {
            throw JournalError(message: "a frame holds no entries that this version knows")
        }
        for record in records { try take(record) }
    }

    private mutating func take(_ record: JournalRecord) throws(JournalError) {
        switch record {
        case .begin(let revision):
            guard !isOpen, !isWhole else {
                throw JournalError(message: "a second picture begins at revision \(revision)")
            }
            isOpen = true
            store = ObjectStore(firstRevision: revision, historyMax: historyMax)
        case .end(let objects):
            guard isOpen, objects == pictured else {
                throw JournalError(
                    message: "the picture has \(pictured) objects, and says \(objects)")
            }
            isOpen = false
            isWhole = true
        case .generator(let state): random = state
        case .put(let resource, let revision, let json):
            let object = try read(json, revision)
            if isOpen {
                pictured += 1
                store.restore(object, in: resource)
                return
            }
            try advance(to: revision)
            store.replay(object, in: resource)
        case .remove(let resource, let revision, let key):
            try advance(to: revision)
            guard store.replayRemoval(of: key, in: resource, revision: revision) else {
                throw JournalError(
                    message: "revision \(revision) removes \(resource) \(key), which is not there")
            }
        }
    }

    private func advance(to revision: UInt64) throws(JournalError) {
        guard isWhole else {
            throw JournalError(message: "a change stands before the picture that it changes")
        }
        guard revision == store.revision &+ 1 else {
            throw JournalError(
                message: "revision \(revision) follows revision \(store.revision)")
        }
    }

    private func read(
        _ json: ArraySlice<UInt8>, _ revision: UInt64
    ) throws(JournalError) -> StoredObject {
        let bytes = Array(json)
        let value: JSONValue
        // What the server adds to an object may take it over the limits of a request.
        var limits = JSONDocument.Limits()
        limits.bytesMax = 1 << 30
        limits.depthMax = 512
        do throws(JSONError) {
            value = try JSONValue(parsing: bytes, limits: limits)
        } catch {
            throw JournalError(message: "the object of revision \(revision): \(error)")
        }
        let object = StoredObject(value, revision: revision, tail: Array(bytes.dropFirst()))
        guard !object.name.isEmpty, bytes.first == UInt8(ascii: "{") else {
            throw JournalError(message: "the object of revision \(revision) has no name")
        }
        return object
    }
}
