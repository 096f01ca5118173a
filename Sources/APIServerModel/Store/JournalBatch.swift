/// What one request, and the controllers after it, have changed: kept together or not at all.
public struct JournalBatch: Sendable {
    let changes: [Change]
    let random: UInt64

    /// Appends the batch to the payload of a frame.
    public func write(into payload: inout [UInt8]) {
        for change in changes { JournalRecord.append(change, to: &payload) }
        JournalRecord.append(.generator(random), to: &payload)
    }
}

/// A picture of all that a server keeps, with which a journal begins. Taking it costs nothing; it
/// shares what it holds with the server.
public struct JournalSnapshot: Sendable {
    let store: ObjectStore
    let random: UInt64

    /// Gives out the payloads of the frames that make up the picture, each about `bytesMax` long,
    /// so that it is never in memory as a whole.
    public func write<Failure: Error>(
        bytesMax: Int = 1 << 20, _ body: ([UInt8]) throws(Failure) -> Void
    ) throws(Failure) {
        var payload: [UInt8] = []
        JournalRecord.append(.begin(revision: store.revision), to: &payload)
        JournalRecord.append(.generator(random), to: &payload)
        var count: UInt64 = 0
        for resource in store.resources {
            for object in store.objects(resource) {
                JournalRecord.append(object, resource, to: &payload)
                count += 1
                guard payload.count >= bytesMax else { continue }
                try body(payload)
                payload.removeAll(keepingCapacity: true)
            }
        }
        JournalRecord.append(.end(objects: count), to: &payload)
        try body(payload)
    }
}
