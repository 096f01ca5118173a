import Glibc

/// Where this machine says which control groups there are.
struct ControlGroupSource: Hashable, Sendable {
    /// The machine's folder of processes; another one in tests.
    var processes = "/proc"
    /// The runner.
    var runner = getpid()

    /// What a plan is made from. Of what cannot be read, nothing is known, and no group is made.
    var facts: ControlGroupPlan.Facts {
        ControlGroupPlan.Facts(
            membership: ControlFile.read("\(processes)/\(runner)/cgroup") ?? "",
            mounts: ControlFile.read("\(processes)/\(runner)/mountinfo") ?? "", runner: runner,
            read: ControlFile.read, isWritable: { access($0, W_OK) == 0 })
    }
}
