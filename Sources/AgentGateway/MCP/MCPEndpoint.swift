import ControlLoop
import HTTPTypes
import Hummingbird
import KubernetesCore
import ModelContextProtocol
import NIOCore
import SwiftletAPI

/// `POST /mcp`: tasks for LLM agents and other clients of the Model Context Protocol. It reads
/// what is asked, has it done with the caller's rights, and writes the answer.
struct MCPEndpoint: Sendable {
    /// How long a client that asks for a result is kept waiting, and one that calls a task off.
    private static let resultTime = Duration.seconds(MCPLimits.waitSecondsMax)
    private static let cancelTime = Duration.seconds(5)

    private let admission: Admission
    private let rights: CallerRights
    private let desk: any TaskDesk
    private let origins: Set<String>
    private let names: Set<String>?
    private let agents: AgentErrands.Tools
    private let subscriptions: Subscriptions

    /// - Parameter names: what a gateway that only this machine can reach is called; nil for any.
    init(
        admission: Admission, service: MCPService, checkpoints: any CheckpointStore,
        board: SessionBoard, waits: AgentWaits, names: Set<String>?
    ) {
        self.names = names
        self.admission = admission
        var believed = CallerRights.Limits()
        believed.goodFor = admission.limits.rightsTime
        rights = CallerRights(reviewer: service.rights, limits: believed)
        desk = service.desk
        origins = service.origins
        agents = AgentErrands.Tools(
            admission: admission, desk: service.desk, checkpoints: checkpoints,
            memories: service.memories, board: board,
            permissions: PermissionDesk(judge: service.permissions, audit: service.audit),
            waits: waits,
            places: WaitingPlaces(admission.limits.taskWaitsMax))
        subscriptions = Subscriptions(admission: admission, waits: waits)
    }

    func respond(_ request: Request, in context: GatewayContext) async throws -> Response {
        let head = MCPHead(of: request)
        if let refusal = head.refusal(origins: origins, names: names) { return .mcp(refusal) }
        let view = try await admission.view()
        let caller = try await admission.caller(of: request)
        let agent = try admission.agent(caller, from: context.peer, in: view).map {
            AgentErrands(
                agent: $0, header: request.headers[.swiftletLease], tools: agents)
        }
        let body = try await admission.body(
            of: request, bytesMax: MCPLimits.requestBytesMax,
            tooLarge: "a request has at most \(MCPLimits.requestBytesMax) bytes")
        switch MCPReader(head: head).read(body) {
        case .failure(let refusal): return .mcp(refusal.reply)
        case .success(.unanswered): return .mcp(.accepted)
        case .success(.request(let call)):
            let errands = TaskErrands(
                caller: caller, admission: admission, rights: rights, desk: desk,
                waits: agents.waits, places: agents.places)
            if case .listen(let filter) = call.call {
                return try await subscriptions.answer(
                    to: call, for: filter, in: request, on: context.channel, errands)
            }
            do {
                return .mcp(try await reply(to: call, errands, agent))
            } catch let fault as MCPFault {
                return .mcp(call.reply(fault))
            }
        }
    }

    // MARK: - Methods

    private func reply(
        to request: MCPRequest, _ errands: TaskErrands, _ agent: AgentErrands?
    ) async throws -> MCPReply {
        let tools = TaskTools.all + (agent == nil ? [] : AgentTools.all)
        if let reply = MCPServer.reply(to: request, tools: tools) { return reply }
        switch request.call {
        case .callTool(let name, let arguments, let asTask):
            if let agent, let call = AgentRequest.read(name, arguments) {
                return request.reply(try await result(of: call, agent).json)
            }
            return try await call(name, arguments, asTask, request, errands)
        case .getTask(let text):
            let task = try await task(text, errands)
            return request.reply(TaskAccount(of: task).detailed(request.era))
        case .updateTask(let text, let responses):
            try await errands.answer(try await task(text, errands), responses)
            return request.reply([:])
        case .cancelTask(let text): return try await cancelled(text, request, errands)
        case .taskResult(let text): return try await result(text, request, errands)
        case .listTasks(let cursor): return try await list(cursor, request, errands)
        case .discover, .initialize, .ping, .listTools, .listen:
            throw MCPFault(.internalError, "no answer was found")
        }
    }

    private func result(
        of call: Result<AgentRequest, ToolRequest.Refusal>, _ agent: AgentErrands
    ) async throws -> ToolResult {
        switch call {
        case .failure(let refusal): return .refused(refusal.message)
        case .success(let call): return try await agent.result(of: call)
        }
    }

