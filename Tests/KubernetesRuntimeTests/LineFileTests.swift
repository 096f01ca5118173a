import Glibc
import Locking
import Testing

@testable import KubernetesRuntime

struct LineFileTests {
    /// A file that answers as it is told, and remembers what it took.
    private final class Script: Sendable {
        let state: Mutex<(answers: [LineFile.Answer], taken: [UInt8], slept: Duration)>

        init(_ answers: [LineFile.Answer]) { state = Mutex((answers, [], .zero)) }

        var taken: String { state.withLock { String(decoding: $0.taken, as: UTF8.self) } }
        var slept: Duration { state.withLock(\.slept) }

        /// The file: after its script it takes everything.
        var file: LineFile {
            LineFile(
                take: { [self] bytes in
                    state.withLock { state in
                        let next =
                            state.answers.isEmpty ? .took(bytes.count) : state.answers.removeFirst()
                        guard case .took(let count) = next else { return next }
                        state.taken += bytes.prefix(count)
                        return .took(min(count, bytes.count))
                    }
                },
                sleep: { [self] time in state.withLock { $0.slept += time } })
        }
    }

    private let lines = Array("one\ntwo\n".utf8)

    private static let scripts: [[LineFile.Answer]] = [
        [], [.took(1)], [.took(3), .took(1), .took(2)], [.failed(EINTR)],
        [.took(5), .failed(EINTR), .failed(EINTR)], [.failed(EAGAIN), .took(2), .failed(EAGAIN)],
        [.took(0), .took(0)], Array(repeating: .failed(EINTR), count: 150),
    ]

    @Test(arguments: scripts)
    func `parts, interruptions and a reader that is slow lose nothing`(
        answers: [LineFile.Answer]
    ) async {
        let script = Script(answers)
        var file = script.file
        #expect(await file.write(lines) == nil)
        #expect(script.taken == "one\ntwo\n")
        let waits = answers.contains { $0 == .failed(EAGAIN) || $0 == .took(0) }
        #expect((script.slept > .zero) == (waits || answers.count > 100))
    }

    @Test func `what is lost is counted, and the next line begins anew`() async {
        let script = Script([.took(5), .failed(ENOSPC)])
        var file = script.file
        let loss = await file.write(lines)
        #expect(loss == .init(lines: 1, reason: String(cString: strerror(ENOSPC))))
        #expect(script.taken == "one\nt")
        #expect(await file.write(Array("three\n".utf8)) == nil)
        #expect(script.taken == "one\nt\nthree\n")
    }

    @Test(arguments: [EBADF, EPIPE, EFBIG, EIO])
    func `an error that stays is no reason to wait`(code: Int32) async {
        let script = Script(Array(repeating: .failed(code), count: 1))
        var file = script.file
        #expect(await file.write(lines)?.lines == 2)
        #expect(script.slept == .zero)
        #expect(await file.write(lines) == nil)
    }

    @Test func `a reader that takes nothing is waited for once, until it takes something`() async {
        let script = Script(Array(repeating: .failed(EAGAIN), count: 502))
        var file = script.file
        #expect(await file.write(lines)?.reason == "nobody reads it fast enough")
        #expect(script.slept == LineFile.patience)
        // 501 answers are gone: the next one is given up at once, the one after that is taken.
        #expect(await file.write(lines)?.lines == 2)
        #expect(script.slept == LineFile.patience)
        #expect(await file.write(lines) == nil)
        #expect(script.taken == "one\ntwo\n")
    }

    @Test func `a pipe that is full takes the rest when somebody reads`() async throws {
        var ends: [Int32] = [0, 0]
        try #require(pipe(&ends) == 0)
        defer { for end in ends { close(end) } }
        let (reader, writer) = (ends[0], ends[1])
        let line = Array(repeating: UInt8(ascii: "x"), count: 999) + [UInt8(ascii: "\n")]
        let all = Array(repeating: line, count: 200).flatMap(\.self)
        async let loss: LineFile.Loss? = {
            var file = LineFile(descriptor: writer)
            return await file.write(all)
        }()
        var found: [UInt8] = []
        while found.count < all.count {
            var part = [UInt8](repeating: 0, count: 64 << 10)
            var question = pollfd(fd: reader, events: Int16(POLLIN), revents: 0)
            guard poll(&question, 1, 0) == 1 else {
                await Task.yield()
                continue
            }
            let count = part.withUnsafeMutableBytes { read(reader, $0.baseAddress, $0.count) }
            try #require(count > 0)
            found += part.prefix(count)
        }
        #expect(await loss == nil)
        #expect(found == all)
    }
}
