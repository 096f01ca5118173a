import Glibc
import Testing

@testable import AgentRunner

/// Which processes belong to an attempt, without any process.
struct AttemptTreeTests {
    /// A line of the table: pid, parent, session, and what is special.
    private static func process(
        _ pid: Int32, _ parent: Int32, _ session: Int32, dead: Bool = false, marked: Bool = false
    ) -> ProcessEntry {
        ProcessEntry(pid: pid, parent: parent, session: session, isDead: dead, isMarked: marked)
    }

    struct Case: Sendable, CustomTestStringConvertible {
        var testDescription: String
        var keeper: Int32 = 50
        var processes: [ProcessEntry]
        var targets: [Int32]
    }

    /// The first process, the runner, another attempt with its supervisor, and our supervisor.
    private static let around = [
        process(1, 0, 1), process(9, 1, 9), process(40, 9, 40), process(41, 40, 40, marked: false),
        process(50, 9, 50),
    ]

    static let cases = [
        Case(testDescription: "nothing is left", processes: around, targets: []),
        Case(testDescription: "no process can be seen", processes: [], targets: []),
        Case(
            testDescription: "the session, in ascending order",
            processes: around + [process(61, 51, 50), process(51, 50, 50)], targets: [51, 61]),
        Case(
            testDescription: "an orphan of the session",
            processes: around + [process(52, 1, 50)], targets: [52]),
        Case(
            testDescription: "a daemon with a session of its own, by its marker",
            processes: around + [process(60, 1, 60, marked: true)], targets: [60]),
        Case(
            testDescription: "the unmarked children of a marked daemon",
            processes: around + [
                process(62, 61, 62), process(61, 60, 61), process(60, 1, 60, marked: true),
            ], targets: [60, 61, 62]),
        Case(
            testDescription: "an unmarked descendant in another session",
            processes: around + [process(51, 50, 50), process(63, 51, 63)], targets: [51, 63]),
        Case(
            testDescription: "an orphan without marker and session cannot be known",
            processes: around + [process(64, 1, 64)], targets: []),
        Case(
            testDescription: "the dead are let rest, and what hangs below them is found",
            processes: around + [process(51, 50, 50, dead: true), process(65, 51, 65)],
            targets: [65]),
        Case(
            testDescription: "a session whose number came round",
            processes: around + [process(4, 1, 50)], targets: [4]),
        Case(
            testDescription: "the runner kills the supervisor too, and not itself",
            keeper: 9, processes: around + [process(51, 50, 50)], targets: [50, 51]),
        Case(
            testDescription: "the runner in place of its dead supervisor, as first process",
            keeper: 1,
            processes: [
                process(1, 0, 1), process(50, 1, 50, dead: true), process(51, 1, 50),
                process(60, 1, 60, marked: true), process(40, 1, 40), process(41, 40, 40),
            ], targets: [51, 60]),
        Case(
            testDescription: "never the keeper or the first process, whatever they look like",
            processes: [process(1, 0, 50, marked: true), process(50, 1, 50, marked: true)],
            targets: []),
        Case(
            testDescription: "parents in a circle, as a torn reading may show them",
            processes: around + [process(70, 71, 50), process(71, 70, 3)], targets: [70, 71]),
    ]

    @Test(arguments: cases)
    func `what belongs to the attempt is killed and nothing else`(_ line: Case) {
        let tree = AttemptTree(supervisor: 50, keeper: line.keeper)
        #expect(tree.targets(in: line.processes) == line.targets)
        #expect(tree.targets(in: line.processes.reversed()) == line.targets)
    }

    @Test(arguments: [
        ("51 (bash) S 50 51 50 0 -1 4194560 1 0 0 0 0 0 0 0 20 0 1 0 7", process(51, 50, 50)),
        (
            "51 (a) b (c 9) Z 50 51 52 0 -1 4194560 1 0 0 0 0 0 0 0 20 0 1 0 7\n",
            process(51, 50, 52, dead: true)
        ),
        ("7 () X 0 7 0 0 -1 0 1 0 0 0 0 0 0 0 20 0 0 0 7", process(7, 0, 0, dead: true)),
        ("7 (x) Z 1 7 7 0 -1 0 1 0 0 0 0 0 0 0 20 0 3 0 7", process(7, 1, 7)),
        ("", nil), ("51 (bash", nil), ("51 )bash( S 1 2 3", nil), ("x (y) S 1 2 3 4", nil),
        ("51 (bash) S 50 51", nil),
    ])
    func `a line of the process table is read`(text: String, entry: ProcessEntry?) {
        #expect(ProcessEntry(stat: Array(text.utf8), isMarked: false) == entry)
    }

    @Test(arguments: [
        ("S", 0x40_0000, true), ("Z", 0x40_0000, false), ("S", 0x20_8040, false),
    ])
    func `a process that shows no variables is unclear, but not a dead one or the kernel's`(
        state: String, flags: Int, isUnclear: Bool
    ) throws {
        let line = "51 (x) \(state) 1 51 51 0 -1 \(flags) 1 0 0 0 0 0 0 0 20 0 1 0 7"
        let entry = try #require(ProcessEntry(stat: Array(line.utf8), isMarked: nil))
        #expect(entry.isUnclear == isUnclear)
        #expect(!entry.isMarked)
    }

    @Test func `processes that cannot be seen are not taken for gone`() throws {
        let own = try #require(ProcessTable.snapshot(marker: "M=x")).map(\.pid)
        #expect(own.contains(getpid()))
        let folder = try RunnerScene.temporaryFolder()
        defer { Files.remove(folder) }
        // One that ended while the list was read.
        try Files.makeFolder(folder + "/12")
        #expect(ProcessTable.snapshot(marker: "M=x", in: folder) == [])
        // One of which nothing can be said.
        try Files.makeFolder(folder + "/12/stat")
        #expect(ProcessTable.snapshot(marker: "M=x", in: folder) == nil)
        #expect(ProcessTable.snapshot(marker: "M=x", in: folder + "/gone") == nil)
    }

    @Test(arguments: [
        ("A=1\0M=x\0B=2\0", true), ("M=x\0", true), ("M=x", true), ("\0\0M=x", true),
        ("M=xy\0", false), ("AM=x\0", false), ("M=\0x\0", false), ("", false), ("\0", false),
    ])
    func `the marker is found as a whole variable only`(variables: String, isThere: Bool) {
        #expect(ProcessTable.holds(Array("M=x".utf8), in: Array(variables.utf8)) == isThere)
    }
}
