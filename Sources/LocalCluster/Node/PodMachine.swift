import KubernetesCore

/// What becomes of one pod on the node: which container starts when, how the pod ends, and what its
/// status says. It decides as a kubelet does; `PodWorker` carries its commands out.
struct PodMachine: Sendable {
    enum Input: Sendable, Equatable {
        case prepared
        case preparationFailed(String)
        case started(String)
        case startFailed(String, message: String)
        case exited(String, code: Int, signal: Int)
        case ready(String, Bool)
        case unhealthy(String, message: String)
        /// Deletion was asked for, with this grace in seconds.
        case deleting(graceSeconds: Int)
        case timer
    }

    enum Command: Sendable, Equatable {
        case prepare
        case start(String, run: Int)
        case terminate(String)
        case kill(String)
        case report
        case remove
        case wake(at: Timestamp)
    }

    let pod: LocalPod
    private(set) var containers: [ContainerRecord]
    private let startTime: Timestamp
    private var isPrepared = false
    private var retriesPreparation: Timestamp?
    /// When processes that still run are killed; set once deletion is asked for.
    private var killDue: Timestamp?
    private var isRemoved = false
    private var conditionTimes: [String: (Bool, Timestamp)] = [:]

    init(_ pod: LocalPod, at now: Timestamp) {
        self.pod = pod
        startTime = now
        func record(_ container: LocalContainer, _ isInit: Bool) -> ContainerRecord {
            ContainerRecord(
                name: container.name, image: container.image, isInit: isInit,
                state: .waiting(
                    reason: isInit || pod.initContainers.isEmpty
                        ? "ContainerCreating" : "PodInitializing", message: ""))
        }
        containers =
            pod.initContainers.map { record($0, true) } + pod.containers.map { record($0, false) }
    }

    /// The commands with which a pod begins.
    mutating func begin() -> [Command] { [.prepare, .report] }

    /// What to do about what happened.
    mutating func handle(_ input: Input, at now: Timestamp) -> [Command] {
        guard !isRemoved else { return [] }
        var commands: [Command] = []
        switch input {
        case .prepared: isPrepared = true
        case .preparationFailed(let message):
            retriesPreparation = now + .seconds(2)
            for index in containers.indices where !containers[index].hasStarted {
                containers[index].state = .waiting(reason: "ContainerCreating", message: message)
            }
            commands.append(.report)
        case .started(let name):
            update(name) {
                $0.state = .running(since: now)
                $0.hasStarted = true
                $0.isReady = false
            }
            commands.append(.report)
        case .startFailed(let name, let message):
            failed(name, message, now)
            commands.append(.report)
        case .exited(let name, let code, let signal):
            ended(name, code, signal, now)
            commands.append(.report)
        case .ready(let name, let isReady):
            update(name) { $0.isReady = isReady && $0.isRunning }
            commands.append(.report)
        case .unhealthy(let name, _): commands.append(.terminate(name))
        case .deleting(let grace): commands += beginDeletion(grace, now)
        case .timer: break
        }
        return commands + advance(now)
    }

    // MARK: - Deciding

    private mutating func advance(_ now: Timestamp) -> [Command] {
        if let due = killDue { return finishDeletion(due, now) }
        var commands: [Command] = []
        if let due = retriesPreparation {
            if due > now { return [.wake(at: due)] }
            retriesPreparation = nil
            return [.prepare]
        }
        guard isPrepared else { return [] }
        for index in startable(now) {
            containers[index].startsAgain = nil
            containers[index].state = .waiting(reason: "ContainerCreating", message: "")
            isStarting.insert(containers[index].name)
            commands.append(.start(containers[index].name, run: containers[index].restarts))
        }
        if let next = containers.compactMap(\.startsAgain).min() {
            commands.append(.wake(at: next))
        }
        return commands
    }

    /// Containers whose start has been asked for and not yet answered.
    private var isStarting: Set<String> = []

    /// The containers to start now: the first init container that has not succeeded, or all others
    /// once all of those have.
    private func startable(_ now: Timestamp) -> [Int] {
        func isDue(_ record: ContainerRecord) -> Bool {
            guard !isStarting.contains(record.name), !record.isRunning else { return false }
            if let again = record.startsAgain { return again <= now }
            return !record.hasStarted
        }
        if let index = containers.firstIndex(where: { $0.isInit && $0.ending?.exitCode != 0 }) {
            return isDue(containers[index]) ? [index] : []
        }
        return containers.indices.filter { !containers[$0].isInit && isDue(containers[$0]) }
    }

    private mutating func failed(_ name: String, _ message: String, _ now: Timestamp) {
        isStarting.remove(name)
        update(name) {
            $0.state = .waiting(reason: "CreateContainerError", message: message)
            $0.startsAgain = now + $0.backoff
            $0.restarts += 1
        }
    }

