import ControlLoop
import KubernetesCore
import ModelContextProtocol
import SwiftletAPI

/// Carries calls of tools out.
struct ToolCalls: Sendable {
    private static let unknown = ToolResult.refused(MCPFault.noSuchTask.message)

    let errands: TaskErrands

    func result(of tool: ToolRequest) async throws -> ToolResult {
        switch tool {
        case .submit(let submission):
            switch try await errands.submit(submission) {
            case .refused(let reason): return .refused(reason)
            case .task(let task): return ToolResult(TaskAccount(of: task).json())
            }
        case .get(let handle): return told(try await errands.task(handle))
        case .wait(let handle, let seconds):
            return told(try await errands.task(handle, within: .seconds(seconds)))
        case .cancel(let handle):
            guard try await errands.cancel(handle) != nil else { return Self.unknown }
            return told(
                try await errands.task(handle, within: .seconds(2)) {
                    $0.isFinished || $0.spec.state == .cancelled
                })
        case .list(let listing): return try await list(listing)
        case .pools(let namespace): return try await pools(namespace)
        case .logs(let handle, let lines): return try await logs(handle, lines)
        }
    }

    private func told(_ task: BackgroundTask?) -> ToolResult {
        task.map { ToolResult(TaskAccount(of: $0).json()) } ?? Self.unknown
    }

    private func list(_ listing: ToolRequest.Listing) async throws -> ToolResult {
        guard let page = try await errands.page(listing) else {
            return .refused("namespace: you may not list its tasks, or there is no such namespace")
        }
        var result: JSONValue = [
            "tasks": .array(page.tasks.map { TaskAccount(of: $0).json(brief: true) })
        ]
        if !page.isLast {
            result["nextCursor"] = page.tasks.last.map { .string($0.metadata.name) }
        }
        return ToolResult(result)
    }

    private func pools(_ namespace: String) async throws -> ToolResult {
        guard let pools = try await errands.pools(for: namespace) else {
            return .refused(
                "namespace: you may not submit tasks there, or there is no such namespace")
        }
        return ToolResult(["pools": .array(pools.map { PoolAccount(of: $0).json })])
    }

    private func logs(_ handle: TaskHandle, _ lines: Int) async throws -> ToolResult {
        guard let task = try await errands.task(handle) else { return Self.unknown }
        let log = try await errands.log(of: task, lines: lines)
        return ToolResult([
            "taskId": .string(TaskHandle(of: task).description), "lines": .strings(log.lines),
            "source": .string(log.source),
        ])
    }
}
