import Foundation
import Testing

@Suite struct AgentFaultTableTests {
    @Test func `every test that the tables of agents' faults name exists`() throws {
        var root = URL(fileURLWithPath: #filePath)
        for _ in 0..<3 { root.deleteLastPathComponent() }
        let page = try String(
            contentsOf: root.appendingPathComponent("docs/design/agent-faults.md"),
            encoding: .utf8)
        var tests = ""
        let walk = FileManager.default.enumerator(atPath: root.appendingPathComponent("Tests").path)
        for case let path as String in walk ?? .init() where path.hasSuffix(".swift") {
            tests += try String(
                contentsOf: root.appendingPathComponent("Tests/" + path), encoding: .utf8)
        }
        var rows = 0
        for line in page.split(separator: "\n") where line.hasPrefix("| ") {
            let cells = line.split(separator: "|")
            // The last cell names tests: what stands between backticks.
            let names = (cells.last ?? "").split(separator: "`", omittingEmptySubsequences: false)
            for (index, name) in names.enumerated() where index % 2 == 1 {
                rows += 1
                #expect(tests.contains("func `\(name)`("), "no test is called: \(name)")
            }
        }
        #expect(rows > 50, "the tables were not found")
    }
}