    private mutating func ended(_ name: String, _ code: Int, _ signal: Int, _ now: Timestamp) {
        isStarting.remove(name)
        let pod = pod
        let policy = pod.restartPolicy
        let isDeleting = killDue != nil
        update(name) { record in
            var started = now
            if case .running(let since) = record.state { started = since }
            let ending = ContainerRecord.Ending(
                exitCode: signal == 0 ? code : 128 + signal, signal: signal,
                reason: code == 0 && signal == 0 ? "Completed" : "Error", message: "",
                started: started, finished: now)
            record.isReady = false
            record.state = .terminated(ending)
            let succeeded = ending.exitCode == 0
            let restarts =
                record.isInit
                ? !succeeded && policy != .never
                : policy == .always || (policy == .onFailure && !succeeded)
            guard restarts, !isDeleting else { return }
            // A run of ten minutes forgives the restarts before it, as with a kubelet.
            let backoff: Duration = now - started >= .seconds(600) ? .seconds(10) : record.backoff
            let wait: Duration = record.restarts == 0 ? .seconds(0) : backoff
            record.last = ending
            record.restarts += 1
            record.startsAgain = now + wait
            if wait > .zero {
                record.state = .waiting(
                    reason: "CrashLoopBackOff",
                    message: "back-off \(Int(wait.inSeconds))s restarting failed container="
                        + "\(record.name) pod=\(pod.name)_\(pod.namespace)(\(pod.uid))")
            }
        }
    }

    private mutating func beginDeletion(_ graceSeconds: Int, _ now: Timestamp) -> [Command] {
        let due = now + .seconds(graceSeconds)
        // A second request may shorten the grace, never lengthen it.
        if let earlier = killDue {
            killDue = min(earlier, due)
            return []
        }
        killDue = due
        for index in containers.indices { containers[index].startsAgain = nil }
        return containers.filter { $0.isRunning || isStarting.contains($0.name) }
            .map { .terminate($0.name) } + [.report]
    }

    private mutating func finishDeletion(_ due: Timestamp, _ now: Timestamp) -> [Command] {
        let alive = containers.filter { $0.isRunning || isStarting.contains($0.name) }
        guard !alive.isEmpty else {
            isRemoved = true
            return [.report, .remove]
        }
        return due > now ? [.wake(at: due)] : alive.map { .kill($0.name) }
    }

    private mutating func update(_ name: String, _ change: (inout ContainerRecord) -> Void) {
        guard let index = containers.firstIndex(where: { $0.name == name }) else { return }
        change(&containers[index])
        if containers[index].isRunning { isStarting.remove(name) }
    }

    // MARK: - Status

    /// The pod's phase by its containers and its restart policy.
    var phase: String {
        let main = containers.filter { !$0.isInit }
        if containers.contains(where: {
            $0.isInit && $0.startsAgain == nil && ($0.ending?.exitCode ?? 0) != 0
        }) {
            return "Failed"
        }
        let endings = main.compactMap { $0.startsAgain == nil ? $0.ending : nil }
        if !main.isEmpty, endings.count == main.count {
            return endings.allSatisfy { $0.exitCode == 0 } ? "Succeeded" : "Failed"
        }
        return main.contains { $0.hasStarted } ? "Running" : "Pending"
    }

    /// The status as a kubelet writes it.
    mutating func status(at now: Timestamp) -> JSONValue {
        let main = containers.filter { !$0.isInit }
        let unready = main.filter { !$0.isReady }.map(\.name)
        let initialized = containers.allSatisfy { !$0.isInit || $0.ending?.exitCode == 0 }
        let reason = phase == "Succeeded" ? "PodCompleted" : "ContainersNotReady"
        let message =
            unready.isEmpty
            ? "" : "containers with unready status: [" + unready.joined(separator: " ") + "]"
        let conditions: [JSONValue] = [
            condition("PodReadyToStartContainers", isPrepared, "", "", now),
            condition("Initialized", initialized, "ContainersNotInitialized", "", now),
            condition("Ready", unready.isEmpty, reason, message, now),
            condition("ContainersReady", unready.isEmpty, reason, message, now),
        ]
        var status: JSONValue = [
            "phase": .string(phase), "conditions": .array(conditions), "hostIP": "127.0.0.1",
            "podIP": "127.0.0.1", "podIPs": [["ip": "127.0.0.1"]],
            "hostIPs": [["ip": "127.0.0.1"]], "startTime": .string(startTime.description),
            "containerStatuses": .array(main.map { $0.json(podUID: pod.uid) }),
        ]
        let initial = containers.filter(\.isInit)
        if !initial.isEmpty {
            status["initContainerStatuses"] = .array(initial.map { $0.json(podUID: pod.uid) })
        }
        return status
    }

    private mutating func condition(
        _ type: String, _ isTrue: Bool, _ reason: String, _ message: String, _ now: Timestamp
    ) -> JSONValue {
        if conditionTimes[type]?.0 != isTrue { conditionTimes[type] = (isTrue, now) }
        let since = conditionTimes[type]?.1 ?? now
        var value: JSONValue = [
            "type": .string(type), "status": isTrue ? "True" : "False", "lastProbeTime": .null,
            "lastTransitionTime": .string(since.description),
        ]
        if !isTrue, !reason.isEmpty { value["reason"] = .string(reason) }
        if !isTrue, !message.isEmpty { value["message"] = .string(message) }
        return value
    }
}
