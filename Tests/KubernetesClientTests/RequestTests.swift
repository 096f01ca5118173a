import KubernetesCore
import Testing

@Suite struct `Requests as values` {
    private let note = ObjectRef(type: Note.type, namespace: "ns", name: "a", uid: UID("u1"))

    @Test func `lists ask for pages, versions and selections`() {
        let selection = Selection(
            namespace: "ns", labels: "app=a,tier!=b", fields: "metadata.name=x")
        let first = APIRequest.list(
            Note.type, in: selection,
            ListQuery(limit: 500, resourceVersion: ResourceVersion("7"), match: .notOlderThan))
        #expect(
            first.target
                == "/apis/test.dev/v1/namespaces/ns/notes?labelSelector=app%3Da%2Ctier%21%3Db"
                + "&fieldSelector=metadata.name%3Dx&limit=500&resourceVersion=7"
                + "&resourceVersionMatch=NotOlderThan")
        let second = APIRequest.list(
            Note.type,
            in: .everything,
            ListQuery(
                limit: 500, continueToken: "a/b=", resourceVersion: ResourceVersion("7"),
                match: .exact))
        #expect(second.target == "/apis/test.dev/v1/notes?limit=500&continue=a%2Fb%3D")
        #expect(APIRequest.list(Note.type).target == "/apis/test.dev/v1/notes")
    }

    @Test func `watches ask for bookmarks and initial events`() {
        let plain = APIRequest.watch(
            .pod, in: .everything, WatchQuery(resourceVersion: ResourceVersion("9")))
        #expect(
            plain.target == "/api/v1/pods?watch=true&allowWatchBookmarks=true&resourceVersion=9")
        let streaming = APIRequest.watch(
            .pod, in: Selection(namespace: "ns"),
            WatchQuery(
                resourceVersion: .unknown, sendInitialEvents: true, timeoutSeconds: 300))
        #expect(
            streaming.target == "/api/v1/namespaces/ns/pods?watch=true&allowWatchBookmarks=true"
                + "&sendInitialEvents=true&resourceVersionMatch=NotOlderThan&timeoutSeconds=300")
    }

    @Test func `writes carry their options and media types`() {
        let options = WriteOptions(fieldManager: "me", dryRun: true, force: true, strict: true)
        let object = Note.json("a", version: 1, text: "t")
        let create = APIRequest.create(object, of: Note.type, options: options)
        #expect(create.http.method == .post)
        #expect(
            create.target == "/apis/test.dev/v1/namespaces/ns/notes?fieldManager=me&dryRun=All"
                + "&fieldValidation=Strict")
        let apply = APIRequest.apply(object, of: Note.type, options: options)
        #expect(apply.target.hasSuffix("&force=true"))
        #expect(apply.http.fields["content-type"] == "application/apply-patch+yaml")
        let patch = APIRequest.statusPatch(
            note, status: ["phase": "Done"], resourceVersion: ResourceVersion("3"))
        #expect(patch.path == "/apis/test.dev/v1/namespaces/ns/notes/a/status")
        #expect(
            patch.body?.text
                == #"{"metadata":{"resourceVersion":"3","uid":"u1"},"status":{"phase":"Done"}}"#)
        #expect(patch.http.fields["content-type"] == "application/merge-patch+json")
        #expect(APIRequest.scale(note, to: 4).body?.text == #"{"spec":{"replicas":4}}"#)
        #expect(APIRequest.jsonPatch(note, []).contentType == "application/json-patch+json")
    }

    @Test func `a deletion names the object's identity`() {
        let request = APIRequest.delete(
            note, DeleteOptions(graceSeconds: 0, propagation: .background))
        #expect(
            request.body?.text
                == #"{"apiVersion":"v1","gracePeriodSeconds":0,"kind":"DeleteOptions","#
                + #""preconditions":{"uid":"u1"},"propagationPolicy":"Background"}"#)
    }

    @Test(arguments: ["", ".", "..", "a/b", "a?b", "../x", "a b", "ü", "a%2Fb", "a#b"])
    func `no name leaves its place in the path`(_ name: String) {
        let object = ObjectRef(type: Note.type, namespace: "ns", name: name)
        let prefix = "/apis/test.dev/v1/namespaces/ns/notes/"
        for request in [APIRequest.get(object), .delete(object), .mergePatch(object, [:])] {
            #expect(request.target.hasPrefix(prefix))
            let rest = request.target.dropFirst(prefix.count)
            #expect(!rest.isEmpty && rest != "." && rest != "..")
            #expect(!rest.contains("/") && !rest.contains("?") && !rest.contains("#"))
        }
    }

    @Test func `no field value smuggles a second field`() {
        var fields = HTTPFields()
        fields.append("X-Test", "a\r\nAuthorization: b")
        #expect(fields["x-test"] == "a")
        #expect(fields.count == 1)
    }
}

