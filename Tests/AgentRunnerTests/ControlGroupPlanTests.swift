import AgentProtocol
import Testing

@testable import AgentRunner

/// Where control groups for attempts are made and where not, without any kernel.
struct ControlGroupPlanTests {
    /// A machine that shows these texts, seen by the runner, which is process 7.
    private struct Machine {
        var membership: String
        var mounts: String
        /// Its files; all that is not here cannot be read.
        var files: [String: String] = [:]
        /// What may be written to: all below these paths.
        var writable: [String] = ["/"]

        var plan: ControlGroupPlan {
            get throws(ControlGroupPlan.Refusal) {
                try ControlGroupPlan(
                    ControlGroupPlan.Facts(
                        membership: membership, mounts: mounts, runner: 7, read: { files[$0] },
                        isWritable: { path in writable.contains { path.hasPrefix($0) } }))
            }
        }

        var refusal: String? {
            do throws(ControlGroupPlan.Refusal) {
                _ = try plan
                return nil
            } catch {
                return error.description
            }
        }
    }

    private static func mount(
        _ folder: String, _ group: String = "/", kind: String = "cgroup2", _ options: String = "rw"
    ) -> String {
        "36 25 0:31 \(group) \(folder) rw,nosuid shared:9 master:1 - \(kind) cgroup \(options)\n"
    }

    private static func place(
        _ controller: String, _ parent: String, _ home: String? = nil
    ) -> ControlGroupPlan.Place {
        ControlGroupPlan.Place(controller: controller, parent: parent, home: home ?? parent)
    }

    // MARK: - Version one

    private static let trees =
        mount("/cg/memory", kind: "cgroup", "rw,memory")
        + mount("/cg/pids", kind: "cgroup", "rw,pids")
        + mount("/cg/unified")

