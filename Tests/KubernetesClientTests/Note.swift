import CurlTransport
import KubernetesClient
import KubernetesCore
import LoopbackTesting
import Testing

/// A small kind for tests.
struct Note: KubeObject {
    static let type = ResourceType(
        group: "test.dev", version: "v1", kind: "Note", plural: "notes")
    let metadata: ObjectMeta
    let text: String

    init(reading node: JSONNode) throws(JSONError) {
        metadata = try ObjectMeta(reading: try node.required("metadata"))
        text = try node.required("text").string()
    }

    init(_ name: String, version: Int, text: String) {
        metadata = ObjectMeta(
            name: name, namespace: "ns", uid: UID("u-" + name),
            resourceVersion: ResourceVersion(String(version)))
        self.text = text
    }

    /// The object as a server writes it.
    static func json(_ name: String, version: Int, text: JSONValue) -> JSONValue {
        [
            "apiVersion": "test.dev/v1", "kind": "Note", "text": text,
            "metadata": [
                "name": .string(name), "namespace": "ns", "uid": .string("u-" + name),
                "resourceVersion": .string(String(version)),
                "managedFields": [["manager": "somebody", "fieldsV1": ["f:text": [:]]]],
            ],
        ]
    }

    /// One line of a watch.
    static func line(_ type: String, _ object: JSONValue) -> String {
        JSONValue.object(["type": .string(type), "object": object]).text + "\n"
    }
}

/// One transport for all tests.
let sharedTransport: Result<CurlTransport, TransportError> = Result {
    () throws(TransportError) in try CurlTransport()
}

/// A client of a server on the loopback interface.
func client(
    _ server: LoopbackServer, _ change: (inout ClientConfiguration) -> Void = { _ in }
) throws -> KubernetesClient {
    var configuration = ClientConfiguration(
        server: try #require(HTTPServer("http://127.0.0.1:\(server.port)")))
    configuration.callTimeLimit = .seconds(60)
    change(&configuration)
    return KubernetesClient(configuration: configuration, transport: try sharedTransport.get())
}

/// The error that `body` throws; a failure of the test where it throws none.
func apiError(_ body: () async throws(APIError) -> some Sendable) async throws -> APIError {
    let value: any Sendable
    do throws(APIError) {
        value = try await body()
    } catch {
        return error
    }
    Issue.record("no error, but \(value)")
    throw Unexpected()
}

struct Unexpected: Error {}
