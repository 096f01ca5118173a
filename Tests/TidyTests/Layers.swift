/// Which target may import what: the layers of the architecture as data.
enum Layers {
    /// Targets in which every function is a function of its arguments.
    static let pure: Set<String> = [
        "CivilCalendar", "KubernetesCore", "CEL", "ControlLoop", "SwiftletAPI", "TaskScheduling",
        "AgentProtocol", "Reconcilers", "APIServerModel", "PodSecurity", "JMESPath",
        "PolicyEngine", "Simulation", "Installation", "ModelContextProtocol", "Console", "TOML",
    ]

    /// What each target may import, besides the standard library. A target that is not listed may
    /// not exist.
    static let imports: [String: Set<String>] = [
        "CivilCalendar": [],
        "KubernetesCore": ["CivilCalendar"],
        "CEL": ["CivilCalendar", "KubernetesCore"],
        "TOML": ["CivilCalendar", "KubernetesCore"],
        "ControlLoop": ["KubernetesCore", "HashTreeCollections", "HeapModule"],
        "SwiftletAPI": ["KubernetesCore"],
        "TaskScheduling": ["CivilCalendar"],
        "AgentProtocol": ["KubernetesCore"],
        "Reconcilers": [
            "KubernetesCore", "ControlLoop", "SwiftletAPI", "TaskScheduling", "AgentProtocol",
            "PolicyEngine", "CivilCalendar", "TOML",
        ],
        "APIServerModel": [
            "KubernetesCore", "CEL", "PodSecurity", "HashTreeCollections", "HeapModule",
        ],
        "PodSecurity": ["KubernetesCore"],
        "ModelContextProtocol": ["KubernetesCore", "SwiftletAPI"],
        "JMESPath": ["CivilCalendar", "KubernetesCore"],
        "PolicyEngine": ["KubernetesCore", "CEL", "JMESPath", "PodSecurity"],
        "Simulation": [
            "KubernetesCore", "ControlLoop", "SwiftletAPI", "TaskScheduling", "AgentProtocol",
            "Reconcilers", "APIServerModel", "HashTreeCollections", "HeapModule",
        ],
        "Console": ["KubernetesCore", "ControlLoop", "SwiftletAPI", "Reconcilers"],
        "Installation": ["KubernetesCore", "ControlLoop", "SwiftletAPI", "Reconcilers"],
        "Locking": ["Glibc"],
        "YAMLReading": ["KubernetesCore", "Yams"],
        "CurlTransport": ["CCurl", "KubernetesCore", "Glibc", "Locking"],
        "KubernetesClient": [
            "KubernetesCore", "CurlTransport", "YAMLReading", "Logging", "Glibc",
            "FoundationEssentials", "Locking",
        ],
        "KubernetesRuntime": [
            "KubernetesCore", "ControlLoop", "KubernetesClient", "Logging", "ServiceLifecycle",
            "Locking", "Glibc",
        ],
        "AgentGateway": [
            "KubernetesCore", "ControlLoop", "SwiftletAPI", "AgentProtocol", "Reconcilers",
            "KubernetesClient", "KubernetesRuntime", "Hummingbird", "HummingbirdTLS", "Logging",
            "ServiceLifecycle", "X509", "Crypto", "SwiftASN1", "NIOSSL", "NIOCore", "HTTPTypes",
            "FoundationEssentials", "Locking", "Glibc", "ModelContextProtocol", "CurlTransport",
        ],
        "AgentRunner": [
            "KubernetesCore", "AgentProtocol", "AsyncHTTPClient", "Subprocess", "Logging",
            "NIOCore", "NIOHTTP1", "NIOPosix", "NIOSSL", "Crypto", "Dispatch", "Glibc",
            "SystemPackage", "FoundationEssentials", "Locking",
        ],
        "LocalCluster": [
            "KubernetesCore", "APIServerModel", "YAMLReading", "NIOCore", "NIOPosix", "NIOSSL",
            "NIOTLS", "NIOHTTP1", "NIOHTTP2", "NIOHPACK", "Subprocess", "Logging",
            "ServiceLifecycle", "X509", "Crypto", "SwiftASN1", "Glibc", "SystemPackage",
            "FoundationEssentials", "Locking",
        ],
        "swiftlet-operator": [
            "KubernetesCore", "ControlLoop", "SwiftletAPI", "Reconcilers", "KubernetesClient",
            "KubernetesRuntime", "AgentGateway", "PolicyEngine", "YAMLReading", "Console",
            "ArgumentParser",
            "Logging", "ServiceLifecycle", "UnixSignals", "Glibc", "SystemPackage",
            "FoundationEssentials", "Locking", "CurlTransport",
        ],
        "swiftlet-agent": ["AgentRunner", "AgentProtocol", "Logging", "Glibc"],
        "swiftlet": [
            "KubernetesCore", "SwiftletAPI", "Reconcilers", "Installation", "LocalCluster",
            "KubernetesClient", "KubernetesRuntime", "YAMLReading", "CEL", "JMESPath",
            "PolicyEngine", "Simulation", "ArgumentParser", "ControlLoop", "AgentProtocol",
            "AgentGateway", "CurlTransport", "Console",
            "Logging", "Subprocess",
            "ServiceLifecycle", "UnixSignals", "Glibc", "Locking", "FoundationEssentials",
            "SystemPackage", "ModelContextProtocol",
        ],
    ]

    /// Words that make a function depend on more than its arguments, and what to do instead.
    static let impure: [(word: String, instead: String)] = [
        ("async", "return a command and let the shell wait"),
        ("await", "return a command and let the shell wait"),
        ("Task", "return a command and let the shell run it"),
        ("actor", "use a struct with mutating functions"),
        ("Mutex", "use a struct with mutating functions"),
        ("Atomic", "use a struct with mutating functions"),
        ("Date", "take a Timestamp as an argument"),
        ("ContinuousClock", "take a Moment as an argument"),
        ("SuspendingClock", "take a Moment as an argument"),
        ("UUID", "derive the name from a seed"),
        ("SystemRandomNumberGenerator", "take a seed as an argument"),
        ("hashValue", "use a stable hash: this one differs from run to run"),
        ("print", "return a note"),
        ("getenv", "take the configuration as an argument"),
        ("FileManager", "take the bytes as an argument"),
    ]

    /// Type names that say nothing about what a type does.
    static let emptyNames = [
        "Manager", "Helper", "Helpers", "Util", "Utils", "Utility", "Handler", "Info",
    ]
}
