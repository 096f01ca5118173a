import Glibc
import KubernetesRuntime
import ServiceLifecycle
import UnixSignals

/// Writes what the flight recorder holds to standard error whenever the process gets SIGUSR1, a
/// JSON object a line: `kubectl exec … kill -USR1 1`, or `kill -USR1` beside a local operator.
struct FlightDump: Service {
    let flights: FlightRecorder

    func run() async throws {
        await cancelWhenGracefulShutdown {
            for await _ in await UnixSignalsSequence(trapping: .sigusr1) {
                var rest = Array(flights.text().utf8)[...]
                while !rest.isEmpty {
                    let written = rest.withUnsafeBytes { write(2, $0.baseAddress, $0.count) }
                    guard written > 0 else { break }
                    rest = rest.dropFirst(written)
                }
            }
        }
    }
}
