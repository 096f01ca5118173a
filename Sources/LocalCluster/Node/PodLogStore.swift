import APIServerModel
import KubernetesCore
import Locking

/// Names the log of one run of one container.
struct ContainerLogID: Hashable, Sendable {
    let podUID: UID
    let container: String
    let run: Int
}

/// The logs of the node's containers in memory: each line behind its time, bounded, and the
/// readers that follow them.
final class PodLogStore: PodLogSource {
    /// Most bytes kept of one run; the older half goes when it is reached.
    static let bytesMax = 8 << 20

    private struct Log {
        var bytes: [UInt8] = []
        var isOpen = true
        var followers: [(channel: FrameChannel, timestamps: Bool)] = []
    }

    private struct State {
        var logs: [ContainerLogID: Log] = [:]
        var latest: [ContainerLogID: Int] = [:]
    }

    private let state = Mutex(State())

    /// An empty store.
    init() {}

    /// Begins the log of a new run, and forgets all but the run before it.
    func begin(_ log: ContainerLogID) {
        state.withLock { state in
            state.logs[log] = Log()
            state.latest[log.anyRun] = log.run
            for old in state.logs.keys where old.anyRun == log.anyRun && old.run < log.run - 1 {
                state.logs.removeValue(forKey: old)
            }
        }
    }

    /// Adds whole lines, without their line feeds.
    func append(_ lines: [[UInt8]], to log: ContainerLogID, at time: Timestamp) {
        let stamp = Array((time.microText + " ").utf8)
        var stamped: [UInt8] = []
        var plain: [UInt8] = []
        for line in lines {
            stamped += stamp + line + [0x0A]
            plain += line + [0x0A]
        }
        let followers = state.withLock { state -> [(channel: FrameChannel, timestamps: Bool)] in
            guard var entry = state.logs[log] else { return [] }
            state.logs[log] = nil
            entry.bytes += stamped
            if entry.bytes.count > PodLogStore.bytesMax {
                let half = entry.bytes.dropFirst(PodLogStore.bytesMax / 2)
                entry.bytes = Array(half.drop { $0 != 0x0A }.dropFirst())
            }
            let followers = entry.followers
            state.logs[log] = entry
            return followers
        }
        let gone = followers.filter { !$0.channel.send([$0.timestamps ? stamped : plain]) }
        guard !gone.isEmpty else { return }
        state.withLock { state in
            state.logs[log]?.followers.removeAll { follower in
                gone.contains { $0.channel === follower.channel }
            }
        }
    }

    /// The run has ended: nothing is added any more.
    func close(_ log: ContainerLogID) {
        let followers = state.withLock { state -> [(channel: FrameChannel, timestamps: Bool)] in
            defer {
                state.logs[log]?.followers = []
                state.logs[log]?.isOpen = false
            }
            return state.logs[log]?.followers ?? []
        }
        for follower in followers { follower.channel.end() }
    }

    /// Forgets the logs of a pod that is gone.
    func forget(_ podUID: UID) {
        state.withLock { state in
            for log in state.logs.keys where log.podUID == podUID {
                for follower in state.logs[log]?.followers ?? [] { follower.channel.end() }
                state.logs.removeValue(forKey: log)
            }
            for log in state.latest.keys where log.podUID == podUID {
                state.latest.removeValue(forKey: log)
            }
        }
    }

    func open(_ request: PodLogRequest) -> FrameChannel? {
        let any = ContainerLogID(podUID: request.podUID, container: request.container, run: 0)
        let since =
            request.sinceTime
            ?? request.sinceSeconds.map { WallClock.time - .seconds(min(max($0, 0), 1 << 31)) }
        let channel = FrameChannel()
        let found = state.withLock { state -> Bool in
            guard let latest = state.latest[any] else { return false }
            let run = request.previous ? latest - 1 : latest
            let log = ContainerLogID(
                podUID: request.podUID, container: request.container, run: run)
            guard let entry = state.logs[log] else { return false }
            let text = PodLogStore.select(
                entry.bytes, since: since, tail: request.tailLines,
                timestamps: request.timestamps, limit: request.limitBytes)
            _ = channel.send([text])
            if request.follow && entry.isOpen {
                state.logs[log]?.followers.append((channel, request.timestamps))
            } else {
                channel.end()
            }
            return true
        }
        return found ? channel : nil
    }

    /// The lines that a request asks for.
    static func select(
        _ bytes: [UInt8], since: Timestamp?, tail: Int?, timestamps: Bool, limit: Int?
    ) -> [UInt8] {
        var lines = bytes.split(separator: 0x0A, omittingEmptySubsequences: true)[...]
        if let since {
            lines = lines.drop { line in
                let stamp = String(decoding: line.prefix { $0 != 0x20 }, as: UTF8.self)
                return Timestamp(stamp).map { $0 < since } ?? false
            }
        }
        if let tail { lines = lines.suffix(max(0, tail)) }
        var result: [UInt8] = []
        for line in lines {
            result += timestamps ? line : line.drop { $0 != 0x20 }.dropFirst()
            result.append(0x0A)
        }
        return limit.map { Array(result.prefix(max(0, $0))) } ?? result
    }
}

extension ContainerLogID {
    /// The same for every run of a container.
    fileprivate var anyRun: ContainerLogID {
        ContainerLogID(podUID: podUID, container: container, run: 0)
    }
}
