/// How much one attempt may take of its agent.
///
/// These become the limits of the attempt's processes, and what all of them take together is looked
/// at now and then. Where the runner may make control groups, which it may not in a restricted pod,
/// the attempt has one of its own, and the kernel holds it to its memory and its tasks at any time.
/// All of this keeps an attempt from taking its neighbours and the runner down with it: the
/// kernel's own killing, where a container is above its limit, takes all of them.
public struct AttemptLimits: Hashable, Sendable {
    /// What an agent has for all its attempts.
    public struct Agent: Hashable, Sendable {
        /// How many attempts it runs at once, at least 1.
        public var slots: Int
        /// Bytes of memory; nil where nobody has said.
        public var memoryBytes: Int?
        /// Bytes of files; nil where nobody has said, or where files may lie elsewhere too.
        public var storageBytes: Int?

        /// An agent of so many slots.
        public init(slots: Int, memoryBytes: Int? = nil, storageBytes: Int? = nil) {
            self.slots = max(1, slots)
            self.memoryBytes = memoryBytes
            self.storageBytes = storageBytes
        }
    }

    /// Bytes of memory that an attempt's processes may use together; nil for any number.
    public var memoryBytes: Int?
    /// Bytes that an attempt's files may take together, and each of them may have; nil for any
    /// number.
    public var storageBytes: Int?
    /// How many files each process may have open.
    public var openFiles: Int
    /// How many processes an attempt may have.
    public var processes: Int
    /// How many processes and threads an attempt may have together, where the kernel counts them:
    /// no more are made.
    public var tasks: Int

    /// Limits by all their fields.
    public init(
        memoryBytes: Int? = nil, storageBytes: Int? = nil,
        openFiles: Int = AttemptLimits.openFilesMax, processes: Int = AttemptLimits.processesMax,
        tasks: Int = AttemptLimits.tasksMax
    ) {
        self.memoryBytes = memoryBytes
        self.storageBytes = storageBytes
        self.openFiles = openFiles
        self.processes = processes
        self.tasks = tasks
    }

    /// So many open files are enough for any server; containers often allow a million, over which
    /// some programs loop when they start.
    public static let openFilesMax = 65_536
    /// So many processes are enough for any build, and too few to fill a node.
    public static let processesMax = 1_024
    /// Room for four threads in each process: many have more, and few attempts so many processes.
    public static let tasksMax = 4 * processesMax
    /// So many processes and threads all programs of the agent's user may have. The kernel counts
    /// them over all containers of a node in which this user has this number, so that this bound
    /// is a wall for what forks without end and nothing finer.
    public static let tasksOfUserMax = 16_384
    /// Less memory than this lets no program start.
    public static let memoryBytesMin = 64 << 20
    /// Smaller files than this let no program work.
    public static let storageBytesMin = 16 << 20
    /// What the runner needs beside its attempts.
    private static let runnerBytes = 64 << 20

    /// The limits of an attempt with the needs `resources` on `agent`: a slot's share, or what the
    /// task says that it needs, whichever is more; nothing where the agent itself has no limit. A
    /// task that says nothing can so never take what another attempt on its agent was given.
    public init(of resources: AttemptResources, on agent: Agent) {
        self.init()
        if let whole = agent.memoryBytes, whole > 0 {
            let free = whole - min(Self.runnerBytes, whole / 4)
            memoryBytes = max(
                Self.memoryBytesMin, min(free, max(free / agent.slots, resources.memoryBytes)))
        }
        if let whole = agent.storageBytes, whole > 0 {
            storageBytes = max(
                Self.storageBytesMin,
                min(whole, max(whole / agent.slots, resources.storageBytes)))
        }
    }
}
