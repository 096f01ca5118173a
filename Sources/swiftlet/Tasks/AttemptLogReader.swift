import Console
import CurlTransport
import KubernetesClient
import KubernetesCore
import SwiftletAPI

/// Reads the lines of a task's attempts out of the logs of their agents.
struct AttemptLogReader: Sendable {
    let client: KubernetesClient
    let key: Key<BackgroundTask>
    let timestamps: Bool

    /// Follows the task from its last attempt until it has ended; or one attempt until that has,
    /// where its number is given.
    func follow(_ number: Int?) async throws {
        var shown = number.map { $0 - 1 }
        func next(_ task: BackgroundTask) -> AttemptPlace? {
            number.map { AttemptPlace($0, of: task) } ?? AttemptPlace.next(after: shown, of: task)
        }
        while true {
            let found = try await TaskFollowing(client: client, key: key).until(nil) { task in
                next(task) == nil && !task.isFinished
            }
            guard let task = found, let place = next(task) else { return }
            let count = place.isRunning ? try await stream(place) : 0
            let after: BackgroundTask = try await client.get(key)
            // What came in while the stream was being closed.
            try await print(place, of: after, skipping: count)
            shown = place.attempt
            if number != nil { return }
        }
    }

    /// Prints what there is of an attempt, but for the first lines, which were shown before.
    func print(_ place: AttemptPlace, of task: BackgroundTask, skipping: Int) async throws {
        let log = TaskLog(of: key, attempt: place.attempt)
        do throws(APIError) {
            var count = 0
            try await lines(of: place, follow: false) { bytes in
                guard let line = log.line(bytes) else { return true }
                count += 1
                if count > skipping { show(line) }
                return true
            }
        } catch {
            guard error.code == .notFound else { throw error }
            Terminal.complain("The agent \(place.pod.name) is gone, and its log with it.")
            guard place.attempt == task.status.attempt, let tail = task.status.failure?.logTail
            else { return }
            Terminal.complain("The end of the log, as the task keeps it:")
            for line in tail.split(separator: "\n", omittingEmptySubsequences: false) {
                Terminal.say(PlainText.of(String(line), max: 4_096))
            }
        }
    }

    /// Prints lines as they come, until the attempt has ended; returns how many.
    private func stream(_ place: AttemptPlace) async throws -> Int {
        let counter = LineCounter()
        let log = TaskLog(of: key, attempt: place.attempt)
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask {
                do throws(APIError) {
                    try await lines(of: place, follow: true) { bytes in
                        guard !Task.isCancelled else { return false }
                        guard let line = log.line(bytes) else { return true }
                        counter.add()
                        show(line)
                        return true
                    }
                } catch {
                    guard error.code == .notFound || Task.isCancelled else { throw error }
                }
                // The log may end before the attempt is known to have.
                try? await Task.sleep(for: .seconds(86_400))
            }
            group.addTask {
                _ = try await TaskFollowing(client: client, key: key).until(nil) { task in
                    AttemptPlace(place.attempt, of: task)?.isRunning == true
                }
            }
            try await group.next()
            group.cancelAll()
        }
        return counter.value
    }

    private func show(_ line: TaskLog.Line) {
        Terminal.say(timestamps ? line.time + " " + line.text : line.text)
    }

    /// Gives each line of the agent's log to `body`, for as long as that returns true.
    private func lines(
        of place: AttemptPlace, follow: Bool, _ body: ([UInt8]) -> Bool
    ) async throws(APIError) {
        let pod = try await client.value(.get(place.pod))
        // The agent's container is the first one.
        let container = pod["spec"]?["containers"]?[0]?["name"]?.string
        let request = APIRequest.log(of: place.pod, container: container, follow: follow)
        var framer = LineFramer(lineBytesMax: 1 << 20)
        let stream = try await client.log(request)
        do throws(TransportError) {
            for try await chunk in stream {
                for case .whole(let bytes) in framer.append(chunk) where !body(bytes) { return }
            }
        } catch {
            throw APIError(request.summary, error)
        }
        if case .whole(let bytes)? = framer.finish() { _ = body(bytes) }
    }
}
