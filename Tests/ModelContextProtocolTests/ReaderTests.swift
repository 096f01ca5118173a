import KubernetesCore
import Testing

@testable import ModelContextProtocol

struct ReaderTests {
    @Test(arguments: [
        ("", -32_700), ("{", -32_700), ("\u{FEFF}{}", -32_700), (#"{"a":1,"a":2}"#, -32_700),
        (String(repeating: "[", count: 65), -32_700), ("null", -32_600), ("7", -32_600),
        ("[]", -32_600), (#"[{"jsonrpc":"2.0","id":1,"method":"ping"}]"#, -32_600),
        ("{}", -32_600), (#"{"jsonrpc":"1.0","id":1,"method":"ping"}"#, -32_600),
        (#"{"jsonrpc":"2.0","id":1}"#, -32_600),
        (#"{"jsonrpc":"2.0","id":1,"method":7}"#, -32_600),
        (#"{"jsonrpc":"2.0","id":null,"method":"ping"}"#, -32_600),
        (#"{"jsonrpc":"2.0","id":{},"method":"ping"}"#, -32_600),
        (#"{"jsonrpc":"2.0","id":true,"method":"ping"}"#, -32_600),
        (#"{"jsonrpc":"2.0","id":1,"method":"ping","params":[]}"#, -32_602),
        (#"{"jsonrpc":"2.0","id":1,"method":"ping","params":"x"}"#, -32_602),
    ])
    func `what is no request is refused with a code`(text: String, code: Int) {
        let outcome = Messages.read(Array(text.utf8))
        #expect(outcome.code == code)
        #expect(outcome.status == 400)
    }

    @Test func `a body above the limit is not parsed`() {
        let text = "[" + String(repeating: " ", count: MCPLimits.requestBytesMax) + "]"
        #expect(Messages.read(Array(text.utf8)).code == -32_700)
    }

    @Test func `an id above the limit is refused, and is not sent back`() {
        let long = JSONValue.string(String(repeating: "x", count: 257))
        #expect(
            Messages.read(Messages.legacy("ping", id: long))
                == .fault(-32_600, status: 400, id: .null))
    }

    @Test func `an error names the request that it is about`() {
        let outcome = Messages.read(Messages.legacy("nothing", id: "seven"))
        #expect(outcome == .fault(-32_601, status: 200, id: "seven"))
    }

    // MARK: - Generations

    @Test func `a request with a version in its meta is of the newer generation`() {
        let outcome = Messages.read(
            Messages.modern("server/discover"), Messages.head("server/discover"))
        #expect(outcome == .request(MCPRequest(id: 1, era: .modern, call: .discover)))
    }

    @Test(arguments: [nil, "2025-03-26", "2025-06-18", "2025-11-25"])
    func `a request without one is of the older generation`(version: String?) {
        let outcome = Messages.read(Messages.legacy("ping"), MCPHead(version: version))
        let era = MCPEra.legacy(version: version ?? "2025-03-26")
        #expect(outcome == .request(MCPRequest(id: 1, era: era, call: .ping)))
    }

    @Test(arguments: ["2024-01-01", "", "2026-07-29", "x"])
    func `a version that is not spoken is refused, and what is spoken is said`(version: String) {
        let old = Messages.read(Messages.legacy("ping"), MCPHead(version: version))
        #expect(old.code == -32_022)
        let body = Messages.modern("ping", version: .string(version))
        guard
            case .failure(let refusal) = MCPReader(head: MCPHead(version: version)).read(
                body.encoded())
        else {
            Issue.record("it was read")
            return
        }
        #expect(refusal.fault.data?["requested"] == .string(version))
        #expect(refusal.fault.data?["supported"] == ["2026-07-28"])
        let header = Messages.read(body, Messages.head("ping"))
        #expect(header == .fault(-32_020, status: 400, id: 1))
    }

    @Test func `a handshake begins whatever the headers say`() {
        let body = Messages.legacy("initialize", ["protocolVersion": "2025-11-25"])
        for version in [nil, "2026-07-28", "1999-01-01"] {
            let outcome = Messages.read(body, MCPHead(version: version))
            #expect(outcome.call == .initialize(requested: "2025-11-25"))
        }
        // A request that says in its meta that it is of the newer generation begins nothing.
        let newer = Messages.modern("initialize", ["protocolVersion": "2026-07-28"])
        let outcome = Messages.read(newer, Messages.head("initialize"))
        #expect(outcome == .fault(-32_601, status: 404, id: 1))
    }

    @Test func `meta that is not whole is refused`() {
        let head = Messages.head("tools/list")
        #expect(Messages.read(Messages.modern("tools/list", version: 7), head).code == -32_602)
        #expect(
            Messages.read(Messages.modern("tools/list", capabilities: nil), head).code == -32_602)
        #expect(
            Messages.read(Messages.modern("tools/list", capabilities: "all"), head).code
                == -32_602)
        // The header says that it is of the newer generation, the body nothing.
        #expect(Messages.read(Messages.legacy("tools/list"), head).code == -32_602)
    }

    @Test(arguments: ["ping", "initialize2", "tasks/list", "tasks/result", "logging/setLevel"])
    func `methods of the older generation are unknown to the newer one`(method: String) {
        let params: JSONValue = ["taskId": "a/b/c"]
        let outcome = Messages.read(
            Messages.modern(method, params, capabilities: Messages.knowingTasks),
            Messages.head(method))
        #expect(outcome.code == -32_601)
        #expect(outcome.status == 404)
    }

    @Test(arguments: ["server/discover", "tasks/update", "resources/list", "nothing"])
    func `methods of the newer generation are unknown to the older one`(method: String) {
        let outcome = Messages.read(Messages.legacy(method, ["taskId": "a/b/c"]))
        #expect(outcome.code == -32_601)
        #expect(outcome.status == 200)
    }

    // MARK: - Headers

    @Test func `headers and body have to agree`() {
        let call = Messages.modern("tools/call", ["name": "get_task"])
        let good = Messages.head("tools/call", name: "get_task")
        #expect(Messages.read(call, good).call != nil)
        var heads: [MCPHead] = []
        for edit in [
            { $0.version = nil }, { $0.version = "2025-11-25" }, { $0.named = nil },
            { $0.named = "tools/list" }, { $0.subject = nil }, { $0.subject = "submit_task" },
            { $0.subject = "=?base64?!!?=" },
        ] as [(inout MCPHead) -> Void] {
            var head = good
            edit(&head)
            heads.append(head)
        }
        for head in heads {
            let outcome = Messages.read(call, head)
            #expect(outcome == .fault(-32_020, status: 400, id: 1), "\(head)")
        }
        var wrapped = good
        wrapped.subject = "=?base64?Z2V0X3Rhc2s=?="
        #expect(Messages.read(call, wrapped).call != nil)
    }

    @Test func `a task's handle may be missing in the headers, but not be another`() {
        let body = Messages.modern(
            "tasks/get", ["taskId": "a/b/c"], capabilities: Messages.knowingTasks)
        #expect(Messages.read(body, Messages.head("tasks/get")).call == .getTask("a/b/c"))
        #expect(
            Messages.read(body, Messages.head("tasks/get", name: "a/b/c")).call
                == .getTask("a/b/c"))
        #expect(Messages.read(body, Messages.head("tasks/get", name: "a/b/d")).code == -32_020)
    }

    // MARK: - Tasks

    @Test(arguments: ["tasks/get", "tasks/update", "tasks/cancel"])
    func `tasks are for clients that say they know them`(method: String) {
        let params: JSONValue = ["taskId": "a/b/c", "inputResponses": [:]]
        let body = Messages.modern(method, params)
        guard
            case .failure(let refusal) = MCPReader(head: Messages.head(method)).read(
                body.encoded())
        else {
            Issue.record("it was read")
            return
        }
        #expect(refusal.fault.code == .missingCapability)
        #expect(
            refusal.fault.data?[path: ["requiredCapabilities", "extensions", Messages.tasks]]
                == [:])
    }

    @Test func `a call is answered with a task where the client says that it can be`() {
        func asTask(_ outcome: Messages.Outcome) -> Bool? {
            if case .callTool(_, _, let asTask)? = outcome.call { asTask } else { nil }
        }
        let params: JSONValue = ["name": "submit_task", "task": ["ttl": 60_000]]
        let head = Messages.head("tools/call", name: "submit_task")
        #expect(asTask(Messages.read(Messages.modern("tools/call", params), head)) == false)
        let old = Messages.modern(
            "tools/call", params, capabilities: ["tasks": ["requests": [:]]])
        #expect(asTask(Messages.read(old, head)) == false)
        let knowing = Messages.modern(
            "tools/call", params, capabilities: Messages.knowingTasks)
        #expect(asTask(Messages.read(knowing, head)) == true)
        #expect(asTask(Messages.read(Messages.legacy("tools/call", params))) == true)
        #expect(
            asTask(Messages.read(Messages.legacy("tools/call", ["name": "submit_task"]))) == false)
    }

    @Test(arguments: [
        "notifications/initialized", "notifications/cancelled", "notifications/anything",
    ])
    func `notifications and stray responses want no answer`(method: String) {
        #expect(Messages.read(Messages.legacy(method, id: nil)) == .unanswered)
        let modern = Messages.modern(method, id: nil, capabilities: nil)
        #expect(Messages.read(modern, Messages.head(method)) == .unanswered)
        #expect(
            Messages.read(["jsonrpc": "2.0", "id": 3, "result": [:]], MCPHead()) == .unanswered)
    }

    @Test func `whatever the bytes are, reading ends with a message or an error`() {
        let seed: [UInt8] = Messages.modern(
            "tools/call", ["name": "submit_task", "arguments": ["command": ["x"]]]
        ).encoded()
        var state: UInt64 = 20_261_121
        func next(_ bound: Int) -> Int {
            state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            return Int(state >> 33) % bound
        }
        var refused = 0
        for _ in 0..<2_000 {
            var bytes = seed
            for _ in 0...next(4) {
                switch next(3) {
                case 0: bytes[next(bytes.count)] = UInt8(next(256))
                case 1: bytes.remove(at: next(bytes.count))
                default: bytes.insert(UInt8(next(256)), at: next(bytes.count))
                }
            }
            let head = Messages.head("tools/call", name: "submit_task")
            if Messages.read(bytes, head).code != nil { refused += 1 }
        }
        #expect(refused > 1_000, "seed 20261121")
    }
}
