import KubernetesCore
import Testing

@testable import APIServerModel

/// What a journal keeps, and what it says when it is broken.
@Suite struct JournalTests {
    static let configuration: APIServerConfiguration = {
        var configuration = APIServerConfiguration(adminToken: "admin", seed: 5)
        configuration.isJournaled = true
        return configuration
    }()

    /// A server whose changes go into a journal in memory, as a shell would keep them.
    struct Journaled {
        var test: TestServer
        var bytes: [UInt8] = []
        var sequence: UInt64 = 1
        /// Where the journal ended, and what the version was, after each request.
        var acknowledged: [(end: Int, revision: String)] = []

        init() {
            test = TestServer()
            test.server = APIServer(configuration: JournalTests.configuration)
            _ = test.server.takeJournal()
            test.server.snapshot.write(bytesMax: 2_000) { append($0) }
            note()
        }

        mutating func append(_ payload: [UInt8]) {
            bytes += JournalFraming.frame(payload, sequence: sequence)
            sequence += 1
        }

        mutating func note() {
            acknowledged.append((bytes.count, test.server.resourceVersion.text))
        }

        /// Sends a request, and writes what it changed.
        @discardableResult
        mutating func send(
            _ method: String, _ path: String, _ body: JSONValue? = nil, type: String? = nil
        ) -> TestServer.Answer {
            let answer = test.send(method, path, body, type: type)
            if let batch = test.server.takeJournal() {
                var payload: [UInt8] = []
                batch.write(into: &payload)
                append(payload)
            }
            note()
            return answer
        }

        static func replay(_ bytes: [UInt8]) throws -> JournalReplay {
            let scan = JournalFraming.scan(bytes)
            var replay = JournalReplay(historyMax: 20_000)
            for payload in scan.payloads { try replay.take(bytes[payload]) }
            return replay
        }
    }

    static let maps = "/api/v1/namespaces/default/configmaps"

    /// Some requests of each kind that changes something.
    static func worked(steps: Int, seed: UInt64) -> Journaled {
        var journaled = Journaled()
        var random = SeededGenerator(seed: seed)
        for step in 0..<steps {
            let name = "m\(Int.random(in: 0..<8, using: &random))"
            switch Int.random(in: 0..<6, using: &random) {
            case 0, 1: journaled.send("POST", maps, Make.configMap(name))
            case 2, 3:
                journaled.send(
                    "PATCH", maps + "/" + name, ["data": ["step": .string("ä\"\(step)\n")]],
                    type: "application/merge-patch+json")
            case 4: journaled.send("DELETE", maps + "/" + name)
            default:
                journaled.send(
                    "POST", "/api/v1/namespaces",
                    ["metadata": ["generateName": "n-"], "kind": "Namespace", "apiVersion": "v1"])
            }
        }
        return journaled
    }

    /// Everything that clients can see of a server.
    static func picture(_ server: inout TestServer) -> [JSONValue] {
        ["configmaps", "namespaces", "serviceaccounts", "events"].map {
            server.get("/api/v1/" + $0).body
        } + [server.get("/apis/rbac.authorization.k8s.io/v1/clusterroles").body]
    }

    private func restarted(_ replay: JournalReplay, at now: Timestamp) -> TestServer {
        var test = TestServer()
        test.now = now
        var configuration = Self.configuration
        configuration.startTime = now
        test.server = APIServer(configuration: configuration, replay: replay)
        return test
    }

    @Test(arguments: 0..<20 as Range<UInt64>)
    func `a server replayed from its journal is the same server`(seed: UInt64) throws {
        var journaled = Self.worked(steps: 60, seed: seed)
        // A refused request may use up random numbers; what is kept is where stored ones came from.
        journaled.send("POST", Self.maps, Make.configMap("last"))
        var again = restarted(try Journaled.replay(journaled.bytes), at: journaled.test.now)
        #expect(again.server.resourceVersion == journaled.test.server.resourceVersion)
        #expect(Self.picture(&again) == Self.picture(&journaled.test), "seed \(seed)")
        // The same requests go on with the same answers: versions, UIDs and generated names.
        for _ in 0..<3 {
            let body: JSONValue = [
                "apiVersion": "v1", "kind": "ConfigMap", "metadata": ["generateName": "g-"],
            ]
            #expect(again.post(Self.maps, body).body == journaled.test.post(Self.maps, body).body)
        }
    }

