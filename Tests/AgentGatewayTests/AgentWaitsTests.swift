import KubernetesCore
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
}
