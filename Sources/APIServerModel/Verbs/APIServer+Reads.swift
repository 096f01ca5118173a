import KubernetesCore

extension APIServer {
    func get(_ call: APICall) throws(Failure) -> ServerReply {
        if let wanted = try ListOptions.revision(call.query["resourceVersion"] ?? "") {
            try checkReached(wanted)
        }
        return call.reply(try existing(call))
    }

    /// Refuses a version that the store has not come to.
    func checkReached(_ wanted: UInt64) throws(Failure) {
        guard wanted > store.revision else { return }
        throw Failure(
            code: 504, reason: "Timeout",
            message: "Timeout: Too large resource version: \(wanted), current: \(store.revision)",
            details: Failure.Details(
                causes: [
                    .init(
                        reason: "ResourceVersionTooLarge",
                        message: "Too large resource version", field: "")
                ], retryAfterSeconds: 1))
    }

    /// The filter that a request's path and query describe.
    func filter(_ call: APICall) throws(Failure) -> ObjectFilter {
        var filter = ObjectFilter(namespace: call.namespace, name: call.path.name)
        if let text = call.query["labelSelector"], !text.isEmpty {
            do {
                filter.labels = try LabelSelector(parsing: text)
            } catch {
                throw .badRequest(error.message)
            }
        }
        if let text = call.query["fieldSelector"], !text.isEmpty {
            let terms: [FieldSelector.Requirement]
            do {
                terms = try FieldSelector(parsing: text).requirements
            } catch {
                throw .badRequest(error.message)
            }
            for term in terms {
                let path = try SelectableFields.path(
                    term.field, of: call.definition, call.version)
                if path == ["metadata", "name"], term.isEqual, filter.name.isEmpty {
                    filter.name = term.value
                }
                filter.fields.append(
                    .init(path: path, isEqual: term.isEqual, value: term.value))
            }
        }
        return filter
    }

    func list(_ call: APICall) throws(Failure) -> ServerReply {
        let options = try ListOptions(call.query, isWatch: false)
        let filter = try self.filter(call)
        var page = try page(call, options, filter)
        let isWhole = filter.isWholeCollection
        if !isWhole { page.objects = page.objects.filter { filter.matches($0) } }
        if !page.start.isEmpty { page.objects.removeAll { $0.key <= page.start } }
        var token = ""
        var remaining: Int?
        if let limit = options.limit, page.objects.count > limit {
            if isWhole { remaining = page.objects.count - limit }
            page.objects.removeLast(page.objects.count - limit)
            token =
                ContinueToken(revision: page.revision, start: page.objects.last?.key ?? "").text
        }
        var metadata: JSONValue = ["resourceVersion": .string(String(page.revision))]
        if !token.isEmpty || (call.definition.isCustom && call.form == .object) {
            metadata["continue"] = .string(token)
        }
        if let remaining { metadata["remainingItemCount"] = .int(remaining) }
        return listReply(call, page.objects, metadata)
    }

    /// The objects a list is made of, before filtering: as they are, or as they were at the version
    /// that the request or its continue token names.
    private func page(
        _ call: APICall, _ options: ListOptions, _ filter: ObjectFilter
    ) throws(Failure) -> (objects: [StoredObject], revision: UInt64, start: String) {
        let storage = call.definition.storage
        if !options.continueToken.isEmpty {
            let token = try ContinueToken(reading: options.continueToken)
            guard
                let objects = store.objects(
                    storage, namespace: filter.namespace, at: token.revision)
            else {
                throw .expired(
                    "The provided continue parameter is too old to display a consistent list "
                        + "result. You must start a new list without the continue parameter.")
            }
            return (objects, token.revision, token.start)
        }
        if let wanted = options.revision, wanted > 0 {
            try checkReached(wanted)
            let isExact =
                options.match == "Exact"
                || (options.match.isEmpty && options.limit != nil)
            if isExact {
                guard let objects = store.objects(storage, namespace: filter.namespace, at: wanted)
                else {
                    throw .expired(
                        "The resourceVersion for the provided list is too old.")
                }
                return (objects, wanted, "")
            }
        }
        if !filter.name.isEmpty, !filter.namespace.isEmpty || !call.definition.isNamespaced {
            let found = store.object(storage, filter.namespace, filter.name)
            return (found.map { [$0] } ?? [], store.revision, "")
        }
        return (store.objects(storage, namespace: filter.namespace), store.revision, "")
    }

