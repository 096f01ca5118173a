import KubernetesCore

/// All watches of a server. Changes are handed out when the shell asks; a frame that several
/// watches get is made once.
struct WatchTable: Sendable {
    private var watches: [WatchID: Watch] = [:]
    private var byResource: [GroupResource: Set<WatchID>] = [:]
    /// Watches that have something to say beside changes.
    private var awake: Set<WatchID> = []
    private var lastNumber: UInt64 = 0
    /// When the next bookmark or time limit may come; nil where there is no watch.
    private var nextDue: Timestamp?
    private var firstFrames: [FrameKey: [UInt8]] = [:]
    private var firstFramesBytes = 0
    private var firstFramesUse = Timestamp(nanoseconds: 0)
    private static let firstFramesBytesMax = 64 << 20
    /// The latest time the server was told.
    var now = Timestamp(nanoseconds: 0)

    /// How often a watch without changes is told the version.
    static let bookmarkInterval = Duration.seconds(30)

    var count: Int { watches.count }

    mutating func nextID() -> WatchID {
        lastNumber += 1
        return WatchID(number: lastNumber)
    }

    mutating func add(_ watch: Watch) {
        watches[watch.id] = watch
        byResource[watch.resource, default: []].insert(watch.id)
        let due = watch.wantsBookmarks ? min(watch.deadline, watch.nextBookmark) : watch.deadline
        nextDue = min(nextDue ?? due, due)
        if !watch.pending.isEmpty || watch.isEnding { awake.insert(watch.id) }
    }

    mutating func cancel(_ id: WatchID) {
        guard let watch = watches.removeValue(forKey: id) else { return }
        byResource[watch.resource]?.remove(id)
        awake.remove(id)
    }

    /// Ends the watches of a resource that is no longer served.
    mutating func end(_ resource: GroupResource) {
        for id in byResource[resource] ?? [] {
            watches[id]?.isEnding = true
            awake.insert(id)
        }
    }

    /// Notes which bookmarks and time limits have come; returns when the next one will.
    mutating func tick(at now: Timestamp) -> Timestamp? {
        self.now = now
        forgetFirstFrames()
        guard let nextDue, nextDue <= now else { return nextDue }
        var next: Timestamp?
        for id in watches.keys.sorted() {
            guard var watch = watches[id] else { continue }
            if watch.deadline <= now {
                watch.isEnding = true
                awake.insert(id)
            } else if watch.wantsBookmarks, watch.nextBookmark <= now {
                watch.isBookmarkDue = true
                watch.nextBookmark = now + WatchTable.bookmarkInterval
                awake.insert(id)
            }
            watches[id] = watch
            let due =
                watch.wantsBookmarks ? min(watch.deadline, watch.nextBookmark) : watch.deadline
            next = min(next ?? due, due)
        }
        self.nextDue = next
        return next
    }

    /// The frame with which a watch is told of an object that is there when it begins. Watches that
    /// begin at the same time share them: a thousand cost the memory of one.
    mutating func firstFrame(_ object: StoredObject, of watch: inout Watch) -> [UInt8] {
        guard watch.view.isDirect, watch.table == nil else {
            return watch.frame("ADDED", object, at: now)
        }
        let key = FrameKey(
            revision: object.revision, type: "ADDED", apiVersion: watch.view.apiVersion)
        firstFramesUse = now
        if let frame = firstFrames[key] { return frame }
        let frame = watch.frame("ADDED", object, at: now)
        firstFramesBytes += frame.count
        if firstFramesBytes > WatchTable.firstFramesBytesMax {
            firstFrames = [:]
            firstFramesBytes = frame.count
        }
        firstFrames[key] = frame
        return frame
    }

    private mutating func forgetFirstFrames() {
        guard !firstFrames.isEmpty, now - firstFramesUse > .seconds(5) else { return }
        firstFrames = [:]
        firstFramesBytes = 0
    }

    private struct FrameKey: Hashable {
        var revision: UInt64
        var type: String
        var apiVersion: String
    }

    /// Hands `changes` to the watches they concern and gives out what each has to send.
    mutating func takeOutput(_ changes: [Change], revision: UInt64) -> [WatchOutput] {
        guard !watches.isEmpty else {
            awake = []
            return []
        }
        var byResource: [GroupResource: [Change]] = [:]
        for change in changes { byResource[change.resource, default: []].append(change) }
        var concerned = awake
        for resource in byResource.keys { concerned.formUnion(self.byResource[resource] ?? []) }
        awake = []
        var frames: [FrameKey: [UInt8]] = [:]
        var output: [WatchOutput] = []
        for id in concerned.sorted() {
            guard var watch = watches[id] else { continue }
            for change in byResource[watch.resource] ?? [] where change.revision > watch.position {
                guard let (type, object) = watch.event(change) else { continue }
                guard watch.view.isDirect, watch.table == nil else {
                    watch.pending.append(watch.frame(type, object, at: now))
                    continue
                }
                let key = FrameKey(
                    revision: change.revision, type: type, apiVersion: watch.view.apiVersion)
                let frame = frames[key] ?? watch.frame(type, object, at: now)
                frames[key] = frame
                watch.pending.append(frame)
            }
            watch.position = max(watch.position, revision)
            if watch.isBookmarkDue {
                watch.pending.append(watch.bookmark(revision, endsInitialEvents: false))
                watch.isBookmarkDue = false
            }
            if !watch.pending.isEmpty || watch.isEnding {
                output.append(
                    WatchOutput(watch: id, frames: watch.pending, ended: watch.isEnding))
            }
            watch.pending = []
            watches[id] = watch
            if watch.isEnding { cancel(id) }
        }
        return output
    }
}
