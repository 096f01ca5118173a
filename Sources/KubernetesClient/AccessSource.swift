import CurlTransport
import KubernetesCore

/// Keeps the access of one client fresh. Files are read and plugins run on threads of their own,
/// once at a time, however many requests wait for the result.
actor AccessSource {
    private typealias Waiter = CheckedContinuation<Result<Access, TransportError>, Never>

    private let configuration: ClientConfiguration
    private var current: Access?
    /// Whether `current` was refused and must not be used again.
    private var isRejected = false
    private var isRenewing = false
    private var waiters: [Waiter] = []
    /// When the files were last looked at.
    private var lookedAt: ContinuousClock.Instant?

    init(_ configuration: ClientConfiguration) { self.configuration = configuration }

    /// What to send the next request with.
    func access() async throws(TransportError) -> Access {
        if let current, !isRejected, current.isValid, !haveFilesChanged(since: current) {
            return current
        }
        guard !isRenewing else {
            let result = await withCheckedContinuation { (waiter: Waiter) in
                waiters.append(waiter)
            }
            return try result.get()
        }
        isRenewing = true
        let result = settle(await read(previous: isRejected ? nil : current?.credential))
        isRenewing = false
        let waiting = waiters
        waiters = []
        for waiter in waiting { waiter.resume(returning: result) }
        return try result.get()
    }

    /// Says that the server refused `access`; the next one will be a new one.
    func reject(_ access: Access) {
        guard let current, current.fields == access.fields, current.server == access.server else {
            return
        }
        isRejected = true
    }

    /// Whether a file was replaced. Looks at most as often as the configuration says; the files are
    /// local, and looking at one takes microseconds. A file that is missing for the moment, as
    /// while it is replaced, is no change.
    private func haveFilesChanged(since access: Access) -> Bool {
        guard !access.marks.isEmpty else { return false }
        let now = ContinuousClock.now
        if let lookedAt, now - lookedAt < configuration.fileCheckInterval { return false }
        lookedAt = now
        return configuration.marks.contains { access.marks[$0.key] != $0.value }
    }

    private func read(previous: ExecCredential?) async -> Result<Access, TransportError> {
        let configuration = configuration
        do throws(TransportError) {
            let read = try await NamedThread.run("credentials") {
                Result { () throws(ConfigurationError) in
                    try Access(configuration, previous: previous)
                }
            }
            let endpoint = configuration.server.endpoint
            return read.mapError {
                TransportError(.credentials, endpoint: endpoint, $0.description)
            }
        } catch {
            return .failure(error)
        }
    }

    /// Takes over what was read. A file that cannot be read for the moment, as while it is
    /// replaced, leaves what was good until now in place.
    private func settle(
        _ result: Result<Access, TransportError>
    ) -> Result<Access, TransportError> {
        if case .success(let access) = result {
            current = access
            isRejected = false
            return result
        }
        guard let current, !isRejected, current.credential == nil else { return result }
        return .success(current)
    }
}

extension Access {
    /// Whether this may be used without another look.
    var isValid: Bool { validUntil.map { ContinuousClock.now < $0 } ?? true }
}