    private func listReply(
        _ call: APICall, _ objects: [StoredObject], _ metadata: JSONValue
    ) -> ServerReply {
        let kind: String
        let apiVersion: String
        switch call.form {
        case .table:
            let table = TablePrinter(call.view, inclusion: call.inclusion).table(
                objects, call.plainView, metadata: metadata, at: call.now)
            return call.reply(table)
        case .partialMetadata:
            kind = "PartialObjectMetadataList"
            apiVersion = "meta.k8s.io/v1"
        case .object:
            kind = call.definition.listKind
            apiVersion = call.view.apiVersion
        }
        let view = call.view
        var bytes: [UInt8] = []
        bytes.reserveCapacity(objects.reduce(256) { $0 + $1.tail.count + 64 })
        bytes.append(
            contentsOf: "{\"kind\":\"\(kind)\",\"apiVersion\":\"\(apiVersion)\",\"metadata\":".utf8)
        metadata.write(into: &bytes)
        bytes.append(contentsOf: ",\"items\":[".utf8)
        for (index, object) in objects.enumerated() {
            if index > 0 { bytes.append(UInt8(ascii: ",")) }
            view.write(object, into: &bytes, isItem: true)
        }
        bytes.append(contentsOf: "]}\n".utf8)
        return .response(status: 200, headers: call.headers, body: bytes)
    }

    mutating func watch(_ call: APICall) throws(Failure) -> ServerReply {
        let options = try ListOptions(call.query, isWatch: true)
        let filter = try self.filter(call)
        // Where the client sets no limit the server does, as the real one, after half an hour.
        let seconds = options.timeoutSeconds.flatMap { $0 > 0 ? min($0, 86_400) : nil } ?? 1_800
        let view = call.view
        var watch = Watch(
            id: watches.nextID(), view: view, filter: filter,
            table: call.form == .table
                ? TablePrinter(view, inclusion: call.inclusion) : nil,
            wantsBookmarks: options.wantsBookmarks,
            deadline: call.now + .seconds(seconds),
            nextBookmark: call.now + WatchTable.bookmarkInterval, position: store.revision)
        start(&watch, options, at: call.now)
        watches.add(watch)
        return .watch(watch.id, headers: call.headers)
    }

    /// Puts what happened before the watch was opened, as far as the client wants it, before what
    /// will happen.
    private mutating func start(_ watch: inout Watch, _ options: ListOptions, at now: Timestamp) {
        let revision = options.revision ?? 0
        let wantsState = options.sendsInitialEvents ?? (revision == 0)
        if wantsState {
            for object in store.objects(watch.resource, namespace: watch.filter.namespace)
            where watch.filter.matches(object) {
                watch.pending.append(watches.firstFrame(object, of: &watch))
            }
            if options.sendsInitialEvents == true, options.wantsBookmarks {
                watch.pending.append(watch.bookmark(store.revision, endsInitialEvents: true))
            }
            return
        }
        guard revision > 0, revision < store.revision else {
            watch.position = max(revision, store.revision)
            return
        }
        guard revision >= store.compacted else {
            let failure = Failure.expired(
                "too old resource version: \(revision) (\(store.compacted))")
            watch.pending.append(Watch.frame("ERROR", failure.json))
            watch.isEnding = true
            return
        }
        for index in store.historyIndex(after: revision)..<store.history.count {
            let change = store.history[index]
            guard change.resource == watch.resource, let (type, object) = watch.event(change)
            else { continue }
            watch.pending.append(watch.frame(type, object, at: now))
        }
    }
}