    @Test func `a watch goes on over a restart from any version that the journal still tells`()
        throws
    {
        var journaled = Self.worked(steps: 40, seed: 7)
        var again = restarted(try Journaled.replay(journaled.bytes), at: journaled.test.now)
        for (_, revision) in journaled.acknowledged {
            let path = "/api/v1/configmaps?watch=true&resourceVersion=" + revision
            let old = journaled.test.get(path)
            let new = again.get(path)
            let before = journaled.test.events()[try #require(old.watch)]
            let after = again.events()[try #require(new.watch)]
            #expect(before?.events == after?.events, "from \(revision)")
            #expect(after?.ended != true)
        }
        let first = try #require(journaled.acknowledged.first)
        let older = String((UInt64(first.revision) ?? 1) - 1)
        let gone = again.get("/api/v1/configmaps?watch=true&resourceVersion=" + older)
        let error = again.events()[try #require(gone.watch)]?.events.first
        #expect(error?["object"]?["code"]?.integer == 410)
    }

    @Test func `cut at any byte, a journal holds every request acknowledged before the cut`()
        throws
    {
        let journaled = Self.worked(steps: 12, seed: 3)
        let picture = try #require(journaled.acknowledged.first).end
        let tail = journaled.bytes[picture...]
        var replayed: (end: Int, revision: UInt64)?
        for length in picture...journaled.bytes.count {
            let scan = JournalFraming.scan(Array(tail[..<length]))
            switch scan.ending {
            case .whole: #expect(picture + scan.end == length)
            case .torn(let count, _): #expect(picture + scan.end + count == length)
            case .damaged: Issue.record("a cut at \(length) was taken for damage")
            }
            if replayed?.end != scan.end {
                let replay = try Journaled.replay(Array(journaled.bytes[..<length]))
                #expect(replay.isWhole)
                replayed = (scan.end, replay.store.revision)
            }
            let last = journaled.acknowledged.last { $0.end <= length }
            #expect(replayed.map { String($0.revision) } == last?.revision, "cut at \(length)")
        }
        for length in stride(from: 0, to: picture, by: 211) {
            let bytes = Array(journaled.bytes[..<length])
            #expect(!(try Journaled.replay(bytes)).isWhole, "cut at \(length) inside the picture")
        }
    }

    @Test func `a flipped bit is found wherever it is, and its place is told`() throws {
        let journaled = Self.worked(steps: 4, seed: 11)
        let frames = JournalFraming.scan(journaled.bytes).payloads
        let last = try #require(frames.last).lowerBound - JournalFraming.headBytes
        var random = SeededGenerator(seed: 99)
        for _ in 0..<300 {
            let at = Int.random(in: 0..<journaled.bytes.count, using: &random)
            var bytes = journaled.bytes
            bytes[at] ^= 1 << UInt8.random(in: 0..<8, using: &random)
            let scan = JournalFraming.scan(bytes)
            let frame = frames.last { $0.lowerBound - JournalFraming.headBytes <= at }
            let start = try #require(frame).lowerBound - JournalFraming.headBytes
            switch scan.ending {
            case .whole: Issue.record("byte \(at) was flipped, and nobody saw it")
            case .torn:
                #expect(start == last, "only the last frame can be torn, not that at \(start)")
                #expect(scan.end == last)
            case .damaged(let place, let why):
                #expect(place == start && start < last, "\(why)")
                #expect(why.contains("whole frame follows"), "\(why)")
            }
        }
    }

    @Test func `a frame that is missing in the middle is damage`() throws {
        let journaled = Self.worked(steps: 6, seed: 2)
        let frames = JournalFraming.scan(journaled.bytes).payloads
        let middle = frames[frames.count / 2]
        var bytes = journaled.bytes
        bytes.removeSubrange(middle.lowerBound - JournalFraming.headBytes..<middle.upperBound)
        guard case .damaged(let at, let why) = JournalFraming.scan(bytes).ending else {
            Issue.record("a hole was not seen")
            return
        }
        #expect(at == middle.lowerBound - JournalFraming.headBytes)
        #expect(why.contains("stands where frame"), "\(why)")
    }

    @Test func `any bytes can be read without a trap`() {
        var random = SeededGenerator(seed: 4)
        for _ in 0..<300 {
            let noise = (0..<Int.random(in: 0..<200, using: &random)).map { _ in
                UInt8.random(in: 0...255, using: &random)
            }
            _ = JournalFraming.scan(noise)
            var replay = JournalReplay(historyMax: 10)
            try? replay.take(noise[...])
            // Behind a good checksum too.
            let frame = JournalFraming.frame(noise, sequence: 1)
            #expect(JournalFraming.scan(frame).ending == .whole)
        }
        #expect(JournalFraming.scan([]).ending == .whole)
        let zeros = [UInt8](repeating: 0, count: 4_096)
        #expect(JournalFraming.scan(zeros).end == 0)
    }

    @Test func `the checksum is CRC-32C`() {
        #expect(JournalChecksum.of(Array("123456789".utf8)[...]) == 0xE306_9283)
        #expect(
            JournalChecksum.of(Array("12345".utf8)[...], Array("6789".utf8)[...]) == 0xE306_9283)
        #expect(JournalChecksum.of([]) == 0)
    }

    @Test func `deletions that were under way are carried on after a restart`() throws {
        var journaled = Journaled()
        let uid = journaled.send("POST", Self.maps, Make.configMap("owner")).uid
        let owner: JSONValue = [
            "apiVersion": "v1", "kind": "ConfigMap", "name": "owner", "uid": .string(uid),
        ]
        // Written by an API server that ended before its collector ran.
        let body = Make.configMap("child", owners: [owner])
        _ = journaled.test.server.handle(
            ServerRequest(
                method: "POST", path: Self.maps, body: body.encoded(),
                clientIdentity: .administrator), at: journaled.test.now)
        _ = journaled.test.server.handle(
            ServerRequest(
                method: "DELETE", path: Self.maps + "/owner", clientIdentity: .administrator),
            at: journaled.test.now)
        var payload: [UInt8] = []
        let batch = journaled.test.server.takeJournal()
        try #require(batch).write(into: &payload)
        journaled.append(payload)
        var again = restarted(try Journaled.replay(journaled.bytes), at: journaled.test.now)
        #expect(again.get(Self.maps + "/child").status == 404)
    }

    @Test func `custom resources, tokens and the life of events go on after a restart`() throws {
        var journaled = Journaled()
        journaled.send(
            "POST", "/apis/apiextensions.k8s.io/v1/customresourcedefinitions",
            [
                "apiVersion": "apiextensions.k8s.io/v1", "kind": "CustomResourceDefinition",
                "metadata": ["name": "things.test.dev"],
                "spec": [
                    "group": "test.dev", "scope": "Namespaced",
                    "names": ["plural": "things", "kind": "Thing"],
                    "versions": [
                        [
                            "name": "v1", "served": true, "storage": true,
                            "schema": [
                                "openAPIV3Schema": [
                                    "type": "object",
                                    "x-kubernetes-preserve-unknown-fields": true,
                                ]
                            ],
                        ]
                    ],
                ],
            ])
        let things = "/apis/test.dev/v1/namespaces/default/things"
        let thing: JSONValue = [
            "apiVersion": "test.dev/v1", "kind": "Thing", "metadata": ["name": "one"], "n": 1,
        ]
        #expect(journaled.send("POST", things, thing).status == 201)
        let token = journaled.send(
            "POST", "/api/v1/namespaces/default/serviceaccounts/default/token",
            ["apiVersion": "authentication.k8s.io/v1", "kind": "TokenRequest", "spec": [:]]
        ).body[path: ["status", "token"]]?.string
        journaled.send(
            "POST", "/api/v1/namespaces/default/events",
            [
                "apiVersion": "v1", "kind": "Event", "metadata": ["name": "e"],
                "involvedObject": ["kind": "Pod", "namespace": "default", "name": "p"],
                "reason": "Test", "message": "m", "type": "Normal",
            ])
        journaled.test.pass(seconds: 10)
        var again = restarted(try Journaled.replay(journaled.bytes), at: journaled.test.now)
        #expect(again.get(things + "/one").body["n"]?.integer == 1)
        let user = again.server.authenticate(bearer: try #require(token), at: again.now)
        #expect(user?.name == "system:serviceaccount:default:default")
        #expect(again.get("/api/v1/namespaces/default/events/e").status == 200)
        again.now = again.now + .seconds(3_600)
        again.settle()
        #expect(again.get("/api/v1/namespaces/default/events/e").status == 404)
    }
}
