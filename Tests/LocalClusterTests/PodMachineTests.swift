import KubernetesCore
import Testing

@testable import LocalCluster

/// What the node decides for a pod, without a process anywhere.
@Suite struct PodMachineTests {
    private static let start = Timestamp(seconds: 1_800_000_000)

    private func pod(
        policy: String = "Always", initial: [String] = [], main: [String] = ["agent"],
        deleting: Int? = nil
    ) -> LocalPod {
        func containers(_ names: [String]) -> JSONValue {
            .array(names.map { ["name": .string($0), "command": ["true"], "image": "i"] })
        }
        var object: JSONValue = [
            "metadata": ["name": "p", "namespace": "n", "uid": "u"],
            "spec": [
                "restartPolicy": .string(policy), "initContainers": containers(initial),
                "containers": containers(main),
            ],
        ]
        if let deleting {
            object[path: ["metadata", "deletionTimestamp"]] = .string(Self.start.description)
            object[path: ["metadata", "deletionGracePeriodSeconds"]] = .int(deleting)
        }
        return LocalPod(object)
    }

    private func machine(_ pod: LocalPod) -> PodMachine {
        var machine = PodMachine(pod, at: Self.start)
        #expect(machine.begin() == [.prepare, .report])
        return machine
    }

    private func at(_ seconds: Int) -> Timestamp { Self.start + .seconds(seconds) }

    @Test func `containers start once the volumes are there`() {
        var machine = machine(pod(main: ["a", "b"]))
        #expect(
            machine.handle(.prepared, at: at(1)) == [.start("a", run: 0), .start("b", run: 0)])
        #expect(machine.phase == "Pending")
        #expect(machine.handle(.started("a"), at: at(1)) == [.report])
        #expect(machine.phase == "Running")
    }

    @Test func `a volume that is missing is said and tried again`() {
        var machine = machine(pod())
        #expect(
            machine.handle(.preparationFailed("no map"), at: at(0))
                == [.report, .wake(at: at(2))])
        let status = machine.status(at: at(0))
        let waiting = status["containerStatuses"]?[0]?["state"]?["waiting"]
        #expect(waiting?["message"]?.string == "no map")
        #expect(machine.handle(.timer, at: at(2)) == [.prepare])
    }

    @Test func `init containers run one after the other and before the others`() {
        var machine = machine(pod(initial: ["i1", "i2"]))
        #expect(machine.handle(.prepared, at: at(0)) == [.start("i1", run: 0)])
        _ = machine.handle(.started("i1"), at: at(0))
        #expect(
            machine.handle(.exited("i1", code: 0, signal: 0), at: at(1))
                == [.report, .start("i2", run: 0)])
        _ = machine.handle(.started("i2"), at: at(1))
        #expect(
            machine.handle(.exited("i2", code: 0, signal: 0), at: at(2))
                == [.report, .start("agent", run: 0)])
    }

    @Test func `an init container that fails under Never fails the pod`() {
        var machine = machine(pod(policy: "Never", initial: ["i"]))
        _ = machine.handle(.prepared, at: at(0))
        _ = machine.handle(.started("i"), at: at(0))
        #expect(machine.handle(.exited("i", code: 3, signal: 0), at: at(1)) == [.report])
        #expect(machine.phase == "Failed")
    }

    @Test func `a container restarts at once, then with growing waits`() {
        var machine = machine(pod())
        _ = machine.handle(.prepared, at: at(0))
        _ = machine.handle(.started("agent"), at: at(0))
        #expect(
            machine.handle(.exited("agent", code: 1, signal: 0), at: at(1))
                == [.report, .start("agent", run: 1)])
        _ = machine.handle(.started("agent"), at: at(1))
        #expect(
            machine.handle(.exited("agent", code: 1, signal: 0), at: at(2))
                == [.report, .wake(at: at(22))])
        let status = machine.status(at: at(2))
        let waiting = status["containerStatuses"]?[0]?["state"]?["waiting"]
        #expect(waiting?["reason"]?.string == "CrashLoopBackOff")
        #expect(status["containerStatuses"]?[0]?["restartCount"]?.integer == 2)
        #expect(machine.handle(.timer, at: at(22)) == [.start("agent", run: 2)])
    }

    @Test(arguments: [
        ("OnFailure", 0, "Succeeded"), ("Never", 0, "Succeeded"), ("Never", 1, "Failed"),
    ])
    func `a pod ends as its restart policy says`(policy: String, code: Int, phase: String) {
        var machine = machine(pod(policy: policy))
        _ = machine.handle(.prepared, at: at(0))
        _ = machine.handle(.started("agent"), at: at(0))
        #expect(machine.handle(.exited("agent", code: code, signal: 0), at: at(1)) == [.report])
        #expect(machine.phase == phase)
    }

    @Test func `deletion asks politely, then by force, then removes the pod`() {
        var machine = machine(pod())
        _ = machine.handle(.prepared, at: at(0))
        _ = machine.handle(.started("agent"), at: at(0))
        #expect(
            machine.handle(.deleting(graceSeconds: 5), at: at(10))
                == [.terminate("agent"), .report, .wake(at: at(15))])
        #expect(machine.handle(.timer, at: at(15)) == [.kill("agent")])
        #expect(
            machine.handle(.exited("agent", code: 0, signal: 9), at: at(15))
                == [.report, .report, .remove])
        #expect(machine.handle(.timer, at: at(16)) == [])
    }

    @Test func `a later deletion can shorten the grace, not lengthen it`() {
        var machine = machine(pod())
        _ = machine.handle(.prepared, at: at(0))
        _ = machine.handle(.started("agent"), at: at(0))
        _ = machine.handle(.deleting(graceSeconds: 30), at: at(0))
        #expect(machine.handle(.deleting(graceSeconds: 0), at: at(1)) == [.kill("agent")])
    }

    @Test func `a pod without a process is removed at once`() {
        var machine = machine(pod())
        #expect(
            machine.handle(.deleting(graceSeconds: 30), at: at(0)) == [.report, .report, .remove])
    }

    @Test func `readiness shows in the conditions with the time of its change`() {
        var machine = machine(pod())
        _ = machine.handle(.prepared, at: at(0))
        _ = machine.handle(.started("agent"), at: at(0))
        _ = machine.status(at: at(0))
        _ = machine.handle(.ready("agent", true), at: at(7))
        let ready = machine.status(at: at(7))["conditions"]?.array?
            .first { $0["type"]?.string == "Ready" }
        #expect(ready?["status"]?.string == "True")
        #expect(ready?["lastTransitionTime"]?.string == at(7).description)
    }

    @Test func `an exit by signal is told as shells tell it`() {
        var machine = machine(pod(policy: "Never"))
        _ = machine.handle(.prepared, at: at(0))
        _ = machine.handle(.started("agent"), at: at(0))
        _ = machine.handle(.exited("agent", code: 0, signal: 15), at: at(1))
        let status = machine.status(at: at(1))
        let ending = status["containerStatuses"]?[0]?["state"]?["terminated"]
        #expect(ending?["exitCode"]?.integer == 143)
        #expect(ending?["signal"]?.integer == 15)
    }
}
