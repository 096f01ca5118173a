import KubernetesCore
import Locking
import Testing

@testable import AgentGateway

struct AgentWaitsTests {
    private let agent = UID("a")

    @Test func `a change between the look and the wait is not missed`() async {
        let waits = AgentWaits()
        let look = waits.look(for: agent)
        waits.wake([agent])
        await waits.wait(for: agent, after: look, atMost: .seconds(60))
        let second = waits.look(for: agent)
        waits.wakeAll()
        await waits.wait(for: agent, after: second, atMost: .seconds(60))
    }

    @Test func `a wait ends with its time, with its task and with the gateway`() async {
        let waits = AgentWaits()
        for milliseconds in [0, 1, 20] {
            await waits.wait(
                for: agent, after: waits.look(for: agent), atMost: .milliseconds(milliseconds))
        }
        let agent = agent
        let waiting = Task {
            await waits.wait(for: agent, after: waits.look(for: agent), atMost: .seconds(60))
        }
        waiting.cancel()
        await waiting.value
        waits.end()
        await waits.wait(for: agent, after: waits.look(for: agent), atMost: .seconds(60))
    }

    @Test func `others are not woken, and all who wait are`() async {
        let waits = AgentWaits()
        let agent = agent
        let look = waits.look(for: agent)
        waits.wake([UID("b")])
        #expect(waits.look(for: agent) == look)
        await withTaskGroup { group in
            for _ in 0..<200 {
                group.addTask {
                    await waits.wait(for: agent, after: look, atMost: .seconds(60))
                }
            }
            group.addTask { waits.wake([agent]) }
        }
    }

    @Test func `whoever waits for several is woken once, by any of them`() async {
        let waits = AgentWaits()
        let several = (0..<20).map { UID("t\($0)") }
        for uid in several {
            let look = waits.look(for: several)
            async let waiting: Void = waits.wait(
                for: several, after: look, atMost: .seconds(60))
            waits.wake([uid, several[0], UID("nobody")])
            waits.wake(several)
            await waiting
        }
        let look = waits.look(for: several)
        waits.wake([UID("another")])
        #expect(waits.look(for: several) == look)
        waits.wakeAll()
        await waits.wait(for: several, after: look, atMost: .seconds(60))
        #expect(waits.count == 0)
    }

    /// What is waited for, as a cache has it.
    private final class Board: Sendable {
        private let counts = Mutex([UID: Int]())

        func count(of uid: UID) -> Int { counts.withLock { $0[uid] ?? 0 } }
        func change(_ uid: UID) { counts.withLock { $0[uid, default: 0] += 1 } }
    }

    @Test func `of many that wait for some of the same, none is forgotten`() async {
        let waits = AgentWaits()
        let all = (0..<8).map { UID("t\($0)") }
        let rounds = 200
        // Each waits until its task has been changed `rounds` times, as whoever reads a cache does.
        let board = Board()
        await withTaskGroup { group in
            for (index, uid) in all.enumerated() {
                group.addTask {
                    let uids = [uid, all[(index + 1) % all.count]]
                    while true {
                        let look = waits.look(for: uids)
                        if board.count(of: uid) == rounds { return }
                        await waits.wait(for: uids, after: look, atMost: .seconds(60))
                    }
                }
            }
            group.addTask {
                for _ in 0..<rounds {
                    for uid in all {
                        board.change(uid)
                        waits.wake([uid])
                    }
                    await Task.yield()
                }
            }
        }
        #expect(waits.count == 0)
    }

    @Test func `a change is not missed by whoever looked before the board was cleared`() async {
        let waits = AgentWaits(agentsMax: 2)
        let look = waits.look(for: agent)
        _ = waits.look(for: [UID("b"), UID("c")])
        _ = waits.look(for: UID("d"))
        waits.wake([agent])
        await waits.wait(for: agent, after: look, atMost: .seconds(60))
    }
}
