/// The control group of this process, in which the kernel counts what a container uses.
struct Cgroup: Hashable, Sendable {
    /// Which interface the kernel has.
    enum Version: Hashable, Sendable {
        /// One tree for each controller.
        case one
        /// One tree for all.
        case two
    }

    let version: Version
    /// The folder with the processor's figures.
    let processor: String
    /// The folder with the memory's figures; in version two the same.
    let memory: String

    /// Finds the group of a process.
    /// - Parameters:
    ///   - root: where control groups are mounted, as in `/sys/fs/cgroup`.
    ///   - membership: the content of `/proc/self/cgroup`.
    ///   - exists: whether a file is there.
    init?(root: String, membership: String, exists: (String) -> Bool) {
        var folders: [String: String] = [:]
        for line in membership.split(separator: "\n") {
            let parts = line.split(separator: ":", maxSplits: 2, omittingEmptySubsequences: false)
            guard parts.count == 3 else { continue }
            let controllers = parts[1]
            // The runner may have gone down to make groups for attempts; all of them are meant.
            let path =
                parts[2].hasSuffix("/" + ControlGroupPlan.runnerName)
                ? parts[2].dropLast(ControlGroupPlan.runnerName.count + 1) : parts[2]
            for name in controllers.isEmpty ? [""] : controllers.split(separator: ",") {
                let bases =
                    controllers.isEmpty ? [root] : [root + "/" + controllers, root + "/" + name]
                // In a container the group's own folder is mounted at the root, whatever path the
                // kernel tells of it.
                let places = bases.flatMap { [$0 + path, $0] }
                let file = Cgroup.proof[String(name)] ?? ""
                guard !file.isEmpty, let place = places.first(where: { exists($0 + "/" + file) })
                else { continue }
                folders[String(name)] = place.hasSuffix("/") ? String(place.dropLast()) : place
            }
        }
        if let processor = folders["cpuacct"], let memory = folders["memory"] {
            self.init(version: .one, processor: processor, memory: memory)
        } else if let folder = folders[""] {
            self.init(version: .two, processor: folder, memory: folder)
        } else {
            return nil
        }
    }

    private init(version: Version, processor: String, memory: String) {
        self.version = version
        self.processor = processor
        self.memory = memory
    }

    /// For each controller a file that its folder has where it counts a group. The machine's own
    /// root has none in version two.
    private static let proof = [
        "": "memory.current", "cpuacct": "cpuacct.usage", "memory": "memory.usage_in_bytes",
    ]

    /// The numbers of the processes in the group and in those below it, by the text of each
    /// `cgroup.procs`; but not of those in attempts' groups, which are whose they are by their
    /// name: what an attempt leaves behind descends from the runner no more. Nil where one cannot
    /// be read.
    /// - Parameter folders: the groups in one, by their folders.
    func processes(
        _ read: (String) -> String?, folders: (String) -> [String]
    ) -> Set<Int32>? {
        var result: Set<Int32> = []
        var open = Set([processor, memory]).sorted()
        var next = 0
        while next < open.count {
            guard next < Self.groupsMax, let text = read(open[next] + "/cgroup.procs") else {
                return nil
            }
            result.formUnion(text.split(separator: "\n").compactMap { Int32($0) })
            open += folders(open[next]).filter {
                !($0.split(separator: "/").last ?? "").hasPrefix(ControlGroupPlan.attemptPrefix)
            }
            next += 1
        }
        return result
    }

    /// Most groups that are looked at: with more, this is no container's.
    private static let groupsMax = 256

    /// What the group has used; nil where the kernel does not say. As the kubelet counts it, memory
    /// is without files that have not been read for a while: it could be taken back at once.
    func sample(_ read: (String) -> String?) -> UsageSample? {
        switch version {
        case .one:
            guard let time = read(processor + "/cpuacct.usage").flatMap(Cgroup.number),
                let bytes = read(memory + "/memory.usage_in_bytes").flatMap(Cgroup.number)
            else { return nil }
            let idle = read(memory + "/memory.stat").flatMap {
                Cgroup.figure("total_inactive_file", in: $0)
            }
            return UsageSample(
                processorNanoseconds: time, memoryBytes: Cgroup.less(bytes, idle ?? 0))
        case .two:
            guard
                let time = read(processor + "/cpu.stat").flatMap({
                    Cgroup.figure("usage_usec", in: $0)
                }), let bytes = read(memory + "/memory.current").flatMap(Cgroup.number)
            else { return nil }
            let idle = read(memory + "/memory.stat").flatMap {
                Cgroup.figure("inactive_file", in: $0)
            }
            return UsageSample(
                processorNanoseconds: UsageSample.product(time, 1_000),
                memoryBytes: Cgroup.less(bytes, idle ?? 0))
        }
    }

    private static func less(_ whole: Int, _ part: Int) -> Int { part < whole ? whole - part : 0 }

    private static func number(_ text: String) -> Int? {
        text.split(separator: "\n").first.flatMap { Int($0) }.flatMap { $0 < 0 ? nil : $0 }
    }

    /// The number behind `name` in lines of `name number`.
    private static func figure(_ name: String, in text: String) -> Int? {
        for line in text.split(separator: "\n") {
            let words = line.split(separator: " ")
            if words.count == 2, words[0] == name { return number(String(words[1])) }
        }
        return nil
    }
}
