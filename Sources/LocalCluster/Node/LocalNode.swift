import APIServerModel
import Glibc
import KubernetesCore
import Logging

/// The node of a local cluster: runs the containers of the pods bound to it as processes of this
/// machine, and reports about them as a kubelet does. It isolates nothing.
struct LocalNode: Sendable {
    /// The node's name.
    static let name = "local"

    let api: InProcessAPI
    let logs: PodLogStore
    let pump: LogPump
    let workPath: String
    let commandPath: [String]
    let serverPort: Int
    /// Marks the processes of this cluster; see `Orphans`.
    let mark: String?
    let hostPath: String
    let log: Logger

    init(
        api: InProcessAPI, logs: PodLogStore, workPath: String, commandPath: [String],
        serverPort: Int, mark: String?, log: Logger
    ) throws {
        self.api = api
        self.logs = logs
        pump = try LogPump(store: logs)
        self.workPath = workPath
        self.commandPath = commandPath
        self.serverPort = serverPort
        self.mark = mark
        hostPath = getenv("PATH").map { String(cString: $0) } ?? "/usr/local/bin:/usr/bin:/bin"
        self.log = log
    }

    /// What marks a process as one of this cluster.
    var marks: [String: String] { mark.map { [Orphans.variable: $0] } ?? [:] }

    /// Registers the node and runs its pods until the task is cancelled; then every process that it
    /// started has ended.
    func run() async throws {
        try await register()
        try await endLostPods()
        defer { pump.stop() }
        await withDiscardingTaskGroup { group in
            var workers: [UID: PodWorker] = [:]
            while !Task.isCancelled {
                do {
                    try await follow(&workers, &group)
                } catch {
                    guard !Task.isCancelled else { break }
                    log.warning("the node's watch of pods broke off: \(error)")
                    // A watch ends every few minutes by its own limit; only errors need a pause. It
                    // fails where the task is cancelled, and then the loop ends.
                    do { try await Task.sleep(for: .milliseconds(50)) } catch { break }
                }
            }
            group.cancelAll()
        }
    }

    /// Follows the pods of this node from a fresh list until the watch ends.
    private func follow(
        _ workers: inout [UID: PodWorker], _ group: inout DiscardingTaskGroup
    ) async throws {
        let selector = "fieldSelector=spec.nodeName%3D" + Self.name
        let list = try await api.send("GET", "/api/v1/pods?" + selector)
        let objects = list["items"]?.array ?? []
        let alive = Set(objects.map { LocalPod($0).uid })
        for uid in workers.keys.sorted() where !alive.contains(uid) {
            workers.removeValue(forKey: uid)?.abandon()
        }
        for object in objects { note(object, &workers, &group) }
        let version = list["metadata"]?["resourceVersion"]?.string ?? ""
        let (channel, watch) = try await api.watch(
            "/api/v1/pods?watch=true&" + selector + "&resourceVersion=" + version)
        var rest: [UInt8] = []
        while let bytes = await channel.next() {
            rest += bytes
            while let end = rest.firstIndex(of: 0x0A) {
                let line = Array(rest[..<end])
                rest.removeSubrange(...end)
                try handle(line, &workers, &group)
            }
        }
        api.host.abandon(watch)
    }

    /// Ends the pods that ran when an earlier process of this cluster ended: their processes are
    /// gone. They fail, as those of a node that is shut down do, and their owners replace them.
    private func endLostPods() async throws {
        let list = try await api.send(
            "GET", "/api/v1/pods?fieldSelector=spec.nodeName%3D" + Self.name)
        for pod in list["items"]?.array ?? [] {
            guard pod["status"]?["startTime"] != nil, !LostPod.hasEnded(pod) else { continue }
            let lost = LostPod(pod, at: WallClock.time)
            let path =
                "/api/v1/namespaces/\(lost.pod.namespace)/pods/\(lost.pod.name)"
            try await api.send(
                "PATCH", path + "/status",
                body: [
                    "metadata": ["uid": .string(lost.pod.uid.text)], "status": lost.status,
                ], contentType: "application/strategic-merge-patch+json")
            guard lost.pod.deletionGraceSeconds != nil else { continue }
            try await api.send(
                "DELETE", path,
                body: [
                    "apiVersion": "v1", "kind": "DeleteOptions", "gracePeriodSeconds": 0,
                    "preconditions": ["uid": .string(lost.pod.uid.text)],
                ])
        }
    }

    private func handle(
        _ line: [UInt8], _ workers: inout [UID: PodWorker], _ group: inout DiscardingTaskGroup
    ) throws {
        let event = try JSONValue(parsing: line)
        guard let object = event["object"] else { return }
        switch event["type"]?.string {
        case "ADDED", "MODIFIED": note(object, &workers, &group)
        case "DELETED": workers.removeValue(forKey: LocalPod(object).uid)?.abandon()
        case "ERROR":
            throw LocalClusterError.refused(
                "watch of pods", status: Int(object["code"]?.integer ?? 0),
                message: object["message"]?.string ?? "")
        default: break
        }
    }

    private func note(
        _ object: JSONValue, _ workers: inout [UID: PodWorker], _ group: inout DiscardingTaskGroup
    ) {
        let pod = LocalPod(object)
        if workers[pod.uid] == nil {
            // What has ended is not run again, after a restart of this node neither.
            guard !LostPod.hasEnded(object) else { return }
            let worker = PodWorker(pod, node: self)
            workers[pod.uid] = worker
            group.addTask { await worker.run() }
        }
        if let grace = pod.deletionGraceSeconds {
            workers[pod.uid]?.post(.deleting(graceSeconds: grace))
        }
    }

    private func register() async throws {
        let cores = max(1, sysconf(Int32(_SC_NPROCESSORS_ONLN)))
        let memory = max(1, sysconf(Int32(_SC_PHYS_PAGES))) * max(1, sysconf(Int32(_SC_PAGESIZE)))
        // Processes of a development cluster share the machine; requests are there to be scheduled
        // by, so the node offers more than a laptop has.
        let capacity: JSONValue = [
            "cpu": .string("\(cores * 16)"), "memory": .string("\(memory / 1024 * 4)Ki"),
            "ephemeral-storage": "100Gi", "pods": "500",
        ]
        let now = JSONValue.string(WallClock.time.description)
        try await api.ensure([
            "apiVersion": "v1", "kind": "Node",
            "metadata": [
                "name": .string(Self.name),
                "labels": [
                    "kubernetes.io/hostname": .string(Self.name), "kubernetes.io/os": "linux",
                    "swiftlet.dev/local-node": "true",
                ],
            ],
        ])
        let status: JSONValue = [
            "capacity": capacity, "allocatable": capacity,
            "addresses": [["type": "InternalIP", "address": "127.0.0.1"]],
            "conditions": [
                [
                    "type": "Ready", "status": "True", "reason": "KubeletReady",
                    "message": "the local node runs pods as processes", "lastHeartbeatTime": now,
                    "lastTransitionTime": now,
                ]
            ],
            "nodeInfo": [
                "kubeletVersion": "v1.36.0-swiftlet", "operatingSystem": "linux",
                "containerRuntimeVersion": "process://1", "osImage": "local", "architecture": "",
                "kernelVersion": "", "kubeProxyVersion": "", "machineID": "", "systemUUID": "",
                "bootID": "",
            ],
        ]
        try await api.send(
            "PATCH", "/api/v1/nodes/\(Self.name)/status", body: ["status": status],
            contentType: "application/merge-patch+json")
    }
}
