public import KubernetesCore

/// Keeps one kind in step with the server: what to ask for next, and what to believe of the
/// answers. Knows nothing of HTTP and clocks.
///
/// One question is open at a time, a list or a watch. `closed` ends it, whatever the reason; after
/// the command `abandon` the shell drops it and says nothing more of it.
public struct WatchMachine<Object: KubeObject>: Sendable {
    /// What the machine is told.
    public enum Input: Sendable {
        /// Start.
        case begin
        /// A page of the list that was asked for.
        case page(ListPage<Object>)
        /// An event of the open watch.
        case event(WatchEvent<Object>)
        /// The list failed, or the watch ended: cleanly where there is no error.
        case closed(APIError?)
        /// The instant of an earlier `wake` has come.
        case timer
    }

    /// What the machine wants done.
    public enum Command: Sendable, Equatable {
        /// Ask for a page of a list.
        case list(ListQuery)
        /// Open a watch.
        case watch(WatchQuery)
        /// Drop the watch that is open.
        case abandon
        /// Send `.timer` at this instant; a later command replaces an earlier one.
        case wake(at: Instant)
        /// Give this to the cache.
        case deliver(Delta<Object>)
        /// Tell people of an object that cannot be read.
        case report(UnreadableObject)
        /// Tell people that following the kind does not work, and since how many tries.
        case complain(APIError, failures: Int)
    }

    enum State: Sendable {
        case idle
        /// Waiting to go on by `next`.
        case waiting(until: Instant, next: Next)
        case listing(Listing)
        /// Initial events arrive; nothing is delivered until they are complete.
        case streaming(Streaming)
        case watching(Watching)
    }

    enum Next: Sendable {
        case picture
        case resume
    }

    struct Listing: Sendable {
        var query: ListQuery
        var items: [Object] = []
        var unreadable: [UnreadableObject] = []
        var pages = 0
    }

    struct Streaming: Sendable {
        var objects: [Key<Object>: Object] = [:]
        var unreadable: [UnreadableObject] = []
        var quietSince: Instant
    }

    struct Watching: Sendable {
        var openedAt: Instant
        var heardAt: Instant
        var endsAt: Instant
        var events = 0
    }

    let limits: WatchLimits
    var state = State.idle
    var generator: SeededGenerator
    var canStream: Bool
    /// Whether this server is known to send bookmarks on quiet watches.
    var sendsBookmarks = false
    /// Whether the next list has to be read from the database itself, at whatever version.
    var asksNewest = true
    var failures = 0
    /// How many watches in a row were given up because of their silence.
    var silences = 0
    /// Whether the server last said that it does not have the kind, and the cache knows.
    var isAbsent = false

    /// The version from which the kind is followed; unknown until the first picture.
    public private(set) var version: ResourceVersion = .unknown

    /// A machine that has seen nothing yet.
    public init(limits: WatchLimits = WatchLimits(), seed: UInt64) {
        self.limits = limits
        canStream = limits.usesWatchList
        generator = SeededGenerator(seed: seed)
    }

    /// Whether the open question is a list.
    var isListing: Bool { if case .listing = state { true } else { false } }

    /// Takes one input and returns commands, to be carried out in order.
    public mutating func handle(_ input: Input, at now: Instant) -> [Command] {
        switch (input, state) {
        case (.begin, .idle): return askForPicture(now)
        case (.begin, _): return []
        case (.page(let page), .listing(let listing)): return take(page, into: listing, now)
        case (.event(let event), .streaming(let streaming)):
            return take(event, into: streaming, now)
        case (.event(let event), .watching(let watching)):
            return take(event, into: watching, now)
        case (.closed(let error), .listing): return listFailed(error, now)
        case (.closed(let error), .streaming): return streamFailed(error, now)
        case (.closed(let error), .watching(let watching)):
            return watchEnded(error, watching, now)
        case (.timer, _): return timer(now)
        case (.page, _), (.event, _), (.closed, _): return []
        }
    }

    // MARK: - Asking

    mutating func askForPicture(_ now: Instant) -> [Command] {
        if canStream {
            state = .streaming(Streaming(quietSince: now))
            let query = WatchQuery(
                resourceVersion: asksNewest ? .unknown : version, sendInitialEvents: true,
                timeoutSeconds: Int(limits.watchTimeoutMax.components.seconds))
            return [.watch(query), .wake(at: now + limits.initialEventsPause)]
        }
        var query = ListQuery(limit: limits.pageItems)
        if !asksNewest && version != .unknown {
            query.resourceVersion = version
            query.match = .notOlderThan
        }
        state = .listing(Listing(query: query))
        return [.list(query)]
    }

    mutating func resume(_ now: Instant) -> [Command] {
        let least = limits.watchTimeoutMin.inSeconds
        let most = max(least, limits.watchTimeoutMax.inSeconds)
        let seconds = Int(min(86_400, least + (most - least) * generator.fraction()))
        state = .watching(
            Watching(
                openedAt: now, heardAt: now,
                endsAt: now + .seconds(seconds) + limits.watchTimeoutMargin))
        let query = WatchQuery(resourceVersion: version, timeoutSeconds: max(1, seconds))
        return [.watch(query), .wake(at: silenceEnds(now, now + .seconds(seconds)))]
    }

