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

/// A library target of the architecture, with the common settings.
func target(_ name: String, _ dependencies: [Target.Dependency] = []) -> Target {
    .target(name: name, dependencies: dependencies, swiftSettings: settings)
}

/// The test target that belongs to `subject`.
func tests(
    _ subject: String, _ dependencies: [Target.Dependency] = [], resources: [Resource]? = nil
) -> Target {
    .testTarget(
        name: subject + "Tests", dependencies: dependencies, resources: resources,
        swiftSettings: settings)
}

let collections = Target.Dependency.product(name: "Collections", package: "swift-collections")
let logging = Target.Dependency.product(name: "Logging", package: "swift-log")
let serviceLifecycle = Target.Dependency.product(
    name: "ServiceLifecycle", package: "swift-service-lifecycle")
let yams = Target.Dependency.product(name: "Yams", package: "Yams")

let package = Package(
    name: "swiftlet",
    dependencies: [
        .package(url: "https://github.com/apple/swift-collections", from: "1.6.0"),
        .package(url: "https://github.com/apple/swift-log", from: "1.16.2"),
        .package(url: "https://github.com/jpsim/Yams", from: "6.2.2"),
        .package(url: "https://github.com/swift-server/swift-service-lifecycle", from: "2.13.0"),
    ],
    targets: [
        target("KubernetesCore"),
        target("CEL", ["KubernetesCore"]),
        target("ControlLoop", ["KubernetesCore", collections]),
        target("SwiftletAPI", ["KubernetesCore"]),
        target("TaskScheduling"),
        target("AgentProtocol", ["KubernetesCore"]),
        target(
            "Reconcilers",
            ["KubernetesCore", "ControlLoop", "SwiftletAPI", "TaskScheduling", "AgentProtocol"]),
        .target(
            name: "CCurl",
            cSettings: [.unsafeFlags(["-Wall", "-Wextra", "-Werror"])],
            linkerSettings: [.linkedLibrary("curl")]),
        target("YAMLReading", ["KubernetesCore", yams]),
        target("CurlTransport", ["CCurl", "KubernetesCore"]),
        target("KubernetesClient", ["KubernetesCore", "CurlTransport", "YAMLReading", logging]),
        target(
            "KubernetesRuntime",
            ["KubernetesCore", "ControlLoop", "KubernetesClient", logging, serviceLifecycle]),
        tests("Tidy"),
        tests("KubernetesCore", ["KubernetesCore"]),
        tests("CEL", ["CEL", "KubernetesCore"]),
        tests("ControlLoop", ["ControlLoop", "KubernetesCore"]),
        tests("SwiftletAPI", ["SwiftletAPI", "KubernetesCore", "CEL", "YAMLReading"]),
        tests("TaskScheduling", ["TaskScheduling"]),
        tests("AgentProtocol", ["AgentProtocol", "KubernetesCore"]),
        tests(
            "Reconcilers",
            [
                "Reconcilers", "KubernetesCore", "ControlLoop", "SwiftletAPI", "TaskScheduling",
                "AgentProtocol",
            ]),
        tests("CurlTransport", ["CurlTransport", "KubernetesCore"]),
        tests(
            "KubernetesClient",
            ["KubernetesClient", "CurlTransport", "YAMLReading", "KubernetesCore"]),
        tests(
            "KubernetesRuntime",
            ["KubernetesRuntime", "ControlLoop", "KubernetesClient", "KubernetesCore"]),
    ]
)
