import AgentProtocol
import ControlLoop
import KubernetesCore
import SwiftletAPI
import Testing

@testable import Reconcilers

/// When an agent counts as silent: by the steady clock, and only for as long as it could call.
@Suite struct SilenceTests {
    private static let start = Timestamp(seconds: 1_000_000)

    private func moment(_ seconds: Int64, wallStep: Int64 = 0) -> Moment {
        Moment(
            instant: Instant(nanoseconds: seconds * 1_000_000_000),
            time: Self.start + .seconds(seconds + wallStep))
    }

    private func session(at moment: Moment) -> AgentSession {
        AgentSession(
            podUID: UID("p"),
            request: SyncRequest(
                namespace: "ns", pod: "a", instance: "i", sequence: 1, slots: 1, draining: false,
                waitSeconds: 0, usage: nil, reports: []), at: moment)
    }

    private func situation(
        _ now: Moment, session: AgentSession?, gateway: GatewayPresence?, startedAt: Timestamp
    ) -> TaskSituation {
        var task = BackgroundTask(
            metadata: ObjectMeta(name: "t", namespace: "ns", uid: UID("t")))
        task.status.phase = .running
        task.status.attempt = 1
        task.status.agent = .init(name: "a", uid: UID("p"), node: nil)
        task.status.startTime = Self.start
        let pod = PodView(
            metadata: ObjectMeta(name: "a", namespace: "ns", uid: UID("p")), phase: .running)
        let world = TaskWorld(
            task: task,
            scene: .running(
                .init(pod: pod, session: session, timeout: .seconds(60), gateway: gateway)))
        return .of(world.rebased(at: now), at: now.time, startedAt: startedAt)
    }

    private func isLost(_ situation: TaskSituation) -> Bool {
        if case .lost = situation { true } else { false }
    }

    @Test func `a wall clock that is set forward makes no agent look lost`() {
        let session = session(at: moment(100))
        let gateway = GatewayPresence(answeringFrom: moment(1))
        let now = moment(110, wallStep: 3_600)
        #expect(
            !isLost(situation(now, session: session, gateway: gateway, startedAt: Self.start)))
        let later = moment(161, wallStep: 3_600)
        #expect(
            isLost(situation(later, session: session, gateway: gateway, startedAt: Self.start)))
        #expect(session.rebased(at: now).lastSync == now.time + .seconds(-10))
        #expect(session.rebased(at: moment(110)).lastSync == session.lastSync)
    }

    @Test func `a standby that comes to lead takes nobody for silent at once`() {
        // It was started long ago; agents have been able to call it for a second.
        let gateway = GatewayPresence(answeringFrom: moment(499))
        let fresh = situation(
            moment(500), session: nil, gateway: gateway, startedAt: Self.start)
        #expect(!isLost(fresh))
        guard case .working(let until) = fresh else {
            Issue.record("\(fresh)")
            return
        }
        #expect(until == moment(559).time)
        #expect(
            isLost(
                situation(moment(560), session: nil, gateway: gateway, startedAt: Self.start)))
    }

    @Test func `while nobody can call nobody is silent`() {
        let gateway = GatewayPresence(answeringFrom: nil)
        #expect(
            !isLost(
                situation(moment(5_000), session: nil, gateway: gateway, startedAt: Self.start)))
    }
}
