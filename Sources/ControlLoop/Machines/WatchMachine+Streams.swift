import KubernetesCore

/// What events and the ends of streams mean.
extension WatchMachine {
    /// An event of a stream that begins with every object there is. Those come in no order of
    /// versions, so nothing counts before the mark that ends them.
    mutating func take(
        _ event: WatchEvent<Object>, into streaming: Streaming, _ now: Instant
    ) -> [Command] {
        var streaming = streaming
        streaming.quietSince = now
        switch event {
        case .added(let object), .modified(let object): streaming.objects[object.key] = object
        case .deleted(let object): streaming.objects[object.key] = nil
        case .unreadable(let object): streaming.unreadable.append(object)
        case .bookmark(let newest, initialEventsEnd: true):
            if !asksNewest, newest.hasReached(version) == false {
                asksNewest = true
                return [.abandon] + pause(.picture, now)
            }
            sendsBookmarks = true
            let items = streaming.objects.values.sorted { $0.key < $1.key }
            let commands = deliver(items, unreadable: streaming.unreadable, at: newest, now)
            // The stream that brought the picture goes on with the changes.
            return commands.filter { if case .watch = $0 { false } else { true } }
        case .bookmark, .ignored: break
        case .failed(let error): return [.abandon] + streamFailed(error, now)
        }
        state = .streaming(streaming)
        return []
    }

    mutating func take(
        _ event: WatchEvent<Object>, into watching: Watching, _ now: Instant
    ) -> [Command] {
        var watching = watching
        watching.heardAt = now
        watching.events += 1
        silences = 0
        var commands: [Command] = []
        switch event {
        case .added(let object), .modified(let object):
            let at = object.metadata.resourceVersion
            advance(to: at)
            commands = [.deliver(.upsert(object, at: at))]
        case .deleted(let object):
            let at = object.metadata.resourceVersion
            advance(to: at)
            commands = [.deliver(.remove(object.key, at: at))]
        case .bookmark(let at, _):
            sendsBookmarks = true
            advance(to: at)
            commands = [.deliver(.progress(at))]
        case .unreadable(let object): commands = take(object)
        case .ignored: break
        case .failed(let error): return [.abandon] + watchEnded(error, watching, now)
        }
        failures = 0
        state = .watching(watching)
        return commands
    }

    /// An object that changed into something unreadable keeps its last readable state; one that was
    /// deleted is gone all the same.
    private mutating func take(_ object: UnreadableObject) -> [Command] {
        let at = object.resourceVersion
        advance(to: at)
        guard object.place == .deleted, !object.name.isEmpty else {
            return [.report(object)] + (at == .unknown ? [] : [.deliver(.progress(at))])
        }
        let key = Key<Object>(namespace: object.namespace, name: object.name)
        return [.report(object), .deliver(.remove(key, at: at))]
    }

    mutating func listFailed(_ error: APIError?, _ now: Instant) -> [Command] {
        if let wait = limits.absencePause, error?.code == .notFound { return beAbsent(wait, now) }
        // A page token that expired, or a version that this server does not have: the newest state
        // can always be had. Anything else is asked again as it was.
        if error?.code == .expired || error?.code == .versionAhead {
            let wasNewest = asksNewest
            asksNewest = true
            if !wasNewest && failures == 0 {
                failures += 1
                return askForPicture(now)
            }
        }
        return pause(.picture, now, after: error)
    }

    mutating func streamFailed(_ error: APIError?, _ now: Instant) -> [Command] {
        switch error?.code {
        case .invalid, .badRequest, .unsupported:
            canStream = false
            return askForPicture(now)
        default: return listFailed(error, now)
        }
    }

    mutating func watchEnded(
        _ error: APIError?, _ watching: Watching, _ now: Instant
    ) -> [Command] {
        guard let error else {
            if watching.events == 0, now - watching.openedAt < limits.shortWatch {
                return resumeLater(nil, now)
            }
            failures = 0
            return resume(now)
        }
        if let wait = limits.absencePause, error.code == .notFound { return beAbsent(wait, now) }
        if now - watching.openedAt >= limits.backoff.longest { failures = 0 }
        switch error.code {
        case .expired:
            // The history behind our version is gone; the picture is not. It is read anew, not
            // older than what was seen.
            return failures == 0 ? retryPicture(now) : pause(.picture, now, after: error)
        case .versionAhead:
            if failures + 1 >= limits.resumesMax { asksNewest = true }
            return failures + 1 >= limits.resumesMax
                ? pause(.picture, now, after: error) : pause(.resume, now, after: error)
        default: return resumeLater(error, now)
        }
    }

    private mutating func retryPicture(_ now: Instant) -> [Command] {
        failures += 1
        return askForPicture(now)
    }

    /// Opens the watch again from the same version; after too many tries something is wrong with
    /// what lies there, and the picture is read anew. A server that is out of reach or overloaded
    /// is never asked for more than the watch.
    private mutating func resumeLater(_ error: APIError?, _ now: Instant) -> [Command] {
        let isSuspect =
            error == nil || error?.code == .undecodable || error?.code == .invalid
            || error?.code == .badRequest || error?.code == .notFound
        let next: Next =
            isSuspect && failures + 1 >= limits.resumesMax ? .picture : .resume
        return pause(next, now, after: error)
    }
}