    private func call(
        _ name: String, _ arguments: JSONValue, _ asTask: Bool, _ request: MCPRequest,
        _ errands: TaskErrands
    ) async throws -> MCPReply {
        let caller = MCPCaller(user: errands.caller.user)
        switch try ToolRequest.read(name, arguments, from: caller) {
        case .failure(let refusal):
            return request.reply(ToolResult.refused(refusal.message).json)
        case .success(.submit(let submission)) where asTask:
            return try await submitted(submission, request, errands)
        case .success(let tool):
            return request.reply(try await ToolCalls(errands: errands).result(of: tool).json)
        }
    }

    private func submitted(
        _ submission: TaskSubmission, _ request: MCPRequest, _ errands: TaskErrands
    ) async throws -> MCPReply {
        switch try await errands.submit(submission) {
        case .refused(let reason): return request.reply(ToolResult.refused(reason).json)
        case .task(let task): return request.reply(TaskAccount(of: task).created(request.era))
        }
    }

    private func task(_ text: String, _ errands: TaskErrands) async throws -> BackgroundTask {
        guard let handle = TaskHandle(text), let task = try await errands.task(handle) else {
            throw MCPFault.noSuchTask
        }
        return task
    }

    private func cancelled(
        _ text: String, _ request: MCPRequest, _ errands: TaskErrands
    ) async throws -> MCPReply {
        guard let handle = TaskHandle(text), let task = try await errands.cancel(handle) else {
            throw MCPFault.noSuchTask
        }
        // Newer clients want no more than a word that we have heard.
        guard !request.era.isModern else { return request.reply([:]) }
        guard !task.isFinished else {
            throw MCPFault(.invalidParams, "the task has ended already")
        }
        let end = try await errands.task(handle, within: Self.cancelTime) ?? task
        return request.reply(TaskAccount(of: end).detailed(request.era))
    }

    private func result(
        _ text: String, _ request: MCPRequest, _ errands: TaskErrands
    ) async throws -> MCPReply {
        guard let handle = TaskHandle(text),
            let task = try await errands.task(handle, within: Self.resultTime)
        else { throw MCPFault.noSuchTask }
        guard task.isFinished else {
            throw MCPFault(.internalError, "the task has not ended yet: ask again")
        }
        return request.reply(TaskAccount(of: task).payload)
    }

    /// The tasks that the caller submitted in its own namespace.
    private func list(
        _ cursor: String?, _ request: MCPRequest, _ errands: TaskErrands
    ) async throws -> MCPReply {
        let user = errands.caller.user
        guard let namespace = MCPCaller(user: user).namespace else {
            return request.reply(["tasks": []])
        }
        let listing = ToolRequest.Listing(
            namespace: namespace, after: cursor, limit: MCPLimits.pageMax)
        let page = try await errands.page(listing) {
            $0.metadata.annotations[SwiftletNames.Annotation.submittedBy] == user
        }
        let tasks = page?.tasks ?? []
        var result: JSONValue = [
            "tasks": .array(tasks.map { TaskAccount(of: $0).detailed(request.era) })
        ]
        if page?.isLast == false {
            result["nextCursor"] = tasks.last.map { .string($0.metadata.name) }
        }
        return request.reply(result)
    }
}

extension MCPHead {
    /// What the headers of a request say.
    fileprivate init(of request: Request) {
        func field(_ name: String) -> String? {
            HTTPField.Name(name).flatMap { request.headers[$0] }
        }
        self.init(
            method: request.method.rawValue, origin: field("origin"),
            host: request.head.authority,
            contentType: field("content-type"), accept: field("accept"),
            version: field("mcp-protocol-version"), named: field("mcp-method"),
            subject: field("mcp-name"))
    }
}

extension HTTPField.Name {
    /// The attempt that an agent's client is: what SWIFTLET_LEASE says.
    fileprivate static let swiftletLease: HTTPField.Name = {
        guard let name = HTTPField.Name("swiftlet-lease") else {
            preconditionFailure("swiftlet-lease is no header name")
        }
        return name
    }()
}

extension Response {
    /// An answer of the protocol.
    fileprivate static func mcp(_ reply: MCPReply) -> Response {
        guard let body = reply.body else {
            return Response(status: HTTPResponse.Status(code: reply.status))
        }
        return .json(body, status: HTTPResponse.Status(code: reply.status), fields: reply.fields)
    }
}