    /// When an open watch is looked at again.
    func silenceEnds(_ heardAt: Instant, _ endsAt: Instant) -> Instant {
        sendsBookmarks ? min(endsAt, heardAt + limits.silenceMax) : endsAt
    }

    // MARK: - Pictures

    private mutating func take(
        _ page: ListPage<Object>, into listing: Listing, _ now: Instant
    ) -> [Command] {
        var listing = listing
        listing.items += page.items
        listing.unreadable += page.unreadable
        listing.pages += 1
        if let token = page.continueToken {
            guard listing.pages < limits.pagesMax else {
                return listFailed(listFault(.overLimit, "the list does not end"), now)
            }
            listing.query = ListQuery(limit: listing.query.limit, continueToken: token)
            state = .listing(listing)
            return [.list(listing.query)]
        }
        guard page.resourceVersion != .unknown else {
            return listFailed(listFault(.missing, "a list without a version"), now)
        }
        // A server that has fallen behind may show a past that we have left already. The newest
        // state, read from the database itself, is believed whatever its version.
        if !asksNewest, page.resourceVersion.hasReached(version) == false {
            asksNewest = true
            return pause(.picture, now)
        }
        return deliver(
            listing.items, unreadable: listing.unreadable, at: page.resourceVersion, now)
    }

    private func listFault(_ code: JSONError.Code, _ message: String) -> APIError {
        APIError(
            RequestSummary(.list, Object.type.collectionPath(namespace: nil)),
            undecodable: JSONError(code, at: "metadata", message))
    }

    mutating func deliver(
        _ items: [Object], unreadable broken: [UnreadableObject], at newest: ResourceVersion,
        _ now: Instant
    ) -> [Command] {
        version = newest
        asksNewest = false
        isAbsent = false
        let kept = broken.filter { !$0.name.isEmpty }.map {
            Key<Object>(namespace: $0.namespace, name: $0.name)
        }
        var commands = broken.map(Command.report)
        commands.append(.deliver(.replace(items, keeping: kept, at: newest)))
        return commands + resume(now)
    }

    private mutating func timer(_ now: Instant) -> [Command] {
        switch state {
        case .idle, .listing: return []
        case .waiting(let until, let next):
            guard now >= until else { return [.wake(at: until)] }
            return next == .picture ? askForPicture(now) : resume(now)
        case .streaming(let streaming):
            let until = streaming.quietSince + limits.initialEventsPause
            guard now >= until else { return [.wake(at: until)] }
            // Old servers ignore the parameter and never end the initial events.
            canStream = false
            return [.abandon] + askForPicture(now)
        case .watching(let watching):
            let until = silenceEnds(watching.heardAt, watching.endsAt)
            guard now >= until else { return [.wake(at: until)] }
            silences += 1
            // A server whose history has become shorter, as after a restored backup, says nothing
            // on a watch from a version that it will not reach for long. Its newest state, read
            // from the database itself, is the truth.
            guard silences >= limits.silencesMax else { return [.abandon] + resume(now) }
            silences = 0
            asksNewest = true
            return [.abandon] + askForPicture(now)
        }
    }

    // MARK: - Failing

    /// The server does not have the kind: that is a picture, too, one without objects. Of a kind
    /// that was there it is believed only when it is said twice; `AbsentKindTests`.
    mutating func beAbsent(_ wait: Duration, _ now: Instant) -> [Command] {
        let wasThere = version != .unknown
        let isNews = !isAbsent || failures > 0
        failures = 0
        asksNewest = true
        version = .unknown
        guard !wasThere else {
            state = .waiting(until: now + min(wait, .seconds(1)), next: .picture)
            return [.wake(at: now + min(wait, .seconds(1)))]
        }
        isAbsent = true
        state = .waiting(until: now + wait, next: .picture)
        let picture: [Command] = isNews ? [.deliver(.replace([], at: .unknown))] : []
        return picture + [.wake(at: now + wait)]
    }

    /// Waits before going on; longer after each failure in a row, and never shorter than the server
    /// asked for.
    mutating func pause(
        _ next: Next, _ now: Instant, after error: APIError? = nil
    ) -> [Command] {
        failures += 1
        var wait = limits.backoff.delay(after: failures, using: &generator)
        if case .retry(let after?)? = error?.disposition { wait = max(wait, after) }
        let until = now + wait
        state = .waiting(until: until, next: next)
        let complaint = error.map { [Command.complain($0, failures: failures)] } ?? []
        return complaint + [.wake(at: until)]
    }

    mutating func advance(to newer: ResourceVersion) {
        guard newer != .unknown, newer.hasReached(version) != false else { return }
        version = newer
    }
}
