import AgentProtocol
import KubernetesCore

/// The control group of one attempt: which folders it is, and what is written to and read from
/// which files.
struct AttemptGroup: Hashable, Sendable {
    /// A limit of the kernel's.
    struct Setting: Hashable, Sendable {
        var file: String
        var content: String
        /// Whether the group is of no use without it. Others depend on how the kernel was built.
        var isNeeded = true
    }

    /// Its name, which no other attempt has.
    var name: String
    var interface: ControlGroupPlan.Interface
    var places: [ControlGroupPlan.Place]

    /// Its folders; in version two it is one.
    var folders: [String] { Self.unique(places.map { $0.parent + "/" + name }) }

    /// Where a process goes in, by writing its number.
    var entries: [String] { folders.map { $0 + "/cgroup.procs" } }

    /// Where the supervisor goes back to.
    var exits: [String] { Self.unique(places.map { $0.home + "/cgroup.procs" }) }

    /// What kills all that is in there at once, in version two.
    var killers: [String] { interface == .two ? folders.map { $0 + "/cgroup.kill" } : [] }

    /// What to write before any process is in there, in this order.
    func settings(_ limits: AttemptLimits) -> [Setting] {
        var result: [Setting] = []
        if let folder = folder("memory") {
            let bytes = limits.memoryBytes.map(String.init)
            switch interface {
            case .one:
                // The second is that of memory and swap together, and must not be below the first.
                if let bytes {
                    result.append(Setting(file: folder + "/memory.limit_in_bytes", content: bytes))
                    result.append(
                        Setting(
                            file: folder + "/memory.memsw.limit_in_bytes", content: bytes,
                            isNeeded: false))
                }
            case .two:
                if let bytes {
                    result.append(Setting(file: folder + "/memory.max", content: bytes))
                    result.append(
                        Setting(
                            file: folder + "/memory.swap.max", content: "0", isNeeded: false))
                }
                // Half an attempt is none: all of it is killed.
                result.append(
                    Setting(file: folder + "/memory.oom.group", content: "1", isNeeded: false))
            }
        }
        if let folder = folder("pids") {
            result.append(Setting(file: folder + "/pids.max", content: String(limits.tasks)))
        }
        return result
    }

    /// What the kernel has done to the attempt's processes; nil where that is nothing.
    func excess(reading read: (String) -> String?) -> SupervisorReport? {
        let events = interface == .one ? "/memory.oom_control" : "/memory.events"
        if let folder = folder("memory"),
            let count = read(folder + events).flatMap({ Self.figure("oom_kill", in: $0) }),
            count > 0
        {
            return .outOfMemory(Int32(clamping: count))
        }
        if let folder = folder("pids"),
            let count = read(folder + "/pids.events").flatMap({ Self.figure("max", in: $0) }),
            count > 0
        {
            return .refusedTasks(Int32(clamping: count))
        }
        return nil
    }

    private func folder(_ controller: String) -> String? {
        places.first { $0.controller == controller }.map { $0.parent + "/" + name }
    }

    /// The number behind `name` in lines of `name number`.
    private static func figure(_ name: String, in text: String) -> Int? {
        for line in text.split(separator: "\n") {
            let words = line.split(separator: " ")
            if words.count == 2, words[0] == name { return Int(words[1]) }
        }
        return nil
    }

    private static func unique(_ texts: [String]) -> [String] {
        var seen: Set<String> = []
        return texts.filter { seen.insert($0).inserted }
    }
}

extension AttemptGroup {
    /// The group as the supervisor is told of it.
    var json: JSONValue {
        [
            "name": .string(name), "interface": .int(interface.rawValue),
            "places": .array(
                places.map {
                    [
                        "controller": .string($0.controller), "parent": .string($0.parent),
                        "home": .string($0.home),
                    ]
                }),
        ]
    }

    /// Reads what was told; nil where it is not whole.
    init?(_ json: JSONValue) {
        guard let name = json["name"]?.string, let places = json["places"]?.array,
            let interface = json["interface"]?.integer.flatMap({
                ControlGroupPlan.Interface(rawValue: Int(clamping: $0))
            })
        else { return nil }
        var read: [ControlGroupPlan.Place] = []
        for place in places {
            guard let controller = place["controller"]?.string,
                let parent = place["parent"]?.string, let home = place["home"]?.string
            else { return nil }
            read.append(
                ControlGroupPlan.Place(controller: controller, parent: parent, home: home))
        }
        self.init(name: name, interface: interface, places: read)
    }
}
