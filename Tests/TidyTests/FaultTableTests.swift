import Foundation
import Testing

/// The pages that say which test pins which fault name tests that exist.
@Suite struct FaultTableTests {
    @Test(arguments: [
        ("faults", 35), ("task-faults", 40), ("agent-faults", 50), ("invariants", 40),
        ("mcp-conformance", 60),
    ]) func `every test that a page of faults names exists`(name: String, least: Int) throws {
        let page = try String(
            contentsOf: TidyTests.root.appendingPathComponent("docs/design/\(name).md"),
            encoding: .utf8)
        let tests = try TidyTests.sources("Tests").map(\.text).joined()
        var named = 0
        for line in page.split(separator: "\n") where line.hasPrefix("| ") {
            let cells = line.split(separator: "|")
            // The last cell names tests: what stands between backticks.
            let names = (cells.last ?? "").split(separator: "`", omittingEmptySubsequences: false)
            for (index, name) in names.enumerated() where index % 2 == 1 {
                named += 1
                #expect(tests.contains("func `\(name)`("), "no test is called: \(name)")
            }
        }
        #expect(named > least, "the tables were not found")
    }
}
