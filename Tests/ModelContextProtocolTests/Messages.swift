import KubernetesCore
import SwiftletAPI

@testable import ModelContextProtocol

/// Messages and tasks for these tests.
enum Messages {
    static let tasks = MCPServer.tasksExtension

    /// The body of a request of the newer generation.
    static func modern(
        _ method: String, _ params: JSONValue = [:], id: JSONValue? = 1,
        version: JSONValue? = "2026-07-28", capabilities: JSONValue? = [:]
    ) -> JSONValue {
        var params = params
        var meta: JSONValue = params["_meta"] ?? [:]
        meta["io.modelcontextprotocol/protocolVersion"] = version
        meta["io.modelcontextprotocol/clientCapabilities"] = capabilities
        params["_meta"] = meta
        return legacy(method, params, id: id)
    }

    /// Capabilities of a client that knows tasks.
    static let knowingTasks: JSONValue = ["extensions": [tasks: [:]]]

    /// The body of a request of the older generation.
    static func legacy(
        _ method: String, _ params: JSONValue = [:], id: JSONValue? = 1
    ) -> JSONValue {
        var body: JSONValue = [
            "jsonrpc": "2.0", "method": .string(method), "params": params,
        ]
        body["id"] = id
        return body
    }

    /// Headers that fit a request of the newer generation.
    static func head(_ method: String, name: String? = nil) -> MCPHead {
        MCPHead(version: "2026-07-28", named: method, subject: name)
    }

    /// What became of reading a body.
    static func read(_ body: JSONValue, _ head: MCPHead = MCPHead()) -> Outcome {
        read(body.encoded(), head)
    }

    static func read(_ body: [UInt8], _ head: MCPHead = MCPHead()) -> Outcome {
        switch MCPReader(head: head).read(body) {
        case .success(.request(let request)): .request(request)
        case .success(.unanswered): .unanswered
        case .failure(let refusal):
            .fault(refusal.fault.code.rawValue, status: refusal.fault.status, id: refusal.id)
        }
    }

    /// What a body was read as.
    enum Outcome: Hashable {
        case request(MCPRequest)
        case unanswered
        case fault(Int, status: Int, id: JSONValue)

        var call: MCPRequest.Call? {
            if case .request(let request) = self { request.call } else { nil }
        }

        var code: Int? { if case .fault(let code, _, _) = self { code } else { nil } }

        var status: Int? { if case .fault(_, let status, _) = self { status } else { nil } }
    }

    /// A task in a phase.
    static func task(
        _ phase: TaskPhase, _ edit: (inout BackgroundTask) -> Void = { _ in }
    ) -> BackgroundTask {
        var task = BackgroundTask(
            metadata: ObjectMeta(
                name: "t", namespace: "shop", uid: UID("786512e2-0001"),
                creationTime: Timestamp(seconds: 1_000)))
        task.status.phase = phase
        if task.isFinished { task.status.completionTime = Timestamp(seconds: 1_060) }
        edit(&task)
        return task
    }

    /// A digest that is good enough for tests: hexadecimal digits, different for different texts.
    static func digest(_ text: String) -> String {
        let hash = text.utf8.reduce(UInt64(1_469_598_103_934_665_603)) {
            ($0 ^ UInt64($1)) &* 1_099_511_628_211
        }
        let digits = String(hash, radix: 16)
        let whole = String(repeating: "0", count: 16 - digits.count) + digits
        return whole + whole + whole + whole
    }
}
