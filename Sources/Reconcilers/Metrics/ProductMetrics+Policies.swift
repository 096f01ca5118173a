public import ControlLoop

/// What is measured about policies.
extension ProductMetrics {
    /// Policies that hold.
    public static let policiesLoaded = MetricFamily(
        "swiftlet_policies_loaded", .gauge, "Policies that agents are judged by")
    /// Policies and rules that could not be loaded.
    public static let policiesRefused = MetricFamily(
        "swiftlet_policies_refused", .gauge,
        "Policies and rules that could not be loaded, by what that means: agents are forbidden, it "
            + "is reported, or it concerns no agent",
        labels: ["effect"])
    /// Whether policies allow a pool's agents.
    public static let policyCompliance = MetricFamily(
        "swiftlet_pool_policy_compliant", .gauge,
        "1 where policies allow a pool's agents, 0 elsewhere", labels: ["namespace", "pool"])
    /// Rules that came to be against agents.
    public static let policyViolations = MetricFamily(
        "swiftlet_policy_violations", .counter,
        "Rules that came to be against the agents of a pool", labels: ["policy", "rule", "action"])

    static let policies = [policiesLoaded, policiesRefused, policyCompliance, policyViolations]
}
