import Testing

/// Each rule finds what it is for, and nothing else.
@Suite struct TidyRulesTests {
    private func source(_ text: String) -> SourceText { SourceText(text) }

    @Test func `words in comments and strings are not code`() {
        let text = source(
            """
            let a = "try! and x!" // as! Task
            /* await /* nested */ actor */ let b = 1
            let c = #"raw "quoted" ! "#
            let d = "value \\(call(x)!) end"
            """)
        #expect(!text.code[0].contains("try!"))
        #expect(!text.code[1].contains("actor"))
        #expect(text.code[1].contains("let b = 1"))
        #expect(!text.code[2].contains("!"))
        #expect(text.code[3].contains("call(x)!"))
    }

    @Test func `a string over several lines is blanked line by line`() {
        let text = source("let a = \"\"\"\n  await\n  \"\"\"\nlet b = 2")
        #expect(!text.code[1].contains("await"))
        #expect(text.code[3] == "let b = 2")
    }

    @Test(arguments: [
        ("let x = y!", true), ("let x = y![0]", true), ("f()!.g", true), ("a != b", false),
        ("if !a {", false), ("let x: Int! = nil", true), ("try! f()", false),
        ("guard a != nil, !b else", false), ("x as! Y", false), ("dictionary[key]!", true),
    ])
    func `a force unwrap is told from a negation`(line: String, expected: Bool) {
        #expect(TidyRules.hasForceUnwrap(line) == expected, "\(line)")
    }

    @Test func `what traps is found`() {
        let findings = TidyRules.hazards(
            source("try! f()\nx as! Y\nfatalError(\"a\")\nlet z = q!"), "F.swift")
        #expect(findings.map(\.line) == [1, 2, 3, 4])
    }

    @Test func `an error that is dropped is found unless a comment says why`() {
        let findings = TidyRules.droppedErrors(
            source(
                """
                try? save()
                let kept = try? read()
                a()
                b()
                defer { try? file.close() }
                c()
                // Nobody listens any more.
                _ = try? out.write(bytes)
                """), "F.swift")
        #expect(findings.map(\.line) == [1, 5])
    }

    @Test func `a function of sixty lines passes, one more does not`() {
        func text(_ lines: Int) -> SourceText {
            source(
                "struct A {\n    func f() {\n"
                    + String(repeating: "        g()\n", count: lines - 2) + "    }\n}\n")
        }
        #expect(TidyRules.size(text(60), "F.swift").isEmpty)
        #expect(TidyRules.size(text(61), "F.swift").map(\.line) == [2])
    }

    @Test func `a requirement without a body ends no function`() {
        let text = source(
            "protocol P {\n    func a()\n    func b() -> Int\n}\nstruct S {\n    func c() {\n    }\n}"
        )
        #expect(TidyRules.functions(text).map(\.line) == [6])
    }

    @Test func `a file of six hundred lines passes, one more does not`() {
        #expect(
            TidyRules.size(source(String(repeating: "\n", count: 600)), "F.swift").isEmpty)
        #expect(
            TidyRules.size(source(String(repeating: "\n", count: 601)), "F.swift").count == 1)
    }

    @Test func `pure targets may not wait, act, tell the time or throw dice`() {
        let lines = [
            "func f() async {}", "await g()", "Task { }", "actor A {}", "let m = Mutex(1)",
            "Date()", "print(1)", "x.random(in: 0..<2)", "ContinuousClock.now",
        ]
        let findings = TidyRules.purity(source(lines.joined(separator: "\n")), "F.swift")
        #expect(Set(findings.map(\.line)) == Set(1...lines.count))
    }

    @Test func `words that only contain a forbidden word are free`() {
        let findings = TidyRules.purity(
            source("let asyncish = BackgroundTask()\nlet updated = TaskPhase.now(x)"), "F.swift")
        #expect(findings.isEmpty)
    }

    @Test func `imports outside the layer are found`() {
        let text = source(
            "import KubernetesCore\npublic import CurlTransport\n@testable import Yams\n"
                + "import struct Foundation.Date")
        #expect(TidyRules.imports(text, "F.swift", "ControlLoop").map(\.line) == [2, 3, 4])
        #expect(TidyRules.imports(text, "F.swift", "Unheard").count == 1)
    }

    @Test func `public declarations are documented`() {
        let text = source(
            """
            /// Said.
            public struct A {
                public let b: Int
                /// Said.
                @inlinable
                public func c() {}
                public static func d() {}
            }
            public import X
            public extension A {}
            """)
        #expect(TidyRules.documentation(text, "F.swift").map(\.line) == [3, 7])
    }

    @Test func `names that say nothing are found`() {
        let text = source("struct PodManager {}\nfinal class StringUtils {}\nenum Informer {}")
        #expect(TidyRules.names(text, "F.swift").map(\.line) == [1, 2])
    }

    @Test func `work left for later is found in comments too`() {
        let text = source("// TODO: later\nlet todoList = 1\n/* FIXME */")
        #expect(TidyRules.leftovers(text, "F.swift").map(\.line) == [1, 3])
    }
}
