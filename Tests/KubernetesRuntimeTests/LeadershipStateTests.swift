import ControlLoop
import KubernetesCore
import Testing

@testable import KubernetesRuntime

@Suite struct LeadershipStateTests {
    private func leadership(_ term: Int, until nanoseconds: Int64) -> Leadership {
        Leadership(
            holder: "a", term: term, validUntil: Instant(nanoseconds: nanoseconds))
    }

    @Test func `who asked is told when leadership begins or ends, not when it is renewed`() async {
        let state = LeadershipState()
        let signal = Signal()
        state.subscribe(signal)
        state.set(leadership(1, until: 10))
        // Raised while nobody waited, which is remembered.
        await signal.wait()
        state.set(leadership(1, until: 20))
        async let termThen = {
            await signal.wait()
            return state.current?.term
        }()
        for _ in 0..<100 { await Task.yield() }
        state.set(nil)
        #expect(await termThen == nil)
    }

    @Test func `a wait ends at its deadline though nothing is raised`() async {
        await Signal().wait(until: SystemTime().now.instant + .milliseconds(1))
    }
}
