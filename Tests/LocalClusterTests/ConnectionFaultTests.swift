import Locking
import Logging
import NIOCore
import NIOSSL
import Testing

@testable import LocalCluster

struct ConnectionFaultTests {
    @Test func `a kind of fault is told at once, and then once a minute with its number`() {
        var pace = FaultPace()
        let start = ContinuousClock.now
        #expect(pace.take(.tls, at: start) == 0)
        #expect(pace.take(.tls, at: start + .seconds(1)) == nil)
        #expect(pace.take(.broken, at: start + .seconds(1)) == 0, "each kind for itself")
        #expect(pace.take(.tls, at: start + .seconds(59)) == nil)
        #expect(pace.take(.tls, at: start + .seconds(60)) == 2)
        #expect(pace.take(.tls, at: start + .seconds(61)) == nil)
        #expect(pace.take(.tls, at: start + .seconds(500)) == 1)
    }

    @Test func `what is kept of kinds has a bound`() {
        var pace = FaultPace()
        let start = ContinuousClock.now
        let told = (0..<1_000).count { pace.take(.other("\($0)"), at: start) != nil }
        #expect(told == FaultPace.kindsMax)
    }

    @Test func `errors are sorted into kinds, and ordinary ends are none`() {
        struct Odd: Error {}
        let cases: [(any Error, ConnectionFault?)] = [
            (NIOSSLError.uncleanShutdown, nil), (NIOSSLError.noCertificateToValidate, .tls),
            (BoringSSLError.invalidSNIName([]), .tls), (ChannelError.eof, nil),
            (ChannelError.inputClosed, nil), (Odd(), .other("Odd")),
            (IOError(errnoCode: 104, reason: "read"), .broken),
            (IOError(errnoCode: 24, reason: "accept"), .other("IOError")),
        ]
        for (error, fault) in cases { #expect(ConnectionFault(error) == fault, "\(error)") }
    }
}

extension LimitTests {
    @Test func `connections that fail are told, each kind once`() async throws {
        let lines = LineLog.Lines()
        var log = Logger(label: "test") { _ in LineLog(lines: lines) }
        log.logLevel = .warning
        var limits = ConnectionLimits()
        limits.headTime = .seconds(1)
        try await withServer(limits, log: log) { server in
            for _ in 0..<3 {
                let noise = try await RawConnection.open(port: server.port, authorityPEM: nil)
                noise.send("GET / HTTP/1.1\r\n\r\n")
                _ = try await noise.untilClosed()
                let silent = try await server.connect()
                _ = try await silent.untilClosed()
            }
            #expect(lines.all.count { $0.contains("a TLS connection failed") } == 1)
            #expect(lines.all.count { $0.contains("did not come in time") } == 1)
            #expect(lines.all.count == 2, "\(lines.all)")
        }
    }
}

/// Keeps log messages for a test.
struct LineLog: LogHandler {
    final class Lines: Sendable {
        private let lines = Mutex<[String]>([])
        var all: [String] { lines.withLock { $0 } }
        func add(_ line: String) { lines.withLock { $0.append(line) } }
    }

    let lines: Lines
    var logLevel = Logger.Level.debug
    var metadata: Logger.Metadata = [:]

    subscript(metadataKey key: String) -> Logger.Metadata.Value? {
        get { metadata[key] }
        set { metadata[key] = newValue }
    }

    func log(event: LogEvent) { lines.add("\(event.message)") }
}
