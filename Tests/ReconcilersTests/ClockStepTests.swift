import AgentProtocol
import ControlLoop
import KubernetesCore
import SwiftletAPI
import Testing

@testable import Reconcilers

/// What a clock on the wall that is set while the operator runs must not do.
@Suite struct ClockStepTests {
    private static let start = Timestamp(seconds: 1_000_000)

    private func moment(_ seconds: Int64, wallStep: Int64 = 0) -> Moment {
        Moment(
            instant: Instant(nanoseconds: seconds * 1_000_000_000),
            time: Self.start + .seconds(seconds + wallStep))
    }

    /// A task that has run since second 100 and may take 60, on an agent that has just called.
    private func situation(
        _ now: Moment, _ edit: (inout BackgroundTask) -> Void = { _ in }
    ) -> TaskSituation {
        var task = BackgroundTask(
            metadata: ObjectMeta(name: "t", namespace: "ns", uid: UID("t")))
        task.spec.timeoutSeconds = 60
        task.status.phase = .running
        task.status.attempt = 1
        task.status.agent = .init(name: "a", uid: UID("p"), node: nil)
        task.status.startTime = Self.start + .seconds(100)
        edit(&task)
        // The clock was set at second 105.
        let size = now.time - moment(now.instant.nanoseconds / 1_000_000_000).time
        let steps = size == .zero ? [] : [ClockStep(before: moment(105).time, size: size)]
        let session = AgentSession(
            podUID: UID("p"),
            request: SyncRequest(
                namespace: "ns", pod: "a", instance: "i", sequence: 1, slots: 1, draining: false,
                waitSeconds: 0, usage: nil,
                reports: [LeaseReport(id: LeaseID(taskUID: UID("t"), attempt: 1))]), at: now)
        let pod = PodView(
            metadata: ObjectMeta(name: "a", namespace: "ns", uid: UID("p")), phase: .running)
        let world = TaskWorld(
            task: task,
            scene: .running(
                .init(
                    pod: pod, session: session, timeout: .seconds(60),
                    gateway: GatewayPresence(answeringFrom: moment(1)))))
        // The controller moves the time of its own start along with the clock.
        return .of(
            world.rebased(at: now, steps), at: now.time,
            startedAt: now.time(at: Instant(nanoseconds: 0)))
    }

    @Test(arguments: [30, 600, 86_400, 1_700_000_000] as [Int64])
    func `a clock that is set forward makes no attempt overdue before its time`(step: Int64) {
        guard case .working(let until) = situation(moment(110, wallStep: step)) else {
            Issue.record("the attempt was ended after 10 of 60 seconds")
            return
        }
        #expect(until > moment(110, wallStep: step).time)
        // The limit itself stays: 60 seconds, 30 to stop, 15 beyond.
        let last = moment(206, wallStep: step)
        #expect(situation(last) == .overdue)
    }

    @Test func `what began after the clock was set is measured as it is written`() {
        let fresh: (inout BackgroundTask) -> Void = {
            $0.status.startTime = Self.start + .seconds(600 + 200)
        }
        #expect(situation(moment(300, wallStep: 600), fresh) != .overdue)
        #expect(situation(moment(306, wallStep: 600), fresh) == .overdue)
    }

    @Test func `a clock that is set back lets no attempt go on for ever`() {
        #expect(situation(moment(206, wallStep: -3_600)) == .overdue)
        #expect(situation(moment(150, wallStep: -3_600)) != .overdue)
    }

    @Test func `an agent that was asked to stop keeps its grace when the clock is set`() {
        let stopping: (inout BackgroundTask) -> Void = {
            $0.spec.state = .suspended
            $0.status.stopRequestedTime = Self.start + .seconds(105)
        }
        #expect(situation(moment(110, wallStep: 600), stopping) != .stopOverdue)
        #expect(situation(moment(151, wallStep: 600), stopping) == .stopOverdue)
    }

    @Test func `a clock that is set forward ends neither a drain nor a deletion`() {
        var pod = PodView(
            metadata: ObjectMeta(
                name: "a", namespace: "ns", uid: UID("p"),
                annotations: [
                    SwiftletNames.Annotation.draining: (Self.start + .seconds(100)).milliText
                ]))
        pod.metadata.deletionTime = Self.start + .seconds(130)
        pod.metadata.deletionGraceSeconds = 30
        let now = moment(110, wallStep: 600)
        let steps = [ClockStep(before: moment(105).time, size: .seconds(600))]
        let rebased = pod.rebased(steps, at: now.time)
        #expect(rebased.drainingSince == moment(100, wallStep: 600).time)
        #expect(rebased.metadata.deletionTime == moment(130, wallStep: 600).time)
        #expect(pod.rebased([], at: now.time) == pod)
    }

    @Test func `what was written between two settings of the clock is measured through both`() {
        // Set back by 107 seconds at second 7, and forward again at second 32.
        let steps = [
            ClockStep(before: moment(7).time, size: .seconds(-107)),
            ClockStep(before: moment(32, wallStep: -107).time, size: .seconds(102)),
        ]
        let now = moment(33, wallStep: -5).time
        #expect(
            steps.rebased(moment(15, wallStep: -107).time, at: now)
                == moment(15, wallStep: -5).time)
        #expect(steps.rebased(moment(33, wallStep: -5).time, at: now) == now)
    }

    @Test func `what may have been written since the clock was set back is left as it is`() {
        // The clock was ahead by 400 s and was set back at second 100; this process has looked at
        // it at second 95 and then at second 110. Another has written something at second 101.
        let step = ClockStep(
            before: moment(110, wallStep: 400).time, size: .seconds(-400),
            since: moment(95, wallStep: 400).time)
        let now = moment(111).time
        #expect([step].rebased(moment(101).time, at: now) == moment(101).time)
        // What is older than that was written by the clock that was ahead.
        #expect(
            [step].rebased(moment(90, wallStep: 400).time, at: now) == moment(90).time)
    }
}
