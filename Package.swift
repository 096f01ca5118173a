// swift-tools-version: 6.2
import PackageDescription

/// What every Swift target of this package is compiled with. A warning is an error: a rule that is
/// not enforced on the first day never will be.
let settings: [SwiftSetting] = [
    .swiftLanguageMode(.v6),
    .enableUpcomingFeature("ExistentialAny"),
    .enableUpcomingFeature("InternalImportsByDefault"),
    .enableUpcomingFeature("MemberImportVisibility"),
    .treatAllWarnings(as: .error),
]

/// A target that decides and does nothing else is optimised in debug builds too: the simulator and
/// the corpora run through it millions of times in `make test`. Traps and `@testable` stay.
let fast: [SwiftSetting] =
    settings + [.unsafeFlags(["-O"], .when(configuration: .debug))]

/// A library target without effects, with the common settings.
func pure(_ name: String, _ dependencies: [Target.Dependency] = []) -> Target {
    .target(name: name, dependencies: dependencies, swiftSettings: fast)
}

/// A library target of the architecture, with the common settings.
func target(_ name: String, _ dependencies: [Target.Dependency] = []) -> Target {
    .target(name: name, dependencies: dependencies, swiftSettings: settings)
}

/// An executable target with the common settings.
func executable(_ name: String, _ dependencies: [Target.Dependency]) -> Target {
    .executableTarget(name: name, dependencies: dependencies, swiftSettings: settings)
}

/// The test target that belongs to `subject`.
func tests(
    _ subject: String, _ dependencies: [Target.Dependency] = [], resources: [Resource]? = nil
) -> Target {
    .testTarget(
        name: subject + "Tests", dependencies: dependencies, resources: resources,
        swiftSettings: settings)
}

let argumentParser = Target.Dependency.product(
    name: "ArgumentParser", package: "swift-argument-parser")
let asyncHTTPClient = Target.Dependency.product(
    name: "AsyncHTTPClient", package: "async-http-client")
let collections = Target.Dependency.product(name: "Collections", package: "swift-collections")
let crypto = Target.Dependency.product(name: "Crypto", package: "swift-crypto")
let asn1 = Target.Dependency.product(name: "SwiftASN1", package: "swift-asn1")
let httpTypes = Target.Dependency.product(name: "HTTPTypes", package: "swift-http-types")
let nioCore = Target.Dependency.product(name: "NIOCore", package: "swift-nio")
let nioPosix = Target.Dependency.product(name: "NIOPosix", package: "swift-nio")
let nioTLS = Target.Dependency.product(name: "NIOTLS", package: "swift-nio")
let nioHPACK = Target.Dependency.product(name: "NIOHPACK", package: "swift-nio-http2")
let nioHTTP2 = Target.Dependency.product(name: "NIOHTTP2", package: "swift-nio-http2")
let nioHTTP1 = Target.Dependency.product(name: "NIOHTTP1", package: "swift-nio")
let nioSSL = Target.Dependency.product(name: "NIOSSL", package: "swift-nio-ssl")
let hummingbird = Target.Dependency.product(name: "Hummingbird", package: "hummingbird")
let hummingbirdTLS = Target.Dependency.product(name: "HummingbirdTLS", package: "hummingbird")
let logging = Target.Dependency.product(name: "Logging", package: "swift-log")
let serviceLifecycle = Target.Dependency.product(
    name: "ServiceLifecycle", package: "swift-service-lifecycle")
let subprocess = Target.Dependency.product(name: "Subprocess", package: "swift-subprocess")
let system = Target.Dependency.product(name: "SystemPackage", package: "swift-system")
let unixSignals = Target.Dependency.product(
    name: "UnixSignals", package: "swift-service-lifecycle")
let x509 = Target.Dependency.product(name: "X509", package: "swift-certificates")
let yams = Target.Dependency.product(name: "Yams", package: "Yams")

