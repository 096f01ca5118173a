import ControlLoop
import Foundation
import Installation
import KubernetesCore
import KubernetesRuntime
import Reconcilers
import Testing
import YAMLReading

/// The install is written from values in Swift. `SWIFTLET_UPDATE=1 swift test --filter
/// GeneratedFileTests`, like `swiftlet generate`, writes it anew.
@Suite struct GeneratedFileTests {
    static let root: String = {
        let parts = #filePath.split(separator: "/", omittingEmptySubsequences: false)
        return parts.dropLast(3).joined(separator: "/") + "/"
    }()
    /// Everything that the operator declares.
    static let metrics: [MetricFamily] = {
        let registry = MetricsRegistry()
        _ = RuntimeMetrics(registry)
        _ = ProcessMetrics(registry)
        registry.declare(ProductMetrics.all)
        return registry.declared
    }()
    private static let files = GeneratedFile.all(metrics: metrics, yaml: YAMLText.write)

    /// A file of the repository.
    static func text(_ path: String) throws -> String {
        try String(contentsOfFile: root + path, encoding: .utf8)
    }

    /// The names of the files in a folder of the repository.
    static func names(in folder: String) throws -> [String] {
        try FileManager.default.contentsOfDirectory(atPath: root + folder).sorted()
    }

    @Test(arguments: files.indices)
    func `a generated file says what its source says`(index: Int) throws {
        let file = Self.files[index]
        if ProcessInfo.processInfo.environment["SWIFTLET_UPDATE"] == "1" {
            let place = URL(filePath: Self.root + file.path)
            try FileManager.default.createDirectory(
                at: place.deletingLastPathComponent(), withIntermediateDirectories: true)
            try Data(file.text.utf8).write(to: place)
        }
        let isCurrent = try Self.text(file.path) == file.text
        #expect(isCurrent, "\(file.path) differs: run `swiftlet generate`")
    }

    @Test func `no template is left over from a part that is gone`() throws {
        let generated = Self.files.map(\.path)
        for name in try Self.names(in: "charts/swiftlet/templates") {
            let path = "charts/swiftlet/templates/" + name
            let isOurs = try Self.text(path).contains("Written by `swiftlet generate`")
            #expect(isOurs == generated.contains(path), "\(path)")
        }
    }

    @Test func `every value is used by a template, and every use is a value`() throws {
        var used: Set<String> = []
        for name in try Self.names(in: "charts/swiftlet/templates") {
            let text = try Self.text("charts/swiftlet/templates/" + name)
            for match in text.matches(of: /\.Values\.([A-Za-z0-9.]+)/) {
                used.insert(String(match.output.1))
            }
        }
        let known = Set(ChartValues.all.map(\.path))
        #expect(used.subtracting(known).sorted() == [], "no such values")
        #expect(known.subtracting(used).sorted() == [], "nobody uses these values")
    }

    @Test func `what is above the values in their file is read as the same values`() throws {
        let read = try YAMLText.read(Self.text("charts/swiftlet/values.yaml"))
        #expect(read == [ChartValues.defaults])
    }

    @Test func `the schema refuses what it does not name`() throws {
        let schema = ChartValues.schema
        var branches = 0
        func walk(_ node: JSONValue) {
            if let members = node["properties"]?.object {
                branches += 1
                #expect(node["additionalProperties"] == false)
                for (_, child) in members { walk(child) }
            }
        }
        walk(schema)
        #expect(branches > 8)
        // What is free in itself is a value, never a branch of the tree.
        for value in ChartValues.all where value.fallback.object != nil {
            let isOpen = value.schema["additionalProperties"] != nil
            #expect(isOpen, "\(value.path) must say what it may hold")
        }
    }

    @Test func `a default is one of its choices and between its bounds`() {
        for value in ChartValues.all {
            if let choices = value.schema["enum"]?.array {
                #expect(choices.contains(value.fallback), "\(value.path)")
            }
            if let number = value.fallback.integer, let least = value.schema["minimum"]?.integer {
                #expect(number >= least, "\(value.path)")
            }
        }
    }
}
