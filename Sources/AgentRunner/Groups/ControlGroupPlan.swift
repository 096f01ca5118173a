/// Where and how a runner makes a control group for each attempt: decided from what the machine
/// shows, without touching it.
///
/// A group that others are in belongs to somebody else, and nothing is made in it, unless it is all
/// that is seen of its tree: then it is this container's, or the machine's own.
struct ControlGroupPlan: Hashable, Sendable {
    /// Which interface the kernel has.
    enum Interface: Int, Sendable {
        /// A tree for each controller.
        case one = 1
        /// One tree for all.
        case two = 2
    }

    /// What one controller needs.
    struct Place: Hashable, Sendable {
        /// `memory`, `pids` or `cpu`.
        var controller: String
        /// The folder in which attempts get theirs.
        var parent: String
        /// The folder of the group that the runner and the supervisors are in.
        var home: String
    }

    /// One thing to do before the first group is made.
    enum Step: Hashable, Sendable {
        case make(folder: String)
        case write(String, file: String)
        case remove(folder: String)
    }

    /// What the machine shows.
    struct Facts {
        /// The content of `/proc/self/cgroup`.
        var membership: String
        /// The content of `/proc/self/mountinfo`.
        var mounts: String
        /// The runner.
        var runner: Int32
        /// The content of a file; nil where it cannot be read.
        var read: (String) -> String?
        /// Whether this process may write to a file, or make folders in a folder.
        var isWritable: (String) -> Bool
    }

    /// Why no groups can be made.
    struct Refusal: Error, Hashable, CustomStringConvertible {
        let description: String
    }

    var interface: Interface
    var places: [Place]
    /// What to do first, in this order.
    var preparation: [Step] = []
    /// What to do, in this order, where one of these fails.
    var retreat: [Step] = []
    /// Of the controllers that bound attempts, those that cannot, each with its reason.
    var without: [String] = []

    /// The name of the group that the runner goes to in version two, where a group with groups in
    /// it may have no processes.
    static let runnerName = "swiftlet-runner"
    /// What the names of all attempts' groups begin with.
    static let attemptPrefix = "swiftlet-attempt-"
    /// The controllers that bound an attempt; each is of use without the other.
    private static let bounding = ["memory", "pids"]

    /// Decides from `facts`.
    init(_ facts: Facts) throws(Refusal) {
        var paths: [String: String] = [:]
        for line in facts.membership.split(separator: "\n") {
            let parts = line.split(separator: ":", maxSplits: 2, omittingEmptySubsequences: false)
            guard parts.count == 3 else { continue }
            // Version two's line names no controller.
            for name in parts[1].split(separator: ",", omittingEmptySubsequences: false) {
                paths[String(name)] = String(parts[2])
            }
        }
        let mounts = ControlGroupMounts(facts.mounts)
        // A machine may have both; a controller belongs to one of them.
        if let path = paths[""], let plan = try Self.two(path, mounts, facts) {
            self = plan
        } else if Self.bounding.contains(where: { paths[$0] != nil }) {
            self = try Self.one(paths, mounts, facts)
        } else {
            throw Refusal(description: "this machine shows none that count memory or processes")
        }
    }

    private init(_ interface: Interface, _ places: [Place]) {
        self.interface = interface
        self.places = places
    }

    /// The group of the attempt that gets the name `name`.
    func group(named name: String) -> AttemptGroup {
        AttemptGroup(name: name, interface: interface, places: places)
    }

    // MARK: - Version one

    private static func one(
        _ paths: [String: String], _ mounts: ControlGroupMounts, _ facts: Facts
    ) throws(Refusal) -> ControlGroupPlan {
        var plan = ControlGroupPlan(.one, [])
        for name in bounding {
            let folders = paths[name].map { mounts.folders(of: $0, with: name) } ?? []
            guard let first = folders.first else {
                plan.without.append("\(name): this machine does not show its group")
                continue
            }
            guard let (folder, isTop) = folders.first(where: { canMake(in: $0.path, facts) }) else {
                plan.without.append("\(name): \(first.path) cannot be written to")
                continue
            }
            guard isTop || isAlone(in: folder, facts) else {
                plan.without.append("\(name): others are in \(folder), too")
                continue
            }
            plan.places.append(Place(controller: name, parent: folder, home: folder))
        }
        guard !plan.places.isEmpty else {
            throw Refusal(description: plan.without.joined(separator: "; "))
        }
        return plan
    }

