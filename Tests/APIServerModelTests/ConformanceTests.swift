import APIServerModel
import Foundation
import KubernetesCore
import Testing

/// The vectors recorded from a real API server.
@Suite struct ConformanceTests {
    static let vectors: [(name: String, bytes: [UInt8])] = {
        let folder =
            Bundle.module.resourceURL?.appendingPathComponent("Fixtures/conformance")
            ?? URL(filePath: ".")
        let files = (try? FileManager.default.contentsOfDirectory(atPath: folder.path)) ?? []
        return files.filter { $0.hasSuffix(".json") }.sorted().compactMap { file in
            guard let data = try? Data(contentsOf: folder.appendingPathComponent(file)) else {
                return nil
            }
            return (String(file.dropLast(5)), Array(data))
        }
    }()

    @Test func `the vectors are there`() {
        #expect(ConformanceTests.vectors.count >= 56)
    }

    @Test(arguments: ConformanceTests.vectors.map(\.name))
    func `a vector is answered as recorded`(_ name: String) throws {
        let bytes = try #require(ConformanceTests.vectors.first { $0.name == name }?.bytes)
        var replay = VectorReplay()
        let fault = replay.run(try JSONValue(parsing: bytes))
        #expect(fault == nil)
    }

    @Test func `all vectors are answered as recorded by one and the same server`() throws {
        var replay = VectorReplay()
        for (name, bytes) in ConformanceTests.vectors {
            let fault = replay.run(try JSONValue(parsing: bytes))
            #expect(fault == nil, "\(name)")
        }
    }
}
