import CurlTransport
import KubernetesCore
import LoopbackTesting
import Testing

/// One transport for all tests, as a program has one.
let sharedTransport: Result<CurlTransport, TransportError> = Result {
    () throws(TransportError) in try CurlTransport()
}

/// Limits that a slow machine keeps: tests wait for none of them unless they are about it.
extension TransferOptions {
    static func quick(_ lane: Lane, _ change: (inout TransferOptions) -> Void = { _ in })
        -> TransferOptions
    {
        var options = TransferOptions(
            lane: lane, connect: .seconds(60), head: .seconds(60), total: .seconds(120), idle: nil)
        change(&options)
        return options
    }
}

extension LoopbackServer {
    /// This server's address.
    var address: HTTPServer {
        get throws { try #require(HTTPServer("http://127.0.0.1:\(port)")) }
    }
}

extension ByteStream {
    /// The whole body as text.
    func text() async throws(TransportError) -> String {
        String(decoding: try await collect(bytesMax: 256 << 20), as: UTF8.self)
    }
}

/// The error that `body` throws; a failure of the test where it throws none.
func transportError(
    _ body: () async throws(TransportError) -> some Sendable
) async throws -> TransportError {
    let value: any Sendable
    do throws(TransportError) {
        value = try await body()
    } catch {
        return error
    }
    Issue.record("no error, but \(value)")
    throw Unexpected()
}

struct Unexpected: Error {}
