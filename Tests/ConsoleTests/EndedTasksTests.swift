import Console
import ControlLoop
import KubernetesCore
import SwiftletAPI
import Testing

/// Which tasks ended last.
struct EndedTasksTests {
    private func task(_ name: String, endedAgo seconds: Int) -> BackgroundTask {
        Samples.task(name, .succeeded) {
            $0.status.completionTime = Samples.now - .seconds(seconds)
        }
    }

    @Test func `the latest come first and older ones are forgotten`() {
        var ended = EndedTasks(max: 3)
        for (name, ago) in [("a", 50), ("b", 10), ("c", 30), ("d", 20), ("e", 90)] {
            ended.take([.added(task(name, endedAgo: ago))])
        }
        #expect(ended.latest().map(\.metadata.name) == ["b", "d", "c"])
    }

    @Test func `a task is there once, and goes when it is deleted`() {
        var ended = EndedTasks()
        let running = Samples.task("a", .running)
        let done = task("a", endedAgo: 5)
        ended.take([.added(running)])
        #expect(ended.latest().isEmpty)
        ended.take([.changed(from: running, to: done)])
        var labelled = done
        labelled.metadata.labels = ["x": "y"]
        ended.take([.changed(from: done, to: labelled)])
        #expect(ended.latest() == [labelled])
        ended.take([.removed(labelled)])
        #expect(ended.latest().isEmpty)
    }

    @Test func `a task of the same name that is made anew takes the old one's place away`() {
        var ended = EndedTasks()
        let done = task("a", endedAgo: 5)
        ended.take([.added(done)])
        ended.take([.changed(from: done, to: Samples.task("a", .queued))])
        #expect(ended.latest().isEmpty)
    }

    @Test func `what may be large or secret is not kept`() {
        var ended = EndedTasks()
        var done = task("a", endedAgo: 5)
        done.status.result = "large"
        done.spec.input = "secret"
        ended.take([.added(done)])
        #expect(ended.latest().first?.status.result == nil)
        #expect(ended.latest().first?.spec.input == nil)
    }

    @Test func `those of one pool are found`() {
        var ended = EndedTasks()
        var other = task("b", endedAgo: 1)
        other.status.pool = .init(name: "other")
        ended.take([.added(task("a", endedAgo: 5)), .added(other)])
        let key = Key<BackgroundAgentPool>(namespace: "default", name: "other")
        #expect(ended.latest(of: key).map(\.metadata.name) == ["b"])
    }
}