let package = Package(
    name: "swiftlet",
    products: [
        .executable(name: "swiftlet", targets: ["swiftlet"]),
        .executable(name: "swiftlet-operator", targets: ["swiftlet-operator"]),
        .executable(name: "swiftlet-agent", targets: ["swiftlet-agent"]),
    ],
    dependencies: [
        .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.2"),
        .package(url: "https://github.com/apple/swift-asn1", from: "1.7.4"),
        .package(url: "https://github.com/apple/swift-certificates", from: "1.21.1"),
        .package(url: "https://github.com/apple/swift-collections", from: "1.6.0"),
        .package(url: "https://github.com/apple/swift-crypto", from: "4.5.2"),
        .package(url: "https://github.com/apple/swift-http-types", from: "1.8.0"),
        .package(url: "https://github.com/apple/swift-log", from: "1.16.2"),
        .package(url: "https://github.com/apple/swift-nio", from: "2.101.2"),
        .package(url: "https://github.com/apple/swift-nio-http2", from: "1.46.0"),
        .package(url: "https://github.com/apple/swift-nio-ssl", from: "2.37.6"),
        .package(url: "https://github.com/apple/swift-system", from: "1.8.1"),
        .package(url: "https://github.com/hummingbird-project/hummingbird", from: "2.28.1"),
        .package(url: "https://github.com/jpsim/Yams", from: "6.2.2"),
        .package(url: "https://github.com/swift-server/async-http-client", from: "1.37.0"),
        .package(url: "https://github.com/swift-server/swift-service-lifecycle", from: "2.13.0"),
        .package(url: "https://github.com/swiftlang/swift-subprocess", from: "1.0.2"),
    ],
    targets: [
        // Pure: values in, values out. Tests/TidyTests keeps them so.
        pure("CivilCalendar"),
        pure("KubernetesCore", ["CivilCalendar"]),
        pure("CEL", ["CivilCalendar", "KubernetesCore"]),
        pure("TOML", ["CivilCalendar", "KubernetesCore"]),
        pure("ControlLoop", ["KubernetesCore", collections]),
        pure("SwiftletAPI", ["KubernetesCore"]),
        pure("TaskScheduling", ["CivilCalendar"]),
        pure("AgentProtocol", ["KubernetesCore"]),
        pure(
            "Reconcilers",
            [
                "KubernetesCore", "ControlLoop", "SwiftletAPI", "TaskScheduling", "AgentProtocol",
                "PolicyEngine", "CivilCalendar", "TOML",
            ]),
        pure("APIServerModel", ["KubernetesCore", "CEL", "PodSecurity", collections]),
        pure("PodSecurity", ["KubernetesCore"]),
        pure("ModelContextProtocol", ["KubernetesCore", "SwiftletAPI"]),
        pure("JMESPath", ["CivilCalendar", "KubernetesCore"]),
        pure("PolicyEngine", ["KubernetesCore", "CEL", "JMESPath", "PodSecurity"]),
        pure(
            "Simulation",
            [
                "KubernetesCore", "ControlLoop", "SwiftletAPI", "TaskScheduling", "AgentProtocol",
                "Reconcilers", "APIServerModel", collections,
            ]),

        pure("Console", ["KubernetesCore", "ControlLoop", "SwiftletAPI", "Reconcilers"]),
        target(
            "Installation",
            ["KubernetesCore", "ControlLoop", "SwiftletAPI", "Reconcilers"]),

        // Edge: sockets, clocks, files, processes.
        .target(
            name: "CCurl",
            cSettings: [.unsafeFlags(["-Wall", "-Wextra", "-Werror"])],
            linkerSettings: [.linkedLibrary("curl")]),
        target("Locking"),
        target("YAMLReading", ["KubernetesCore", yams]),
        target("CurlTransport", ["CCurl", "KubernetesCore", "Locking"]),
        target("KubernetesClient", ["KubernetesCore", "CurlTransport", "YAMLReading", logging]),
        target(
            "KubernetesRuntime",
            [
                "KubernetesCore", "ControlLoop", "KubernetesClient", "Locking", logging,
                serviceLifecycle,
            ]),
        target(
            "AgentGateway",
            [
                "KubernetesCore", "ControlLoop", "SwiftletAPI", "AgentProtocol", "Reconcilers",
                "ModelContextProtocol", "KubernetesClient", "KubernetesRuntime", "Locking",
                "CurlTransport", asn1, crypto, httpTypes,
                hummingbird, hummingbirdTLS, logging, nioCore, nioSSL, serviceLifecycle, x509,
            ]),
        target(
            "AgentRunner",
            [
                "KubernetesCore", "AgentProtocol", "Locking", asyncHTTPClient, crypto, logging,
                nioCore, nioHTTP1, nioPosix, nioSSL,
            ]),
        target(
            "LocalCluster",
            [
                "KubernetesCore", "APIServerModel", "Locking", "YAMLReading", asn1, crypto,
                logging, nioCore, nioHPACK, nioHTTP1, nioHTTP2, nioPosix, nioSSL, nioTLS,
                serviceLifecycle, subprocess, system, x509,
            ]),

        // Composition roots.
        executable(
            "swiftlet-operator",
            [
                "KubernetesCore", "ControlLoop", "SwiftletAPI", "PolicyEngine", "Reconcilers",
                "YAMLReading", "KubernetesClient", "KubernetesRuntime", "AgentGateway", "Locking",
                "CurlTransport", "Console", argumentParser, logging, serviceLifecycle, system,
                unixSignals,
            ]),
        executable("swiftlet-agent", ["AgentRunner"]),
        executable(
            "swiftlet",
            [
                "KubernetesCore", "ControlLoop", "SwiftletAPI", "CEL", "JMESPath", "PolicyEngine",
                "Simulation", "AgentProtocol", "AgentGateway", "CurlTransport", "Reconcilers",
                "ModelContextProtocol", "Installation", "LocalCluster", "KubernetesClient",
                "KubernetesRuntime", "Locking", "YAMLReading", "Console",
                argumentParser, logging, subprocess, system, serviceLifecycle, unixSignals,
            ]),

        tests("Tidy"),
        tests("Locking", ["Locking"]),
        .target(
            name: "LoopbackTesting", dependencies: ["Locking"], path: "Tests/LoopbackTesting",
            swiftSettings: settings),
        .target(name: "SeededTesting", path: "Tests/SeededTesting", swiftSettings: settings),
        .target(
            name: "GadgetTesting", dependencies: ["ControlLoop", "KubernetesCore"],
            path: "Tests/GadgetTesting", swiftSettings: settings),
        tests("CivilCalendar", ["CivilCalendar"]),
        tests("KubernetesCore", ["KubernetesCore"]),
        tests("CEL", ["CEL", "KubernetesCore"]),
        tests("TOML", ["TOML", "KubernetesCore", "SeededTesting"]),
        tests("ControlLoop", ["ControlLoop", "KubernetesCore", "GadgetTesting"]),
        tests(
            "SwiftletAPI",
            ["SwiftletAPI", "KubernetesCore", "CEL", "YAMLReading", "SeededTesting"]),
        tests("TaskScheduling", ["TaskScheduling", "CivilCalendar", "SeededTesting"]),
        tests("AgentProtocol", ["AgentProtocol", "KubernetesCore"]),
        tests(
            "ModelContextProtocol", ["ModelContextProtocol", "KubernetesCore", "SwiftletAPI"]),
        tests(
            "Reconcilers",
            [
                "Reconcilers", "KubernetesCore", "ControlLoop", "SwiftletAPI", "TaskScheduling",
                "AgentProtocol", "PolicyEngine", "YAMLReading", "SeededTesting",
            ]),
        tests(
            "Console",
            ["Console", "KubernetesCore", "ControlLoop", "SwiftletAPI", "Reconcilers"]),
        tests(
            "Installation",
            [
                "Installation", "ControlLoop", "KubernetesCore", "KubernetesRuntime",
                "Reconcilers", "SwiftletAPI", "YAMLReading",
            ]),
        tests(
            "APIServerModel", ["APIServerModel", "KubernetesCore", "CEL"],
            resources: [.copy("Fixtures")]),
        tests("PodSecurity", ["PodSecurity", "KubernetesCore"]),
        tests("JMESPath", ["JMESPath", "KubernetesCore"]),
        tests(
            "PolicyEngine",
            [
                "PolicyEngine", "KubernetesCore", "CEL", "JMESPath", "PodSecurity", "YAMLReading",
                "SwiftletAPI", "Reconcilers",
            ]),
        tests(
            "Simulation",
            [
                "Simulation", "KubernetesCore", "ControlLoop", "SwiftletAPI", "TaskScheduling",
                "AgentProtocol", "Reconcilers", "APIServerModel",
            ]),
        tests(
            "CurlTransport", ["CurlTransport", "KubernetesCore", "Locking", "LoopbackTesting"]),
        tests(
            "KubernetesClient",
            [
                "KubernetesClient", "CurlTransport", "YAMLReading", "KubernetesCore", "Locking",
                "LoopbackTesting", "SeededTesting",
            ]),
        tests(
            "KubernetesRuntime",
            [
                "KubernetesRuntime", "ControlLoop", "KubernetesClient", "CurlTransport",
                "APIServerModel", "KubernetesCore", "Locking", "LoopbackTesting", "GadgetTesting",
                logging, serviceLifecycle,
            ]),
        tests(
            "AgentGateway",
            [
                "AgentGateway", "AgentProtocol", "AgentRunner", "KubernetesCore", "ControlLoop",
                "ModelContextProtocol", "PolicyEngine", "YAMLReading",
                "SwiftletAPI", "Reconcilers", "KubernetesClient", "swiftlet-agent",
                asyncHTTPClient, crypto, logging, nioCore, nioHTTP1, nioPosix, nioSSL, nioTLS,
                serviceLifecycle, x509, "Locking", "CurlTransport", "LoopbackTesting",
            ]),
        tests(
            "AgentRunner",
            [
                "AgentRunner", "AgentProtocol", "KubernetesCore", "Locking", "swiftlet-agent",
                crypto, httpTypes, hummingbird, logging, nioCore, nioHTTP1, nioPosix,
                serviceLifecycle,
            ]),
        tests(
            "LocalCluster",
            [
                "LocalCluster", "APIServerModel", "KubernetesCore", "KubernetesClient",
                "CurlTransport", "Locking", logging, nioCore, nioHPACK, nioHTTP2, nioPosix, nioSSL,
            ]),
        tests(
            "EndToEnd",
            [
                "KubernetesCore", "KubernetesClient", "LocalCluster", "Locking", "SeededTesting",
                "YAMLReading",
                "swiftlet", "swiftlet-operator", "swiftlet-agent", hummingbird, logging, subprocess,
                system,
            ]),
    ]
)
