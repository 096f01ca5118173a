import CurlTransport
import KubernetesClient
import KubernetesCore
import Locking
import LoopbackTesting
import Testing

@Suite struct `Calls of a client` {
    @Test func `a watch split at every byte gives the same events`() async throws {
        let text =
            Note.line("ADDED", Note.json("a", version: 1, text: "ü"))
            + Note.line("DELETED", Note.json("a", version: 2, text: "ü"))
        let server = LoopbackServer { connection in
            _ = connection.readRequest()
            connection.beginChunks()
            for byte in text.utf8 { connection.writeChunk([byte]) }
            connection.endChunks()
        }
        let stream = try await client(server).watch(
            Note.self, WatchQuery(resourceVersion: ResourceVersion("0")))
        var events: [WatchEvent<Note>] = []
        for try await batch in stream { events += batch }
        #expect(
            events == [
                .added(Note("a", version: 1, text: "ü")),
                .deleted(Note("a", version: 2, text: "ü")),
            ])
    }

    @Test func `an expired watch says so as a status and inside the stream, and ends`() async throws
    {
        let gone = #"{"kind":"Status","code":410,"reason":"Expired","message":"too old"}"#
        let server = LoopbackServer { connection in
            guard let request = connection.readRequest() else { return }
            guard request.target.contains("resourceVersion=1") else {
                connection.answer("410 Gone", ["Content-Type: application/json"], gone)
                return
            }
            connection.beginChunks()
            connection.writeChunk(Array(#"{"type":"ERROR","object":\#(gone)}"#.utf8) + [10])
            connection.waitForClose()
        }
        let client = try client(server)
        let status = try await apiError { () throws(APIError) in
            try await client.watch(Note.self, WatchQuery(resourceVersion: ResourceVersion("2")))
        }
        #expect(status.code == .expired)
        let stream = try await client.watch(
            Note.self, WatchQuery(resourceVersion: ResourceVersion("1")))
        var batches = stream.makeAsyncIterator()
        guard case .failed(let error)? = try await batches.next()?.first else {
            Issue.record("no failure")
            return
        }
        #expect(error.code == .expired)
        #expect(try await batches.next() == nil)
    }

    @Test func `a watch that breaks off delivers what came and then an error`() async throws {
        let server = LoopbackServer { connection in
            _ = connection.readRequest()
            connection.beginChunks()
            let line = Note.line("ADDED", Note.json("a", version: 1, text: "x"))
            connection.writeChunk(Array((line + line.prefix(9)).utf8))
        }
        let stream: WatchStream<Note> = try await client(server).watch(
            Note.self, WatchQuery(resourceVersion: ResourceVersion("0")))
        var batches = stream.makeAsyncIterator()
        #expect(try await batches.next() == [.added(Note("a", version: 1, text: "x"))])
        var rest = batches
        let error = try await apiError { () throws(APIError) in try await rest.next() }
        #expect(error.code == .unreachable)
        #expect(error.disposition == .retry(after: nil))
    }

    @Test func `a web page instead of an answer is undecodable, for calls and watches`()
        async throws
    {
        let server = LoopbackServer { connection in
            _ = connection.readRequest()
            connection.answer("200 OK", ["Content-Type: text/html"], "<html>log in</html>")
        }
        let client = try client(server)
        let list = try await apiError { () throws(APIError) in try await client.list(Note.self) }
        let watch = try await apiError { () throws(APIError) in
            try await client.watch(Note.self, WatchQuery(resourceVersion: .unknown))
        }
        let get = try await apiError { () throws(APIError) in
            try await client.get(Key<Note>(namespace: "ns", name: "a"))
        }
        #expect([list, watch, get].allSatisfy { $0.code == .undecodable })
        #expect(get.description.contains("<html>"))
    }

    @Test func `pages are put together, and read anew when the history is gone`() async throws {
        let server = LoopbackServer { connection in
            while let request = connection.readRequest() {
                let isFirst =
                    request.target.contains("limit=") && !request.target.contains("continue")
                if request.target.contains("continue=lost") {
                    connection.answer("410 Gone", [], #"{"kind":"Status","code":410}"#)
                    continue
                }
                let ns = request.target.contains("/namespaces/lost/") ? "lost" : "more"
                let items: [JSONValue] = [
                    Note.json(isFirst ? "a" : "b", version: 1, text: "x")
                ]
                let list: JSONValue = [
                    "kind": "NoteList", "items": .array(items),
                    "metadata": ["resourceVersion": "9", "continue": isFirst ? .string(ns) : ""],
                ]
                connection.answer("200 OK", [], list.text)
            }
        }
        let client = try client(server)
        let whole = try await client.listAll(Note.self, pageSize: 1)
        #expect(whole.items.map(\.metadata.name) == ["a", "b"])
        let again = try await client.listAll(
            Note.self, in: Selection(namespace: "lost"), pageSize: 1)
        #expect(again.items.map(\.metadata.name) == ["b"])
    }

    @Test func `writes return what they reached`() async throws {
        let server = LoopbackServer { connection in
            while let request = connection.readRequest() {
                let answer: JSONValue =
                    request.line.hasPrefix("DELETE")
                    ? [
                        "kind": "Status", "status": "Success",
                        "details": ["name": "a", "uid": "u-a"],
                    ]
                    : Note.json("a", version: 42, text: "x")
                connection.answer("200 OK", [], answer.text)
            }
        }
        let client = try client(server)
        let note = ObjectRef(type: Note.type, namespace: "ns", name: "a")
        let created = try await client.create(
            Note.json("a", version: 0, text: "x"), of: Note.type)
        #expect(created.resourceVersion == ResourceVersion("42"))
        #expect(created.uid == UID("u-a"))
        let scaled = try await client.scale(note, to: 3)
        #expect(scaled == created)
        let deleted = try await client.delete(note)
        #expect(deleted.name == "a")
        #expect(deleted.resourceVersion == .unknown)
    }

    @Test func `a refused connection is unreachable, and the message says what to check`()
        async throws
    {
        let server = LoopbackServer { _ in }
        server.stop()
        let client = try client(server)
        let error = try await apiError { () throws(APIError) in try await client.list(Note.self) }
        #expect(error.code == .unreachable)
        #expect(!error.mayHaveTakenEffect)
        #expect(error.description.contains("list /apis/test.dev/v1/notes"))
        #expect(error.description.contains("127.0.0.1:\(server.port)"))
    }

    @Test func `every call is reported`() async throws {
        let reports = Mutex<[String]>([])
        let server = LoopbackServer { connection in
            _ = connection.readRequest()
            connection.answer("404 Not Found", [], #"{"kind":"Status","code":404}"#)
        }
        let address = try #require(HTTPServer("http://127.0.0.1:\(server.port)"))
        let client = KubernetesClient(
            configuration: ClientConfiguration(server: address),
            transport: try sharedTransport.get()
        ) { report in
            reports.withLock { $0.append("\(report.request) \(report.status)") }
        }
        _ = try await apiError { () throws(APIError) in try await client.list(Note.self) }
        #expect(reports.withLock { $0 } == ["list /apis/test.dev/v1/notes 404"])
    }
}
