import Subprocess
import SystemPackage
import Testing

/// `scripts/test.sh`, through which `make test` runs every step: what a person sees last of a step
/// that failed.
@Suite(.timeLimit(.minutes(1))) struct TestScriptTests {
    private func run(_ program: String) async throws -> (code: Int32?, lines: [String]) {
        let result = try await Subprocess.run(
            .path(FilePath(DevCluster.root + "/scripts/test.sh")),
            arguments: ["sh", "-c", program], input: .none, output: .string(limit: 1 << 20),
            error: .discarded)
        let lines = result.standardOutput.split(separator: "\n").map(String.init)
        guard case .exited(let code) = result.terminationStatus else { return (nil, lines) }
        return (code, lines)
    }

    @Test func `a step that passes adds nothing`() async throws {
        let (code, lines) = try await run("echo '✔ Test a passed'; echo said on the side >&2")
        #expect(code == 0)
        #expect(lines.sorted() == ["said on the side", "✔ Test a passed"])
    }

    @Test func `a step that fails ends with what failed, and keeps its exit code`() async throws {
        let (code, lines) = try await run(
            """
            echo '✘ Test "a" recorded an issue at A.swift:1:2: Expectation failed: false'
            echo '↳ because'
            echo '✔ Test "b" passed after 1 seconds.'
            echo 'words of a program'
            echo '✘ Test "a" failed after 1 seconds with 1 issue.'
            echo '✘ Test run with 2 tests in 1 suite failed after 1 seconds with 1 issue.'
            echo 'words at the end'
            exit 7
            """)
        #expect(code == 7)
        #expect(
            lines.suffix(5) == [
                "──── failed with exit code 7:",
                #"✘ Test "a" recorded an issue at A.swift:1:2: Expectation failed: false"#,
                "↳ because", #"✘ Test "a" failed after 1 seconds with 1 issue."#,
                "✘ Test run with 2 tests in 1 suite failed after 1 seconds with 1 issue.",
            ])
    }

    @Test func `a thousand failures are counted, not repeated`() async throws {
        let (code, lines) = try await run(
            """
            for n in $(seq 1000); do
              echo "✘ Test \"t$n\" recorded an issue at A.swift:1:2: Expectation failed: false"
              echo "✘ Test \"t$n\" failed after 1 seconds with 1 issue."
            done
            exit 1
            """)
        #expect(code == 1)
        #expect(lines.count < 2_000 + 120)
        #expect(lines.contains("… and 940 more lines"))
        #expect(lines.last == "… and 960 more tests")
    }

    @Test func `a step that fails without a failed test says so`() async throws {
        let (code, lines) = try await run("echo A.swift:1:2: error: no such thing; exit 1")
        #expect(code == 1)
        #expect(lines.last == "A.swift:1:2: error: no such thing")
        let silent = try await run("exit 2")
        #expect(silent.code == 2)
        #expect(silent.lines.last == "no test said that it failed: see the last lines above")
    }
}
