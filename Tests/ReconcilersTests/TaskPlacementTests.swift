import ControlLoop
import KubernetesCore
import Reconcilers
import SwiftletAPI
import Testing

struct TaskPlacementTests {
    private func pool(
        _ name: String, namespace: String = "ns",
        _ edit: (inout BackgroundAgentPoolSpec) -> Void = { _ in }
    ) -> BackgroundAgentPool {
        var spec = BackgroundAgentPoolSpec(template: [:])
        edit(&spec)
        return BackgroundAgentPool(
            metadata: ObjectMeta(name: name, namespace: namespace), spec: spec)
    }

    private func task(_ edit: (inout BackgroundTask) -> Void = { _ in }) -> BackgroundTask {
        var task = BackgroundTask(metadata: ObjectMeta(name: "t", namespace: "ns"))
        edit(&task)
        return task
    }

    private func reason(_ placement: TaskPlacement) -> String? {
        if case .none(let reason, _) = placement { reason } else { nil }
    }

    @Test func `a named pool takes the task or says why not`() {
        let team = NamespaceView(metadata: ObjectMeta(name: "ns", labels: ["team": "a"]))
        let view = ClusterView.of([
            pool("own"), pool("typed") { $0.taskTypes = [.init(name: "lint")] },
            pool("closed", namespace: "other"),
            pool("open", namespace: "other") { $0.allowedNamespaces.from = .all },
            pool("chosen", namespace: "other") {
                $0.allowedNamespaces.from = .selector
                $0.allowedNamespaces.selector = ["matchLabels": ["team": "a"]]
            },
            pool("other-team", namespace: "other") {
                $0.allowedNamespaces.from = .selector
                $0.allowedNamespaces.selector = ["matchLabels": ["team": "b"]]
            },
            pool("broken", namespace: "other") {
                $0.allowedNamespaces.from = .selector
                $0.allowedNamespaces.selector = ["matchExpressions": [["key": "x"]]]
            }, team,
        ])
        let expected: [(String, String?, String?)] = [
            ("own", nil, nil), ("missing", nil, "PoolNotFound"), ("typed", nil, "TypeNotAccepted"),
            ("closed", "other", "NamespaceNotAllowed"), ("open", "other", nil),
            ("chosen", "other", nil), ("other-team", "other", "NamespaceNotAllowed"),
            ("broken", "other", "NamespaceNotAllowed"),
        ]
        for (name, namespace, refusal) in expected {
            let task = task { $0.spec.poolRef = .init(name: name, namespace: namespace) }
            let placement = TaskPlacement.of(task, in: view)
            #expect(reason(placement) == refusal, "\(name)")
            if refusal == nil {
                #expect(placement == .pool(Key(namespace: namespace ?? "ns", name: name)))
            }
        }
    }

    @Test
    func `a task without a pool goes where its type weighs most, then where there is least to do`()
    {
        var busy = pool("busy") { $0.taskTypes = [.init(name: "lint")] }
        busy.status.readyReplicas = 1
        busy.status.queue.queued = 5
        var idle = pool("idle") { $0.taskTypes = [.init(name: "lint")] }
        idle.status.readyReplicas = 1
        let mixed = pool("mixed") {
            $0.taskTypes = [.init(name: "lint", weight: 1), .init(name: "test", weight: 3)]
        }
        let any = pool("any")
        let view = ClusterView.of([busy, idle, mixed, any])
        func placed(_ type: String) -> String? {
            TaskPlacement.of(task { $0.spec.type = type }, in: view).key?.name
        }
        #expect(placed("lint") == "idle")
        #expect(placed("test") == "mixed")
        #expect(placed("general") == "any")
        #expect(
            TaskPlacement.of(
                task {
                    $0.spec.type = "lint"
                    $0.status.pool = .init(name: "busy")
                }, in: view
            ).key?.name == "busy", "it stays where it was given")
        #expect(reason(TaskPlacement.of(task(), in: ClusterView.of([busy]))) == "NoMatchingPool")
    }
}
