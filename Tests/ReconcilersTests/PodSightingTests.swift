import ControlLoop
import KubernetesCore
import SwiftletAPI
import Testing

@testable import Reconcilers

/// How long a pod has been what it is: by this process's steady clock, whatever the clock on the
/// wall and those of other machines show.
@Suite struct PodSightingTests {
    private static let start = Timestamp(seconds: 1_800_000_000)
    private static let pool = BackgroundAgentPool(
        metadata: ObjectMeta(name: "qa", namespace: "ns", uid: UID("pool")),
        spec: BackgroundAgentPoolSpec(template: [:]))

    /// The clocks of a process whose clock on the wall is wrong by `ahead` seconds.
    private func moment(_ seconds: Int64, ahead: Int64) -> Moment {
        Moment(
            instant: Instant(nanoseconds: seconds * 1_000_000_000),
            time: Self.start + .seconds(seconds + ahead))
    }

    private func pod(_ edit: (inout PodView) -> Void) -> PodView {
        var pod = PodView(
            metadata: ObjectMeta(
                name: "a", namespace: "ns", uid: UID("p"), creationTime: Self.start,
                owners: [
                    OwnerReference(
                        apiVersion: BackgroundAgentPool.type.apiVersion,
                        kind: BackgroundAgentPool.type.kind, name: "qa", uid: UID("pool"))
                ]), phase: .running, node: "node")
        edit(&pod)
        return pod
    }

    /// Where an agent stands at second `now` that was seen as it is at second `seen`; nil where
    /// it has not been noted yet.
    private func standing(
        _ pod: PodView, seen: Int64?, now: Int64, ahead: Int64
    ) throws -> AgentStanding {
        var view = ClusterView()
        view.register(PodSighting.self)
        view.publish(Self.pool)
        view.publish(pod)
        if let seen {
            var machine = SessionMachine()
            let all = ClusterView.of([pod])
            let change = AnyChange(Change.added(pod))
            for case .publish(let object) in machine.handle(
                .changed([change], in: all), at: moment(seen, ahead: ahead))
            {
                if let sighting = object as? PodSighting { view.publish(sighting) }
            }
        }
        let found = try #require(PoolWorld(Self.pool.key, in: view))
        let at = moment(now, ahead: ahead)
        let agent = try #require(found.rebased(at: at).agents.first)
        return .of(
            agent, in: Self.pool, at: at.time, startedAt: at.time + .seconds(-3_600),
            listening: nil)
    }

    @Test(arguments: [-86_400, -300, 0, 300, 86_400] as [Int64])
    func `a pod that is being deleted is stranded when it was seen so for long`(
        ahead: Int64
    ) throws {
        let leaving = pod {
            $0.metadata.deletionTime = Self.start + .seconds(110)
            $0.metadata.deletionGraceSeconds = 10
        }
        #expect(try standing(leaving, seen: nil, now: 100, ahead: ahead) == .terminating)
        #expect(try standing(leaving, seen: 100, now: 139, ahead: ahead) == .terminating)
        #expect(try standing(leaving, seen: 100, now: 141, ahead: ahead) == .stranded)
    }

    @Test(arguments: [0, 300, 86_400] as [Int64])
    func `an agent that has just been made has its time to start`(ahead: Int64) throws {
        let fresh = pod { $0.isReady = false }
        guard case .starting = try standing(fresh, seen: 1, now: 100, ahead: ahead) else {
            Issue.record("it was given up after 99 of 120 seconds")
            return
        }
        #expect(
            try standing(fresh, seen: 1, now: 122, ahead: ahead) == .stalled(reason: "NotReady"))
    }

    @Test func `what was noted stays until something about it changes`() {
        let before = PodSighting(
            of: pod { _ in }, at: Instant(nanoseconds: 5))
        let ready = PodSighting(
            of: pod { $0.isReady = true }, after: before, at: Instant(nanoseconds: 9))
        #expect(ready.boundAt == before.boundAt)
        #expect(ready.unreadyAt == nil)
        let successor = pod { $0.metadata.uid = UID("q") }
        let other = PodSighting(of: successor, after: before, at: Instant(nanoseconds: 9))
        #expect(other.boundAt == Instant(nanoseconds: 9))
    }

    @Test func `pods that are gone are forgotten`() {
        var machine = SessionMachine()
        let known = pod { _ in }
        _ = machine.handle(
            .changed([AnyChange(Change.added(known))], in: .of([known])),
            at: moment(1, ahead: 0))
        let commands = machine.handle(
            .changed([AnyChange(Change.removed(known))], in: .of([])), at: moment(2, ahead: 0))
        #expect(commands.count == 1)
        guard case .retract(let gone) = commands.first else {
            Issue.record("nothing was taken out")
            return
        }
        #expect(gone.type == PodSighting.type)
    }
}
