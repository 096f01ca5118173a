/// The names that Swiftlet puts on objects of the cluster. Each is part of the product's contract
/// with people and other programs: changing one orphans what carries the old name.
public enum SwiftletNames {
    /// The API group of our kinds.
    public static let group = "swiftlet.dev"
    /// The version of our kinds.
    public static let version = "v1alpha1"
    /// What `app.kubernetes.io/managed-by` says on everything that the operator makes.
    public static let managedBy = "swiftlet"
    /// The field manager of the operator's writes.
    public static let fieldManager = "swiftlet-operator"
    /// The audience that agents' tokens must be made for.
    public static let gatewayAudience = "swiftlet-gateway"

    /// Keys of labels.
    public enum Label {
        /// The name of the pool that an agent belongs to. For people and selectors: ownership is
        /// the controller's UID alone.
        public static let pool = "swiftlet.dev/pool"
        /// The tenant that pays for an object; on namespaces it is set by an administrator.
        public static let tenant = "swiftlet.dev/tenant"
        /// On a namespace, set by an administrator: how much of a shared pool its tenant is owed
        /// against others, from 1 to 1000; 1 where it is absent.
        public static let tenantWeight = "swiftlet.dev/tenant-weight"
        /// The hash of the pod template that an agent was made from.
        public static let templateRevision = "swiftlet.dev/template-revision"
        /// On an agent pod that has been at work for a while: `true`. Its PodDisruptionBudget keeps
        /// node drains off pods with this label.
        public static let busy = "swiftlet.dev/busy"
        /// On an operator pod: `true` while it leads. The gateway's Service selects by it.
        public static let leader = "swiftlet.dev/leader"
        /// On a ConfigMap in the operator's namespace: `true` where its keys hold policies, `data`
        /// where policies only look it up.
        public static let policies = "swiftlet.dev/policies"
        /// On a ConfigMap: its keys are persona files of pools in its namespace.
        public static let personas = "swiftlet.dev/personas"
        /// The task that a child task was made for.
        public static let parentTask = "swiftlet.dev/parent-task"
        /// Which program manages an object.
        public static let managedBy = "app.kubernetes.io/managed-by"
        /// Which part an object plays.
        public static let component = "app.kubernetes.io/component"
    }

    /// Keys of annotations.
    public enum Annotation {
        /// On an agent pod: the RFC 3339 time since which it gets no new task and is to go when
        /// idle.
        public static let draining = "swiftlet.dev/draining"
        /// On an agent pod: the cost of deleting it that node drains and scalers respect.
        public static let podDeletionCost = "controller.kubernetes.io/pod-deletion-cost"
        /// On an agent pod: the index that its name was made from.
        public static let agentIndex = "swiftlet.dev/agent-index"
        /// On the Secret of the gateway's authorities, with any value: another one is to be made.
        public static let rotate = "swiftlet.dev/rotate"
        /// On a child task: which of how many it is, as in `3/8`; counted from 0.
        public static let shard = "swiftlet.dev/shard"
        /// On a task: the user that submitted it through the gateway.
        public static let submittedBy = "swiftlet.dev/submitted-by"
        /// On a task that was submitted through the gateway: a digest of what was asked for.
        public static let submissionDigest = "swiftlet.dev/submission-digest"
        /// On a task, followed by a key: what an attempt asks to be allowed.
        public static let permission = "swiftlet.dev/permission."
        /// On a task, followed by the same key: `allow` or `deny`.
        public static let permissionAnswer = "swiftlet.dev/permission-answer."
        /// On a task that was submitted again: the UID of the one that had ended.
        public static let redriveOf = "swiftlet.dev/redrive-of"
        /// On a task: the trace that it belongs to, as the field `traceparent` of W3C Trace
        /// Context. On an Event about a task: the task's span.
        public static let traceparent = "swiftlet.dev/traceparent"
    }

    /// Finalizers.
    public enum Finalizer {
        /// On a pool: busy agents are drained before the pool goes.
        public static let pool = "swiftlet.dev/pool-drain"
        /// On a task: its running attempt is stopped before the task goes.
        public static let task = "swiftlet.dev/task-stop"
    }

    /// Names of PriorityClasses that the chart installs.
    public enum PriorityClass {
        /// Agents of pools; quotas of pools are scoped to it.
        public static let background = "swiftlet-background"
        /// The operator itself.
        public static let system = "swiftlet-system"
    }
}
