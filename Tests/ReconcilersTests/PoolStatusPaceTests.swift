import KubernetesCore
import SwiftletAPI
import Testing

@testable import Reconcilers

/// When what agents use is written into a pool's status.
struct PoolStatusPaceTests {
    private let start = Timestamp(seconds: 1_000_000)

    private func status(
        _ cpu: String?, used: [String: String] = [:], tasks: Int = 0, at time: Timestamp? = nil
    ) -> BackgroundAgentPoolStatus {
        var status = BackgroundAgentPoolStatus()
        status.agents = [
            .init(name: "a", state: .idle, health: "Healthy", tasks: tasks, cpu: cpu, memory: cpu)
        ]
        status.resources.used = used
        status.lastUpdateTime = time
        return status
    }

    @Test func `what agents use is written when it is first known, and then with other news`() {
        let written = status(nil, at: start)
        let known = status("5m", used: ["cpu": "5m"])
        let first = PoolStatusPace.paced(known, after: written, at: start + .seconds(3))
        #expect(first.resources.used == ["cpu": "5m"])
        #expect(first.agents[0].cpu == "5m")

        let moved = status("900m", used: ["cpu": "900m"])
        let later = start + .seconds(100)
        #expect(PoolStatusPace.paced(moved, after: first, at: later) == first, "no news")
        #expect(PoolStatusPace.nextWrite(moved, first) == nil)

        let news = status("900m", used: ["cpu": "900m"], tasks: 1)
        let second = PoolStatusPace.paced(news, after: first, at: later)
        #expect(second.resources.used == ["cpu": "900m"])
        #expect(second.agents[0].cpu == "900m")
    }
}
