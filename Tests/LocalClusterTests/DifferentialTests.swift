import APIServerModel
import CurlTransport
import Foundation
import KubernetesCore
import Logging
import Testing

@testable import LocalCluster

/// The same requests to the model in this process and over the socket get the same answers, but for
/// times, identities and versions.
@Suite(.serialized, .timeLimit(.minutes(2))) struct DifferentialTests {
    private struct Answer: Equatable {
        var status: Int
        var type: String
        var body: String
    }

    private static let token = "differential"

    @Test(arguments: [UInt64(1), 2, 3])
    func `model and socket answer alike`(seed: UInt64) async throws {
        let folder = "/var/tmp/swiftlet-diff-" + UUID().uuidString
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(atPath: folder) }
        var log = Logger(label: "test")
        log.logLevel = .critical
        let (ready, signal) = AsyncStream.makeStream(
            of: String.self, bufferingPolicy: .bufferingNewest(1))
        var configuration = LocalCluster.Configuration(
            kubeconfigPath: folder + "/kubeconfig", workPath: folder)
        configuration.token = DifferentialTests.token
        configuration.hasNode = false
        configuration.initialObjects = [RandomRequests.definition]
        let cluster = LocalCluster(configuration, log: log) { signal.yield($0) }
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask {
                do { try await cluster.run() } catch is CancellationError { return }
            }
            group.addTask {
                for await url in ready {
                    try await DifferentialTests.compare(
                        url, kubeconfig: folder + "/kubeconfig", seed: seed)
                    return
                }
            }
            try await group.next()
            group.cancelAll()
            try await group.waitForAll()
        }
    }

    private static func compare(_ url: String, kubeconfig: String, seed: UInt64) async throws {
        let text = try Data(contentsOf: URL(filePath: kubeconfig))
        let config = try JSONValue(parsing: Array(text))
        let encoded =
            config["clusters"]?[0]?["cluster"]?["certificate-authority-data"]?.string ?? ""
        let authority = try #require(Data(base64Encoded: encoded))
        var tls = TLSOptions()
        tls.authorities = Array(authority)
        let server = try #require(HTTPServer(url, tls: tls))
        let transport = try CurlTransport()
        var model = APIServer(configuration: APIServerConfiguration(adminToken: token))
        _ = model.handle(
            ServerRequest(
                method: "POST",
                path: "/apis/apiextensions.k8s.io/v1/customresourcedefinitions",
                body: RandomRequests.definition.encoded(), clientIdentity: .administrator),
            at: WallClock.time)
        var requests = RandomRequests(seed: seed)
        for index in 0..<150 {
            let request = requests.next()
            let own = answer(&model, request)
            let other = try await answer(transport, server, request)
            #expect(
                own == other,
                """
                seed \(seed), request \(index): \(request.method) \(request.target) \
                \(String(decoding: request.body, as: UTF8.self))
                """)
        }
    }

    private static func answer(
        _ model: inout APIServer, _ request: RandomRequests.Request
    ) -> Answer {
        var headers = [("authorization", "Bearer " + token)]
        if let type = request.type { headers.append(("content-type", type)) }
        if let accept = request.accept { headers.append(("accept", accept)) }
        let reply = model.handle(
            ServerRequest(
                method: request.method.rawValue, path: request.target, headers: headers,
                body: request.body), at: WallClock.time)
        _ = model.tick(at: WallClock.time)
        guard case .response(let status, let fields, let body) = reply else {
            return Answer(status: 0, type: "", body: "a stream")
        }
        let type = fields.first { $0.0 == "content-type" }?.1 ?? ""
        return Answer(status: status, type: type, body: normalised(body))
    }

    private static func answer(
        _ transport: CurlTransport, _ server: HTTPServer, _ request: RandomRequests.Request
    ) async throws -> Answer {
        var fields = HTTPFields()
        fields["authorization"] = "Bearer " + token
        if let type = request.type { fields["content-type"] = type }
        fields["accept"] = request.accept ?? "*/*"
        let response = try await transport.send(
            HTTPRequest(
                method: request.method, target: request.target, fields: fields,
                body: request.body), to: server, .call)
        let body = try await response.body.collect(bytesMax: 1 << 20)
        return Answer(
            status: response.head.status, type: response.head.fields["content-type"] ?? "",
            body: normalised(body))
    }

    /// A body without what differs between two servers: times, identities, versions, random names.
    private static func normalised(_ body: [UInt8]) -> String {
        guard let value = try? JSONValue(parsing: body) else {
            return String(decoding: body, as: UTF8.self)
        }
        return plain(value, key: "").text
    }

    private static func plain(_ value: JSONValue, key: String) -> JSONValue {
        switch value {
        case .object(let members):
            let prefix = members["generateName"]?.string
            return .object(
                JSONObject(
                    members.map { name, member in
                        if name == "name", let prefix, member.string?.hasPrefix(prefix) == true {
                            return (name, "<generated>")
                        }
                        return (name, plain(member, key: name))
                    }))
        case .array(let elements):
            // The cells of tables hold ages and random names; their number must agree.
            if key == "cells" { return .int(elements.count) }
            let members = elements.map { plain($0, key: key) }
            // Managers stand in the order of their times, to the second: where one of the servers
            // has just begun another second, the order is another.
            return .array(
                key == "managedFields" ? members.sorted { $0.text < $1.text } : members)
        case .string(let text):
            let known = [
                "uid", "resourceVersion", "creationTimestamp", "time", "lastTransitionTime",
                "continue", "storageVersionHash", "ca.crt",
            ]
            if known.contains(key) { return text.isEmpty && key != "ca.crt" ? value : "<set>" }
            let named = text.replacing(/g-[a-z0-9]{5}/, with: "<generated>")
            return .string(key == "message" ? masked(named) : named)
        default: return value
        }
    }

    /// A message without the identities, times and versions that it may state.
    private static func masked(_ message: String) -> String {
        message.replacing(/[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}/, with: "<uid>")
            .replacing(/[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9:]{8}Z/, with: "<time>")
            .replacing(/[0-9]{3,}/, with: "<number>")
    }
}