@Suite struct `Errors of calls` {
    private let request = RequestSummary(.patch, "/api/v1/pods")

    @Test(arguments: [
        (400, "BadRequest", APIError.Code.badRequest, APIError.Disposition.terminal),
        (401, "Unauthorized", .unauthorized, .retry(after: nil)),
        (403, "Forbidden", .forbidden, .retry(after: nil)),
        (404, "NotFound", .notFound, .reread),
        (409, "AlreadyExists", .alreadyExists, .reread),
        (409, "Conflict", .conflict, .reread),
        (410, "Expired", .expired, .reread),
        (410, "Gone", .expired, .reread),
        (413, "RequestEntityTooLarge", .tooLarge, .terminal),
        (415, "UnsupportedMediaType", .unsupported, .terminal),
        (422, "Invalid", .invalid, .terminal),
        (429, "TooManyRequests", .throttled, .retry(after: nil)),
        (500, "InternalError", .serverFailure, .retry(after: nil)),
        (500, "ServerTimeout", .timedOut, .retry(after: nil)),
        (503, "", .serverFailure, .retry(after: nil)),
        (504, "Timeout", .timedOut, .retry(after: nil)),
        (302, "", .unexpected, .terminal),
    ])
    func `a status has a code and a disposition`(
        _ number: Int, _ reason: String, _ code: APIError.Code, _ disposition: APIError.Disposition
    ) {
        let error = APIError(request, APIStatus(code: number, reason: reason, message: "m"))
        #expect(error.code == code)
        #expect(error.disposition == disposition)
        #expect(error.description == "patch /api/v1/pods: m (\(number))")
    }

    @Test func `a version from the future is told from other timeouts`() {
        let body = #"""
            {"kind":"Status","code":504,"reason":"Timeout",
             "message":"Too large resource version: 9",
             "details":{"causes":[{"reason":"ResourceVersionTooLarge","message":"x"}],
             "retryAfterSeconds":1}}
            """#
        let error = APIError(request, HTTPResponseHead(status: 504), body: Array(body.utf8))
        #expect(error.code == .versionAhead)
        #expect(error.disposition == .retry(after: .seconds(1)))
    }

    @Test func `a page of a proxy is quoted, and its wish to wait is kept`() {
        let head = HTTPResponseHead(status: 503, fields: ["retry-after": "7"])
        let error = APIError(request, head, body: Array("<html>\n <b>sorry</b>".utf8))
        #expect(error.disposition == .retry(after: .seconds(7)))
        #expect(error.description.contains("<html> <b>sorry</b>"))
    }

    @Test(arguments: [
        "-5", "abc", "0", "99999999999999999999", "Fri, 31 Dec 1999 23:59:59 GMT", "GMT",
        "Fri, 99 Dec 2026 23:59:59 GMT", "Fri, 31 Dec 99999999 23:59:59 GMT",
    ])
    func `a strange wish to wait is none`(_ text: String) {
        let head = HTTPResponseHead(status: 503, fields: ["retry-after": text])
        #expect(head.retryAfter(at: Timestamp("2026-11-21T08:00:00Z")) == nil)
    }

    @Test(arguments: [
        "Sat, 21 Nov 2026 08:49:37 GMT", "Saturday, 21-Nov-26 08:49:37 GMT",
        "Sat Nov 21 08:49:37 2026",
    ])
    func `a date of HTTP is read in all three forms`(_ text: String) {
        let head = HTTPResponseHead(status: 503, fields: ["retry-after": text])
        #expect(head.retryAfter(at: Timestamp("2026-11-21T08:49:30Z")) == .seconds(7))
        // Without any clock to hold it against, a date says nothing.
        #expect(head.retryAfter() == nil)
    }

    @Test func `a date to wait for is held against the server's own clock`() {
        let head = HTTPResponseHead(
            status: 429,
            fields: [
                "date": "Sat, 21 Nov 2026 08:00:00 GMT",
                "retry-after": "Sat, 21 Nov 2026 08:00:09 GMT",
            ])
        let error = APIError(request, head, body: [], at: Timestamp("2031-01-01T00:00:00Z"))
        #expect(error.disposition == .retry(after: .seconds(9)))
        let far = HTTPResponseHead(
            status: 429,
            fields: [
                "date": "Sat, 21 Nov 2026 08:00:00 GMT",
                "retry-after": "Sat, 21 Nov 2099 08:00:09 GMT",
            ])
        #expect(far.retryAfter() == .seconds(3_600))
    }
}
