import Glibc
import KubernetesCore
import Locking
import SystemPackage

/// Reads the output of every container on one thread of its own and gives whole lines to the log
/// store: no container can block another, or a thread of the concurrency pool.
final class LogPump: Sendable {
    /// Longest line; what is longer is cut into several, as container runtimes do.
    static let lineBytesMax = 16 << 10

    private struct Source {
        let descriptor: Int32
        let log: ContainerLogID
        var partial: [UInt8] = []
    }

    private let added = Mutex<[Source]>([])
    private let ended = Mutex(false)
    private let wakeReads: Int32
    private let wakeWrites: Int32
    private let store: PodLogStore

    /// Starts the thread; it ends with `stop`.
    init(store: PodLogStore) throws {
        self.store = store
        let pipe = try FileDescriptor.pipe()
        wakeReads = pipe.readEnd.rawValue
        wakeWrites = pipe.writeEnd.rawValue
        let box = Unmanaged.passRetained(self)
        var thread = pthread_t()
        let code = pthread_create(
            &thread, nil,
            { raw in
                guard let raw else { return nil }
                Unmanaged<LogPump>.fromOpaque(raw).takeRetainedValue().loop()
                return nil
            }, box.toOpaque())
        guard code == 0 else {
            box.release()
            throw LocalClusterError.file("pthread_create", code)
        }
        pthread_detach(thread)
    }

    /// Reads `descriptor` to its end and closes it.
    func add(_ descriptor: Int32, for log: ContainerLogID) {
        added.withLock { $0.append(Source(descriptor: descriptor, log: log)) }
        wake()
    }

    /// Ends the thread; what containers write after that is lost.
    func stop() {
        ended.withLock { $0 = true }
        wake()
    }

    private func wake() {
        var one: UInt8 = 1
        _ = write(wakeWrites, &one, 1)
    }

    private func loop() {
        var sources: [Source] = []
        var buffer = [UInt8](repeating: 0, count: 64 << 10)
        while !ended.withLock({ $0 }) {
            var polled = [pollfd(fd: wakeReads, events: Int16(POLLIN), revents: 0)]
            polled += sources.map { pollfd(fd: $0.descriptor, events: Int16(POLLIN), revents: 0) }
            guard poll(&polled, nfds_t(polled.count), -1) >= 0 || errno == EINTR else { break }
            if polled[0].revents != 0 { _ = read(wakeReads, &buffer, buffer.count) }
            var open: [Source] = []
            for (source, entry) in zip(sources, polled.dropFirst()) {
                var source = source
                if entry.revents == 0 || drain(&source, &buffer) {
                    open.append(source)
                } else {
                    close(source.descriptor)
                }
            }
            sources =
                open
                + added.withLock { waiting in
                    defer { waiting = [] }
                    return waiting
                }
        }
        for source in sources { close(source.descriptor) }
        close(wakeReads)
        close(wakeWrites)
    }

    /// Reads once; false at the end of the output.
    private func drain(_ source: inout Source, _ buffer: inout [UInt8]) -> Bool {
        let count = read(source.descriptor, &buffer, buffer.count)
        if count < 0 && (errno == EINTR || errno == EAGAIN) { return true }
        var lines: [[UInt8]] = []
        if count > 0 {
            for byte in buffer[..<count] {
                if byte == 0x0A || source.partial.count >= Self.lineBytesMax {
                    lines.append(source.partial)
                    source.partial = byte == 0x0A ? [] : [byte]
                } else {
                    source.partial.append(byte)
                }
            }
        } else if !source.partial.isEmpty {
            lines.append(source.partial)
            source.partial = []
        }
        if !lines.isEmpty { store.append(lines, to: source.log, at: WallClock.time) }
        if count <= 0 { store.close(source.log) }
        return count > 0
    }
}
