import KubernetesCore

extension BackgroundAgentPoolSpec {
    /// The volume that all agents of a pool have in common.
    public struct Workspace: Hashable, Sendable {
        /// The PersistentVolumeClaim in the pool's namespace.
        public var claimName: String
        /// Most bytes of a checkpoint on it.
        public var checkpointBytesMax = 1 << 30
        /// Seconds after which a checkpoint that nobody has touched is removed.
        public var retentionSeconds = 1_209_600

        /// Bounds of `checkpointBytesMax`: 1 MiB to 64 GiB.
        static let checkpointBytes = (1 << 20)...(64 << 30)
        /// Bounds of `retentionSeconds`: an hour to a year.
        static let retention = 3_600...31_536_000

        /// The volume behind a claim, with the defaults.
        public init(claimName: String) { self.claimName = claimName }

        init(reading node: JSONNode, _ faults: inout [ValidationFault]) throws(JSONError) {
            self.init(claimName: try node.required("claimName").string())
            checkpointBytesMax = try Optional(node).integer(
                "checkpointBytesMax", checkpointBytesMax, in: Self.checkpointBytes, &faults)
            retentionSeconds = try Optional(node).integer(
                "retentionSeconds", retentionSeconds, in: Self.retention, &faults)
        }
    }
}
