import AgentProtocol
import CurlTransport
import KubernetesCore

/// Agents that call a gateway as runners do and run nothing: in a process of their own, so that
/// what they cost is not counted as the gateway's.
struct GatewayBenchAgents: Sendable {
    let count: Int
    let heartbeatSeconds: Int
    let server: HTTPServer
    let transport: CurlTransport

    /// Calls until the task is cancelled; fails where an agent is refused.
    func run() async throws {
        try await withThrowingDiscardingTaskGroup { group in
            for number in 0..<count { group.addTask { try await run(number) } }
        }
    }

    private func run(_ number: Int) async throws {
        var sequence = 0
        var reports: [LeaseReport] = []
        while !Task.isCancelled {
            sequence += 1
            let request = SyncRequest(
                namespace: GatewayBenchWorld.namespace, pod: GatewayBenchWorld.pod(number),
                instance: "bench", sequence: sequence, slots: 1, waitSeconds: heartbeatSeconds,
                usage: .init(cpuMillis: 5, memoryBytes: 20 << 20, diskBytes: 1 << 20),
                reports: reports)
            let reply = try await call(request, number)
            reports = reply.leases.map { LeaseReport(id: $0.id, desired: $0.desired) }
        }
    }

    private func call(_ request: SyncRequest, _ number: Int) async throws -> SyncReply {
        var message = HTTPRequest(
            method: .post, target: "/v1/sync", body: request.json.encoded())
        message.fields["authorization"] = "Bearer " + GatewayBenchWorld.token(number)
        message.fields["content-type"] = "application/json"
        let options = TransferOptions(
            lane: .streams, connect: .seconds(60), head: .seconds(heartbeatSeconds + 60),
            total: .seconds(heartbeatSeconds + 90), idle: nil, acceptsCompression: false)
        let response = try await transport.send(message, to: server, options)
        let body = try await response.body.collect(bytesMax: ProtocolLimits.messageBytesMax)
        guard response.head.status == 200 else {
            throw CommandFailure(
                "the gateway refused agent \(number): \(response.head.status) "
                    + String(decoding: body.prefix(300), as: UTF8.self))
        }
        return try SyncReply(parsing: body)
    }
}