    @Test func `version one: each tree counts for itself`() throws {
        var machine = Machine(
            membership: "9:name=systemd:/\n8:pids:/\n4:memory:/box/1\n0::/\n", mounts: Self.trees,
            files: ["/cg/memory/box/1/cgroup.procs": "7\n8\n", "/cg/pids/cgroup.procs": "1\n7\n"])
        let shared = try machine.plan
        #expect(shared.interface == .one)
        #expect(shared.places == [Self.place("pids", "/cg/pids")])
        #expect(shared.preparation.isEmpty && shared.retreat.isEmpty)
        #expect(shared.without == ["memory: others are in /cg/memory/box/1, too"])
        machine.files["/cg/memory/box/1/cgroup.procs"] = "7\n"
        let alone = try machine.plan
        #expect(
            alone.places
                == [Self.place("memory", "/cg/memory/box/1"), Self.place("pids", "/cg/pids")])
        #expect(alone.without.isEmpty)
        machine.writable = ["/cg/memory"]
        #expect(try machine.plan.without == ["pids: /cg/pids cannot be written to"])
        machine.writable = []
        #expect(
            machine.refusal
                == "memory: /cg/memory/box/1 cannot be written to; "
                + "pids: /cg/pids cannot be written to")
    }

    @Test func `version one: a container sees its own group at the top`() throws {
        let machine = Machine(
            membership: "8:pids:/docker/c1\n4:memory,other:/docker/c1\n",
            mounts: Self.mount("/cg/memory", "/docker/c1", kind: "cgroup", "rw,memory,other")
                + Self.mount("/cg/pids", "/docker/c2", kind: "cgroup", "rw,pids"))
        let plan = try machine.plan
        #expect(plan.places == [Self.place("memory", "/cg/memory")])
        #expect(plan.without == ["pids: this machine does not show its group"])
    }

    // MARK: - Version two

    /// A subtree that is delegated to the runner, and the runner alone in it.
    private static let delegated = Machine(
        membership: "0::/agents.service\n", mounts: mount("/sys/fs/cgroup"),
        files: [
            own + "/cgroup.controllers": "cpuset cpu io memory pids\n",
            own + "/cgroup.subtree_control": "\n", own + "/cgroup.type": "domain\n",
            own + "/cgroup.procs": "7\n",
        ], writable: [own])
    private static let own = "/sys/fs/cgroup/agents.service"
    private static let leaf = own + "/swiftlet-runner"
    private static let all = ["memory", "pids", "cpu"].map { place($0, own, leaf) }

    @Test func `version two: the runner makes room before it enables controllers`() throws {
        let plan = try Self.delegated.plan
        #expect(plan.interface == .two)
        #expect(plan.places == Self.all)
        #expect(
            plan.preparation == [
                .make(folder: Self.leaf), .write("7", file: Self.leaf + "/cgroup.procs"),
                .write("+memory +pids +cpu", file: Self.own + "/cgroup.subtree_control"),
            ])
        #expect(
            plan.retreat == [
                .write("7", file: Self.own + "/cgroup.procs"), .remove(folder: Self.leaf),
            ])
        #expect(plan.without.isEmpty)
    }

    @Test func `version two: a successor finds the room made, whole or in part`() throws {
        var machine = Self.delegated
        machine.membership = "0::/agents.service/swiftlet-runner\n"
        machine.files[Self.own + "/cgroup.subtree_control"] = "cpu memory pids\n"
        machine.files[Self.own + "/cgroup.procs"] = ""
        #expect(try machine.plan.places == Self.all)
        #expect(try machine.plan.preparation.isEmpty)
        machine.files[Self.own + "/cgroup.subtree_control"] = "\n"
        #expect(
            try machine.plan.preparation == [
                .write("+memory +pids +cpu", file: Self.own + "/cgroup.subtree_control")
            ])
        #expect(try machine.plan.retreat.isEmpty)
    }

    @Test func `version two: a container sees its own group at the top`() throws {
        let files = Dictionary(
            uniqueKeysWithValues: Self.delegated.files.map {
                ("/sys/fs/cgroup" + $0.dropFirst(Self.own.count), $1)
            })
        var machine = Machine(
            membership: "0::/\n", mounts: Self.mount("/sys/fs/cgroup"), files: files)
        #expect(try machine.plan.places.first?.home == "/sys/fs/cgroup/swiftlet-runner")
        machine.membership = "0::/swiftlet-runner"
        machine.files["/sys/fs/cgroup/cgroup.subtree_control"] = "memory pids"
        #expect(try machine.plan.places.first?.parent == "/sys/fs/cgroup")
        // Not delegated: as in any pod without privileges.
        machine.writable = []
        #expect(machine.refusal == "/sys/fs/cgroup cannot be written to")
    }

    @Test func `version two: what is somebody else's is left alone`() throws {
        func refusal(_ change: (inout Machine) -> Void) -> String? {
            var machine = Self.delegated
            change(&machine)
            return machine.refusal
        }
        #expect(
            refusal { $0.files[Self.own + "/cgroup.procs"] = "7\n9\n" }
                == "others are in \(Self.own), too")
        #expect(
            refusal { $0.files[Self.own + "/cgroup.procs"] = "7\n0\n" }
                == "others are in \(Self.own), too", "those that are not to be seen count as well")
        #expect(
            refusal { $0.files[Self.own + "/cgroup.procs"] = nil }
                == "others are in \(Self.own), too")
        #expect(
            refusal { $0.files[Self.own + "/cgroup.type"] = "threaded\n" }
                == "\(Self.own) is a group of threads")
        #expect(
            refusal { $0.files[Self.own + "/cgroup.type"] = nil }
                == "\(Self.own) is the machine's own group")
        #expect(
            refusal { $0.writable = [Self.own + "/cgroup.procs"] }
                == "\(Self.own) cannot be written to")
        #expect(
            refusal { $0.membership = "0::/../elsewhere" }
                == "this machine shows none that count memory or processes")
    }

    @Test func `version two: what is enabled already is used, and nothing more is enabled`() throws
    {
        var machine = Self.delegated
        machine.files[Self.own + "/cgroup.type"] = nil
        machine.files[Self.own + "/cgroup.procs"] = "1\n2\n7\n"
        machine.files[Self.own + "/cgroup.subtree_control"] = "io pids\n"
        let plan = try machine.plan
        #expect(plan.places == [Self.place("pids", Self.own)])
        #expect(plan.preparation.isEmpty)
        #expect(plan.without == ["memory: it is not given to \(Self.own)"])
    }

    @Test func `of both versions the one is used that counts memory and processes`() throws {
        var machine = Self.delegated
        machine.membership += "8:pids:/\n4:memory:/\n"
        machine.mounts += Self.trees
        #expect(try machine.plan.interface == .two)
        machine.files[Self.own + "/cgroup.controllers"] = "hugetlb\n"
        machine.writable = ["/"]
        #expect(try machine.plan.interface == .one)
    }

    @Test func `of two views of a tree the one that can be written to is used`() throws {
        var machine = Self.delegated
        machine.mounts = Self.mount("/read/only") + Self.mount("/sys\\040fs")
        for (path, text) in Self.delegated.files {
            let name = path.dropFirst(Self.own.count)
            machine.files["/read/only/agents.service" + name] = text
            machine.files["/sys fs/agents.service" + name] = text
        }
        machine.writable = ["/sys fs"]
        #expect(try machine.plan.places.first?.parent == "/sys fs/agents.service")
    }

    @Test(arguments: [
        "", "nonsense", "0::", "::::", "0::/\n0::/", "4:memory", "4:memory:/x\n8:pids:../y",
        "0::/agents.service/../..", "0:\u{0}:/\n", "8:pids:\n", ",:,:,",
    ])
    func `a machine that makes no sense has no groups`(_ text: String) {
        for mounts in [
            text, "", Self.trees, Self.mount("", "", kind: "cgroup", ""), "- - - - - - - -",
        ] {
            let machine = Machine(membership: text, mounts: mounts, writable: [])
            #expect(machine.refusal != nil)
        }
        let broken = Machine(
            membership: Self.delegated.membership, mounts: Self.delegated.mounts,
            files: Self.delegated.files.mapValues { _ in text })
        #expect(broken.refusal != nil)
    }

    // MARK: - An attempt's group

    private static let limits = AttemptLimits(memoryBytes: 128 << 20, tasks: 40)

    @Test func `version one: which files are written and read`() throws {
        let group = AttemptGroup(
            name: "a", interface: .one,
            places: [Self.place("memory", "/m"), Self.place("pids", "/p")])
        #expect(group.folders == ["/m/a", "/p/a"])
        #expect(group.entries == ["/m/a/cgroup.procs", "/p/a/cgroup.procs"])
        #expect(group.exits == ["/m/cgroup.procs", "/p/cgroup.procs"])
        #expect(group.killers.isEmpty)
        #expect(
            group.settings(Self.limits) == [
                .init(file: "/m/a/memory.limit_in_bytes", content: "134217728"),
                .init(
                    file: "/m/a/memory.memsw.limit_in_bytes", content: "134217728",
                    isNeeded: false),
                .init(file: "/p/a/pids.max", content: "40"),
            ])
        #expect(group.settings(AttemptLimits()).map(\.file) == ["/p/a/pids.max"])
        func excess(_ oom: String, _ pids: String) -> SupervisorReport? {
            group.excess { ["/m/a/memory.oom_control": oom, "/p/a/pids.events": pids][$0] }
        }
        #expect(excess("oom_kill_disable 0\nunder_oom 0\noom_kill 2\n", "max 0") == .outOfMemory(2))
        #expect(excess("under_oom 1\noom_kill 0\n", "max 3\n") == .refusedTasks(3))
        #expect(excess("oom_kill 0", "max 0") == nil)
        for text in ["", "oom_kill", "oom_kill x\nmax x", "max -1\noom_kill -1", "oom_kill 1 2"] {
            #expect(excess(text, text) == nil)
        }
        #expect(group.excess { _ in nil } == nil, "a group that is gone has done nothing")
    }

    @Test func `version two: which files are written and read`() {
        let group = AttemptGroup(name: "a", interface: .two, places: Self.all)
        let folder = Self.own + "/a"
        #expect(group.folders == [folder])
        #expect(group.entries == [folder + "/cgroup.procs"])
        #expect(group.exits == [Self.leaf + "/cgroup.procs"])
        #expect(group.killers == [folder + "/cgroup.kill"])
        #expect(
            group.settings(Self.limits) == [
                .init(file: folder + "/memory.max", content: "134217728"),
                .init(file: folder + "/memory.swap.max", content: "0", isNeeded: false),
                .init(file: folder + "/memory.oom.group", content: "1", isNeeded: false),
                .init(file: folder + "/pids.max", content: "40"),
            ])
        #expect(
            group.settings(AttemptLimits()).map(\.file)
                == [folder + "/memory.oom.group", folder + "/pids.max"])
        func excess(_ memory: String, _ pids: String) -> SupervisorReport? {
            group.excess {
                [folder + "/memory.events": memory, folder + "/pids.events": pids][$0]
            }
        }
        let events = "low 0\nhigh 0\nmax 31\noom 1\noom_kill 5\noom_group_kill 1\n"
        #expect(excess(events, "max 0") == .outOfMemory(5))
        #expect(excess("max 31\noom_kill 0", "max 9") == .refusedTasks(9))
        #expect(excess("max 31\noom_kill 0\noom_group_kill 0", "max 0") == nil)
    }
}
