import KubernetesCore
import SwiftletAPI
import Testing

@testable import ModelContextProtocol

struct AgentToolTests {
    private func refusal(_ tool: String, _ arguments: JSONValue) -> String? {
        guard case .failure(let refusal)? = AgentRequest.read(tool, arguments) else { return nil }
        return refusal.message
    }

    @Test(
        arguments: [
            ("report_progress", [:], "percent"), ("report_progress", ["percent": 101], "percent"),
            (
                "report_progress",
                ["percent": 1, "message": .string(String(repeating: "x", count: 257))],
                "message"
            ),
            ("save_checkpoint", [:], "state"), ("recall", ["query": ""], "query"),
            ("recall", ["query": "x", "limit": 21], "limit"),
            ("complete_task", ["result": 1, "failure": "x"], "failure"),
            ("complete_task", ["result": .string(String(repeating: "x", count: 33_000))], "result"),
            ("request_permission", [:], "action"), ("remember", ["txt": "x"], "text"),
            ("remember", ["text": .string(String(repeating: "é", count: 4_000))], "text"),
        ] as [(String, JSONValue, String)])
    func `wrong arguments are told to the model by their name`(
        tool: String, arguments: JSONValue, named: String
    ) {
        let message = refusal(tool, arguments)
        #expect(message?.contains(named) == true, "\(message ?? "none")")
    }

    @Test func `tools of submitters are none of an agent's`() {
        for tool in TaskTools.all { #expect(AgentRequest.read(tool.name, [:]) == nil) }
        let names = Set((TaskTools.all + AgentTools.all).map(\.name))
        #expect(names.count == TaskTools.all.count + AgentTools.all.count)
    }

    // MARK: - Permissions

    private func task(_ annotations: [String: String], attempt: Int = 2) -> BackgroundTask {
        Messages.task(.running) {
            $0.status.attempt = attempt
            $0.metadata.annotations = annotations
        }
    }

    @Test func `a permission comes back as it was asked`() {
        let request = PermissionRequest(action: "deploy", reason: "\"quoted\"\n")
        let asked = TaskPermission(
            key: request.key(digest: Messages.digest), request: request, attempt: 2)
        var annotations = [asked.annotation.key: asked.annotation.value]
        #expect(TaskPermission.open(on: task(annotations)) == [asked])
        #expect(TaskPermission.open(on: task(annotations, attempt: 3)).isEmpty)
        annotations[TaskPermission.answered + asked.key] = "perhaps"
        #expect(TaskPermission.open(on: task(annotations)) == [asked])
        annotations[TaskPermission.answered + asked.key] = "deny"
        #expect(TaskPermission.open(on: task(annotations)).isEmpty)
        #expect(TaskPermission.all(on: task(annotations)).first?.answer == .deny)
    }

    @Test func `annotations that somebody else wrote break nothing`() {
        var annotations = [
            "swiftlet.dev/permission.": "{}", "swiftlet.dev/permission.a": "nothing",
            "swiftlet.dev/permission.b": "[1]",
            "swiftlet.dev/permission.c": #"{"action":7,"attempt":1}"#,
            "swiftlet.dev/permission.d": String(repeating: "x", count: 200_000),
        ]
        #expect(TaskPermission.all(on: task(annotations)).isEmpty)
        for number in 0..<100 {
            annotations["swiftlet.dev/permission.z\(number)"] = #"{"action":"x","attempt":2}"#
        }
        #expect(TaskPermission.all(on: task(annotations)).count <= TaskPermission.countMax)
    }

    @Test(
        arguments: [
            (["action": "accept", "content": ["allow": true]], .allow),
            (["action": "accept", "content": ["allow": false]], .deny),
            (["action": "decline"], .deny), (["action": "cancel"], nil), ([:], nil),
            (["action": "accept"], nil), (["action": "accept", "content": ["allow": "yes"]], nil),
            ("accept", nil),
        ] as [(JSONValue, TaskPermission.Answer?)])
    func `only a clear answer decides`(response: JSONValue, answer: TaskPermission.Answer?) {
        #expect(TaskPermission.answer(in: response) == answer)
    }

    @Test func `a task that waits for a permission says what for`() {
        let asked = TaskPermission(
            key: "k", request: PermissionRequest(action: "deploy", reason: "now"), attempt: 2)
        let waiting = task([asked.annotation.key: asked.annotation.value])
        let detailed = TaskAccount(of: waiting).detailed(.modern)
        #expect(detailed["status"] == "input_required")
        #expect(detailed["inputRequests"]?["k"]?["params"]?["mode"] == "form")
        #expect(
            TaskAccount(of: waiting).json()["waitsForPermission"]?[0]?["action"] == "deploy")
    }

    // MARK: - Memory

    private func book(_ texts: [String]) -> MemoryBook {
        var book = MemoryBook()
        for (index, text) in texts.enumerated() {
            book.take(
                .init(
                    key: nil, text: text, time: Timestamp(seconds: Int64(index)), task: "t"))
        }
        return book
    }

    @Test func `the most telling words decide, then the newest`() {
        let book = book([
            "the build needs curl", "the tests need time", "the build is slow",
            "a note about nothing",
        ])
        #expect(
            book.recall("build curl", limit: 5).map(\.text) == [
                "the build needs curl", "the build is slow",
            ])
        #expect(book.recall("the", limit: 1).map(\.text) == ["the build is slow"])
        #expect(book.recall("TESTS!", limit: 5).map(\.text) == ["the tests need time"])
        #expect(book.recall("", limit: 5).isEmpty)
        #expect(book.recall("absent", limit: 5).isEmpty)
    }

    @Test func `a book comes back as it was written, and a broken one is refused`() throws {
        var book = book(["one", "two"])
        book.take(.init(key: "k", text: "x", time: Timestamp(seconds: 9), task: "t"))
        #expect(try MemoryBook(parsing: book.encoded) == book)
        #expect(try MemoryBook(parsing: MemoryBook().encoded).memories.isEmpty)
        for text in ["", "{", "[]", "{}", #"{"memories":1}"#, #"{"memories":[{}]}"#] {
            #expect(throws: JSONError.self, "\(text)") {
                try MemoryBook(parsing: Array(text.utf8))
            }
        }
    }

    @Test func `a name is kept once, and the oldest go where there is no room`() {
        var book = MemoryBook()
        for number in 0..<600 {
            book.take(
                .init(
                    key: "k\(number % 590)", text: "text \(number)",
                    time: Timestamp(seconds: Int64(number)), task: "t"))
        }
        #expect(book.memories.count == MemoryBook.countMax)
        #expect(book.memories.last?.text == "text 599")
        var large = MemoryBook()
        for number in 0..<200 {
            large.take(
                .init(
                    key: nil, text: "\(number)" + String(repeating: "x", count: 4_000),
                    time: Timestamp(seconds: 1), task: "t"))
        }
        #expect(large.encoded.count <= MemoryBook.bytesMax)
        #expect(large.memories.last?.text.hasPrefix("199") == true)
    }
}
