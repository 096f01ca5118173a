import ControlLoop
import KubernetesCore
import SwiftletAPI
import TaskScheduling

/// What becomes of a task that is cut into several. It takes no slot itself: it makes its children,
/// passes on to them what its own state asks for, and ends when they have.
extension TaskEdit {
    /// How many children one plan makes or changes.
    static let childrenAtOnce = 64
    /// How many failed children a message names.
    private static let namedMax = 5

    /// The task begins: what it is cut into is fixed from now on.
    mutating func divide() -> Plan {
        let count = task.spec.childCount
        let message = "Cut into \(count) child tasks."
        status.phase = .running
        status.reason = "Divided"
        status.message = message
        status.queue = nil
        status.attempt = 1
        status.startTime = now
        status.queuedTime = status.queuedTime ?? now
        status.notBefore = nil
        status.children = .init(total: count)
        return plan(notes: [note(.normal, "Divided", message)])
    }

    /// Brings the children to what they should be, and the status to what they are.
    mutating func follow(_ scene: TaskWorld.Scene) -> Plan {
        guard case .divided(let owned) = scene else { return .idle }
        let total = task.spec.childCount
        var children = status.children ?? .init(total: total)
        children.total = total
        var there: [Int: BackgroundTask] = [:]
        let byName = Dictionary(
            owned.map { ($0.metadata.name, $0) }, uniquingKeysWith: { first, _ in first })
        for index in 0..<min(total, BackgroundTaskSpec.childrenMax) {
            guard let child = byName[ChildTask.name(of: task, index: index)] else { continue }
            there[index] = child
            guard child.isFinished, !children.succeeded.contains(index),
                !children.failed.contains(index)
            else { continue }
            if child.status.phase == .succeeded {
                children.succeeded.insert(index)
            } else {
                children.failed.insert(index)
            }
        }
        let active = there.sorted { $0.key < $1.key }.map(\.value).filter { !$0.isFinished }
        if let plan = end(children, there, hasActive: !active.isEmpty) { return plan }
        let changes = changes(to: active, children, there)
        var result = tell(children, there)
        if !changes.isEmpty { result.steps = [changes] }
        return result
    }

    // MARK: - Children

    /// Whether nothing that still runs or waits can change how the whole ends.
    private func isCertain(_ children: BackgroundTaskStatus.Children) -> Bool {
        let needed = task.spec.childrenToSucceed
        return children.succeeded.count >= needed
            || children.total - children.failed.count < needed
    }

    private func changes(
        to active: [BackgroundTask], _ children: BackgroundTaskStatus.Children,
        _ there: [Int: BackgroundTask]
    ) -> [Action] {
        var wanted = task.spec.state
        if task.metadata.isDeleting { wanted = .cancelled }
        let isOver = task.spec.successPolicy.stopEarly && isCertain(children)
        if isOver { wanted = .cancelled }
        var actions: [Action] = []
        for child in active
        where child.spec.state != wanted && child.spec.state != .cancelled
            && !child.metadata.isDeleting
        {
            actions.append(
                .patch(child.reference, ["spec": ["state": .string(wanted.rawValue)]]))
        }
        if wanted == .active {
            for index in 0..<children.total
            where there[index] == nil && !children.succeeded.contains(index)
                && !children.failed.contains(index)
            {
                guard actions.count < TaskEdit.childrenAtOnce else { break }
                actions.append(
                    .create(ChildTask.object(of: task, index: index), of: .backgroundTask))
            }
        }
        return Array(actions.prefix(TaskEdit.childrenAtOnce))
    }

    // MARK: - Status

    /// Writes how many have ended, a while after the first that is not told of yet, so that those
    /// which end together cost one write.
    private mutating func tell(
        _ children: BackgroundTaskStatus.Children, _ there: [Int: BackgroundTask]
    ) -> Plan {
        let isSuspended = task.spec.state == .suspended
        let reason = isSuspended ? "Suspended" : "Divided"
        let isNews = status.children != children || status.reason != reason
        guard isNews else { return .idle }
        let told = status.children
        let untold = there.filter { index, child in
            child.isFinished && told?.succeeded.contains(index) != true
                && told?.failed.contains(index) != true
        }
        let first = untold.values.compactMap(\.status.completionTime).min()
        if status.reason == reason, let first, first + TaskTiming.progressInterval > now {
            return .waiting(until: first + TaskTiming.progressInterval)
        }
        status.children = children
        status.reason = reason
        status.message =
            isSuspended
            ? "The task's children are suspended (spec.state)."
            : "\(children.finished) of \(children.total) children have ended."
        status.progress = .init(percent: children.finished * 100 / max(1, children.total))
        return plan()
    }

    /// The end of the whole, where it has come.
    private mutating func end(
        _ children: BackgroundTaskStatus.Children, _ there: [Int: BackgroundTask],
        hasActive: Bool
    ) -> Plan? {
        let isComplete = children.finished >= children.total
        let mayStop =
            task.spec.state == .cancelled || task.metadata.isDeleting
            || (task.spec.successPolicy.stopEarly && isCertain(children))
        guard isComplete || (mayStop && !hasActive) else { return nil }
        status.children = children
        status.progress = .init(percent: children.finished * 100 / max(1, children.total))
        status.result = TaskEdit.result(of: there)
        let total = children.total
        if children.succeeded.count >= task.spec.childrenToSucceed {
            let message = "\(children.succeeded.count) of \(total) children succeeded."
            status.progress?.percent = 100
            status.finish(.succeeded, reason: "Succeeded", message: message, at: now)
            return plan(notes: [note(.normal, "Succeeded", message)])
        }
        if task.spec.state == .cancelled || task.metadata.isDeleting {
            let message =
                "The task was cancelled when \(children.succeeded.count) of \(total) children"
                + " had succeeded."
            status.finish(.cancelled, reason: "Cancelled", message: message, at: now)
            return plan(notes: [note(.normal, "Cancelled", message)])
        }
        let failed = children.failed.sorted
        let names = failed.prefix(TaskEdit.namedMax).map { ChildTask.name(of: task, index: $0) }
        let more = failed.count > names.count ? " and \(failed.count - names.count) more" : ""
        let message =
            "\(failed.count) of \(total) children failed: " + names.joined(separator: ", ") + more
            + ". \(task.spec.childrenToSucceed) had to succeed."
        status.failure = .init(
            class: .application, reason: "ChildrenFailed", message: message.cut)
        status.finish(.failed, reason: "ChildrenFailed", message: message, at: now)
        return plan(notes: [note(.warning, "Failed", message)])
    }

    /// What the children gave back, by index; results that would make it too large are left out.
    private static func result(of there: [Int: BackgroundTask]) -> JSONValue {
        var list: [JSONValue] = []
        var left = Bounds.resultBytes - 64
        var omitted = 0
        for (index, child) in there.sorted(by: { $0.key < $1.key }) where child.isFinished {
            var entry: JSONObject = [
                "index": .int(index), "phase": .string(child.status.phase.rawValue),
            ]
            if let reason = child.status.failure?.reason { entry["reason"] = .string(reason) }
            if let result = child.status.result { entry["result"] = result }
            let size = JSONValue.object(entry).text.utf8.count + 1
            guard size <= left else {
                omitted += 1
                continue
            }
            left -= size
            list.append(.object(entry))
        }
        var result: JSONObject = ["children": .array(list)]
        if omitted > 0 { result["omitted"] = .int(omitted) }
        return .object(result)
    }
}
