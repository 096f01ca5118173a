// swift-tools-version: 6.2
import PackageDescription

// Fuzzers for what reads texts that others wrote. A package of its own, so that `swift build` and
// `swift test` of the product know nothing of it; `make fuzz` builds and runs it. The targets
// without "Fuzz" in their names are links to the product's sources, compiled here with the counters
// that libFuzzer needs.

let settings: [SwiftSetting] = [
    .swiftLanguageMode(.v6),
    .enableUpcomingFeature("ExistentialAny"),
    .enableUpcomingFeature("InternalImportsByDefault"),
    .enableUpcomingFeature("MemberImportVisibility"),
    .unsafeFlags(["-sanitize=fuzzer"]),
]

func target(_ name: String, _ dependencies: [Target.Dependency] = []) -> Target {
    .target(name: name, dependencies: dependencies, swiftSettings: settings)
}

func fuzzer(_ name: String, _ dependencies: [Target.Dependency]) -> Target {
    .executableTarget(
        name: name, dependencies: dependencies + ["CFuzzer"], swiftSettings: settings,
        linkerSettings: [.unsafeFlags(["-sanitize=fuzzer", "-use-ld=lld"])])
}

let package = Package(
    name: "swiftlet-fuzz",
    dependencies: [.package(url: "https://github.com/jpsim/Yams", from: "6.2.2")],
    targets: [
        .target(name: "CFuzzer"),
        target("CivilCalendar"),
        target("KubernetesCore", ["CivilCalendar"]),
        target("CEL", ["CivilCalendar", "KubernetesCore"]),
        target("TOML", ["CivilCalendar", "KubernetesCore"]),
        target("JMESPath", ["CivilCalendar", "KubernetesCore"]),
        target("PodSecurity", ["KubernetesCore"]),
        target("PolicyEngine", ["KubernetesCore", "CEL", "JMESPath", "PodSecurity"]),
        target("YAMLReading", ["KubernetesCore", .product(name: "Yams", package: "Yams")]),
        fuzzer("FuzzJMESPath", ["KubernetesCore", "JMESPath"]),
        fuzzer("FuzzTOML", ["KubernetesCore", "TOML"]),
        fuzzer("FuzzCEL", ["KubernetesCore", "CEL"]),
        fuzzer("FuzzPolicies", ["KubernetesCore", "PolicyEngine", "YAMLReading"]),
    ]
)
