import AgentProtocol
import KubernetesCore
import Testing

@testable import AgentRunner

@Suite struct RunnerInboxTests {
    private static func lease(_ name: String) -> LeaseID {
        LeaseID(taskUID: UID(name), attempt: 1)
    }

    @Test func `what says how things stand waits once, whatever else waits stays in order`() {
        let inbox = RunnerInbox()
        let (one, two) = (Self.lease("one"), Self.lease("two"))
        inbox.put(.started(one))
        for percent in 0...100_000 {
            inbox.put(.progress(one, TaskProgress(percent: percent % 100, message: "on")))
            inbox.put(.timer)
        }
        inbox.put(.progress(two, TaskProgress(percent: 7, message: "")))
        inbox.put(.shutdown)
        inbox.put(.exited(one, AttemptExit(.exited(0))))
        inbox.put(.shutdown)
        #expect(
            inbox.take() == [
                .started(one), .progress(one, TaskProgress(percent: 0, message: "on")), .timer,
                .progress(two, TaskProgress(percent: 7, message: "")), .shutdown,
                .exited(one, AttemptExit(.exited(0))),
            ])
        #expect(inbox.take().isEmpty)
    }

    @Test func `whoever waits hears of what many threads bring, and nothing of it is lost`()
        async
    {
        let inbox = RunnerInbox()
        let count = 200
        await withDiscardingTaskGroup { group in
            for number in 0..<count {
                group.addTask { inbox.put(.started(Self.lease("t\(number)"))) }
            }
            var heard: Set<RunnerInput> = []
            for await _ in inbox.bell {
                heard.formUnion(inbox.take())
                if heard.count == count { break }
            }
            #expect(heard.count == count)
        }
    }

    @Test func `a cue ends its own work, also when it comes first, and work that ends needs none`()
        async
    {
        let (early, late, never) = (Cue(), Cue(), Cue())
        let forever: @Sendable () async -> Void = {
            // Ends by being cancelled alone.
            try? await Task.sleep(for: .seconds(3_600))
        }
        early.give()
        await early.bounding(forever)
        await withDiscardingTaskGroup { group in
            group.addTask { await late.bounding(forever) }
            late.give()
            late.give()
        }
        await never.bounding {}
    }

    @Test func `an alarm rings at the deadline that was set last, and not before`() async {
        let inbox = RunnerInbox()
        let alarm = Alarm { inbox.put(.timer) }
        let begin = SystemClock.now.instant
        alarm.set(begin + .seconds(3_600), at: begin)
        alarm.set(nil, at: begin)
        alarm.set(begin + .milliseconds(30), at: begin)
        for await _ in inbox.bell where !inbox.take().isEmpty { break }
        #expect(SystemClock.now.instant - begin >= .milliseconds(30))
    }
}