    // MARK: - Version two

    /// Nil where its tree counts neither memory nor processes.
    private static func two(
        _ path: String, _ mounts: ControlGroupMounts, _ facts: Facts
    ) throws(Refusal) -> ControlGroupPlan? {
        let isMoved = path.hasSuffix("/" + runnerName)
        let parentPath = isMoved ? String(path.dropLast(runnerName.count + 1)) : path
        let folders = mounts.folders(of: parentPath.isEmpty ? "/" : parentPath, with: nil).map(
            \.path)
        guard let seen = folders.first(where: { facts.read($0 + "/cgroup.controllers") != nil })
        else { return nil }
        let parent = folders.first { canMake(in: $0, facts) } ?? seen
        let offered = words(facts.read(parent + "/cgroup.controllers"))
        guard !offered.isDisjoint(with: bounding) else { return nil }
        guard canMake(in: parent, facts), facts.isWritable(parent + "/cgroup.subtree_control")
        else { throw Refusal(description: "\(parent) cannot be written to") }
        let type = facts.read(parent + "/cgroup.type")?.split(separator: "\n").first
        guard type == nil || type == "domain" else {
            throw Refusal(description: "\(parent) is a group of threads")
        }
        let enabled = words(facts.read(parent + "/cgroup.subtree_control"))
        var wanted = (bounding + ["cpu"]).filter(offered.contains)
        let leaf = parent + "/" + runnerName
        // What the group above has enabled already is used as it is: it is the machine's root,
        // where more would change others' groups, or an earlier runner has done this.
        let isReady = !enabled.isDisjoint(with: bounding)
        if isReady { wanted = wanted.filter(enabled.contains) }
        let home = isMoved || !isReady ? leaf : parent
        var plan = ControlGroupPlan(
            .two, wanted.map { Place(controller: $0, parent: parent, home: home) })
        plan.without = bounding.filter { !wanted.contains($0) }.map {
            "\($0): it is not given to \(parent)"
        }
        if isReady { return plan }
        guard type != nil else {
            throw Refusal(description: "\(parent) is the machine's own group")
        }
        let members = numbers(facts.read(parent + "/cgroup.procs"))
        guard isMoved ? members == [] : members == [facts.runner] else {
            throw Refusal(description: "others are in \(parent), too")
        }
        if !isMoved {
            plan.preparation = [
                .make(folder: leaf),
                .write("\(facts.runner)", file: leaf + "/cgroup.procs"),
            ]
            plan.retreat = [
                .write("\(facts.runner)", file: parent + "/cgroup.procs"),
                .remove(folder: leaf),
            ]
        }
        plan.preparation.append(
            .write(
                wanted.map { "+" + $0 }.joined(separator: " "),
                file: parent + "/cgroup.subtree_control"))
        return plan
    }

    // MARK: - Both

    private static func canMake(in folder: String, _ facts: Facts) -> Bool {
        facts.isWritable(folder) && facts.isWritable(folder + "/cgroup.procs")
    }

    private static func isAlone(in folder: String, _ facts: Facts) -> Bool {
        numbers(facts.read(folder + "/cgroup.procs")) == [facts.runner]
    }

    private static func words(_ text: String?) -> Set<String> {
        Set((text ?? "").split { $0 == " " || $0 == "\n" }.map(String.init))
    }

    /// The numbers in `cgroup.procs`; those of processes that are not to be seen from here are 0.
    private static func numbers(_ text: String?) -> Set<Int32>? {
        text.map { Set($0.split(separator: "\n").map { Int32($0) ?? 0 }) }
    }
}
