import KubernetesCore
import Testing

@testable import PolicyEngine

/// Anchors, lists, metadata wildcards, paths and messages of patterns.
struct KyvernoPatternTests {
    /// Verdicts without their texts.
    enum Short: Equatable, Sendable {
        case match
        case skip
        case mismatch(String)
    }

    struct Row: Sendable, CustomTestStringConvertible {
        let name: String
        let pattern: String
        let resource: String
        let verdict: Short

        init(_ name: String, _ pattern: String, _ resource: String, _ verdict: Short) {
            self.name = name
            self.pattern = pattern
            self.resource = resource
            self.verdict = verdict
        }

        var testDescription: String { name }
    }

    static func short(_ verdict: PatternVerdict) -> Short {
        switch verdict {
        case .match: .match
        case .skip: .skip
        case .mismatch(let path, _): .mismatch(path)
        }
    }

    static func verdict(_ pattern: String, _ resource: String) throws -> PatternVerdict {
        try KyvernoPattern(try JSONValue(parsing: pattern)).match(
            try JSONValue(parsing: resource))
    }

    static let images = #"{"spec":{"c":[{"(image)":"*:latest","pull":"!Always"}]}}"#

    static let rows: [Row] = [
        Row("plain", #"{"a":{"b":"x*"}}"#, #"{"a":{"b":"xy"}}"#, .match),
        Row("wrong value", #"{"a":{"b":"x*"}}"#, #"{"a":{"b":"y"}}"#, .mismatch("/a/b/")),
        Row("map missing", #"{"a":{"b":"x"}}"#, #"{}"#, .mismatch("/a/")),
        Row("star wants a value", #"{"a":{"b":"*"}}"#, #"{"a":{}}"#, .mismatch("/a/")),
        Row("star and null", #"{"a":{"b":"*"}}"#, #"{"a":{"b":null}}"#, .mismatch("/a/")),
        Row("star takes a map", #"{"a":"*"}"#, #"{"a":{}}"#, .match),
        Row("null means absent", #"{"a":null}"#, #"{}"#, .match),
        Row("a list by a scalar", #"{"a":"x*"}"#, #"{"a":["x1","x2"]}"#, .match),
        Row("one of them wrong", #"{"a":["x*"]}"#, #"{"a":["x1","y"]}"#, .mismatch("/a/")),
        Row("list wanted", #"{"a":["x"]}"#, #"{"a":"x"}"#, .mismatch("/a/")),
        Row(
            "every element", #"{"a":[{"b":">1"}]}"#, #"{"a":[{"b":2},{"b":1}]}"#,
            .mismatch("/a/1/b/")),
        Row("empty list", #"{"a":[{"b":">1"}]}"#, #"{"a":[]}"#, .match),
        Row("lists by place", #"{"a":[["x"],["y"]]}"#, #"{"a":[["x"],["y"],["z"]]}"#, .match),
        Row("list too short", #"{"a":[["x"],["y"]]}"#, #"{"a":[["x"]]}"#, .mismatch("")),
        // Equality.
        Row("= absent", #"{"=(a)":{"b":"x"}}"#, #"{}"#, .match),
        Row("= right", #"{"=(a)":{"=(b)":"x"}}"#, #"{"a":{"b":"x"}}"#, .match),
        Row("= wrong", #"{"=(a)":{"=(b)":"x"}}"#, #"{"a":{"b":"y"}}"#, .mismatch("/a/b/")),
        Row("= null is there", #"{"=(a)":{"b":"x"}}"#, #"{"a":null}"#, .mismatch("/a/")),
        // Negation.
        Row("X absent", #"{"a":{"X(b)":"null"}}"#, #"{"a":{}}"#, .match),
        Row("X there", #"{"a":{"X(b)":"null"}}"#, #"{"a":{"b":1}}"#, .mismatch("/a/b/")),
        Row("X null", #"{"a":{"X(b)":"null"}}"#, #"{"a":{"b":null}}"#, .mismatch("/a/b/")),
        Row(
            "X under =", #"{"=(v)":[{"X(h)":"null"}]}"#, #"{"v":[{"n":1},{"h":{}}]}"#,
            .mismatch("/v/1/h/")),
        // Conditions.
        Row(
            "condition holds", images, #"{"spec":{"c":[{"image":"a:latest","pull":"Never"}]}}"#,
            .match),
        Row(
            "condition holds, rest wrong", images,
            #"{"spec":{"c":[{"image":"a:latest","pull":"Always"}]}}"#,
            .mismatch("/spec/c/0/pull/")),
        Row(
            "condition does not hold", images,
            #"{"spec":{"c":[{"image":"a:1","pull":"Always"}]}}"#, .skip),
        Row(
            "condition holds for one", images,
            #"{"spec":{"c":[{"image":"a:1","pull":"Always"},{"image":"b:latest","pull":"x"}]}}"#,
            .match),
        Row("condition without its key", images, #"{"spec":{"c":[{"pull":"Always"}]}}"#, .skip),
        Row(
            "condition and negation", #"{"(a)":{"X(b)":"null"},"c":"x"}"#,
            #"{"a":{"b":1},"c":"y"}"#, .skip),
        Row(
            "condition on a map", #"{"(a)":{"b":"1"},"c":"x"}"#, #"{"a":{"b":"1"},"c":"y"}"#,
            .mismatch("/c/")),
        Row(
            "an anchor that is nowhere, and a failure elsewhere",
            #"{"a":[{"(k)":"x","v":"1"},{"v":"2"}],"z":"1"}"#,
            #"{"a":[],"z":"2"}"#, .mismatch("/z/")),
        Row(
            "a key found nowhere makes it an error", #"{"a":{"^(l)":[{"x":"1"}]},"z":"1"}"#,
            #"{"a":{},"z":"2"}"#, .mismatch("")),
        Row(
            "a list that is skipped beside one that applies",
            #"{"s":{"=(i)":[{"(n)":"!x","v":">0"}],"=(c)":[{"v":">0"}]}}"#,
            #"{"s":{"i":[{"n":"x","v":0}],"c":[{"v":1}]}}"#, .match),
        Row(
            "a list that is skipped and nothing else",
            #"{"s":{"=(i)":[{"(n)":"!x","v":">0"}]}}"#, #"{"s":{"i":[{"n":"x","v":0}]}}"#, .skip),
        Row(
            "a condition deep down skips the whole",
            #"{"m":{"a":"1"},"(s)":{"(v)":[{"(h)":"x"}]}}"#,
            #"{"m":{"a":"2"},"s":{"v":[{"h":"y"}]}}"#, .skip),
        Row(
            "a condition deep down that holds", #"{"m":{"a":"1"},"(s)":{"(v)":[{"(h)":"x"}]}}"#,
            #"{"m":{"a":"2"},"s":{"v":[{"h":"x"}]}}"#, .mismatch("/m/a/")),
        // Global.
        Row(
            "global holds", #"{"m":{"<(t)":"x"},"s":{"v":"1"}}"#, #"{"m":{"t":"x"},"s":{"v":"2"}}"#,
            .mismatch("/s/v/")),
        Row(
            "global does not hold", #"{"m":{"<(t)":"x"},"s":{"v":"1"}}"#,
            #"{"m":{"t":"y"},"s":{"v":"2"}}"#, .skip),
        Row(
            "global absent", #"{"m":{"<(t)":"x"},"s":{"v":"1"}}"#, #"{"m":{},"s":{"v":"1"}}"#,
            .match),
        Row(
            "global in a list", #"{"c":[{"n":"*","<(i)":"a"}],"p":"1"}"#,
            #"{"c":[{"n":"x","i":"b"}],"p":"2"}"#, .skip),
        Row(
            "global before the others", #"{"a":"1","m":{"<(t)":"x"}}"#, #"{"a":"2","m":{"t":"y"}}"#,
            .skip),
        // Existence.
        Row("one of them", #"{"^(l)":[{"n":"x"}]}"#, #"{"l":[{"n":"y"},{"n":"x"}]}"#, .match),
        Row(
            "each wanted once", #"{"^(l)":[{"n":"x"},{"n":"y"}]}"#, #"{"l":[{"n":"y"},{"n":"x"}]}"#,
            .match),
        Row("none of them", #"{"^(l)":[{"n":"x"}]}"#, #"{"l":[{"n":"y"}]}"#, .mismatch("/l/")),
        Row("existence absent", #"{"^(l)":[{"n":"x"}]}"#, #"{}"#, .match),
        Row("existence on no list", #"{"^(l)":[{"n":"x"}]}"#, #"{"l":1}"#, .mismatch("/l/")),
        Row(
            "a condition inside of existence does not skip",
            #"{"^(l)":[{"(n)":"x","v":"1"}]}"#, #"{"l":[{"n":"y","v":"1"}]}"#, .mismatch("/l/")),
        // Metadata.
        Row(
            "key wildcard", #"{"metadata":{"labels":{"team/*":"a*"}}}"#,
            #"{"metadata":{"labels":{"team/x":"ab"}}}"#, .match),
        Row(
            "key wildcard, wrong value", #"{"metadata":{"labels":{"team/*":"a*"}}}"#,
            #"{"metadata":{"labels":{"team/x":"b"}}}"#, .mismatch("/metadata/labels/team/x/")),
        Row(
            "key wildcard, no key", #"{"metadata":{"labels":{"team/*":"a*"}}}"#,
            #"{"metadata":{"labels":{"x":"b"}}}"#, .mismatch("/metadata/labels/team/*/")),
        Row(
            "key wildcard in brackets",
            #"{"=(metadata)":{"=(annotations)":{"=(team/?)":"a*"}}}"#,
            #"{"metadata":{"annotations":{"team/x":"b"}}}"#,
            .mismatch("/metadata/annotations/team/x/")),
        Row(
            "only texts count in labels", #"{"metadata":{"labels":{"a":null,"b":"1"}}}"#,
            #"{"metadata":{"labels":{"a":"x","b":"1"}}}"#, .match),
        Row(
            "key wildcards only in metadata", #"{"spec":{"a*":"1"}}"#, #"{"spec":{"ab":"1"}}"#,
            .mismatch("/spec/a*/")),
    ]

    @Test(arguments: rows) func `a pattern is judged`(row: Row) throws {
        #expect(Self.short(try Self.verdict(row.pattern, row.resource)) == row.verdict)
    }

    @Test func `reasons and messages are Kyverno's`() throws {
        let skip = try Self.verdict(
            Self.images, #"{"spec":{"c":[{"image":"a:1"},{"pull":"x"}]}}"#)
        #expect(
            skip
                == .skip(
                    reason: "conditional anchor mismatch: resource value 'a:1' does not match "
                        + "'*:latest' at path /spec/c/0/image/; conditional anchor mismatch: "
                        + "conditional anchor key doesn't exist in the resource"))
        let negated = try Self.verdict(#"{"a":{"X(b)":"null"}}"#, #"{"a":{"b":1}}"#)
        #expect(
            negated
                == .mismatch(
                    path: "/a/b/",
                    message: "negation anchor matched in resource: /a/b/ is not allowed"
                ))
        #expect(
            negated.text(rule: "r", message: "no b")
                == "validation error: no b. rule r failed at path /a/b/")
        #expect(
            negated.text(rule: "r", message: "")
                == "validation error: rule r failed at path /a/b/")
        let short = try Self.verdict(#"{"a":[["x"],["y"]]}"#, #"{"a":[["x"]]}"#)
        #expect(short.outcome == .error)
        #expect(
            short.text(rule: "r", message: "two.")
                == "validation error: two. rule r execution error: validate Array failed, array "
                + "length mismatch, resource Array len is 1 and pattern Array len is 2")
    }

    @Test func `a value that looks like a reason to skip is just a wrong value`() throws {
        let verdict = try Self.verdict(
            #"{"a":"x"}"#, #"{"a":"conditional anchor mismatch"}"#)
        #expect(Self.short(verdict) == .mismatch("/a/"))
    }

    @Test func `any pattern will do, in order`() throws {
        let patterns = try [#"{"a":"1"}"#, #"{"(b)":"1","c":"1"}"#, #"{"a":"2"}"#].map {
            try KyvernoPattern(try JSONValue(parsing: $0))
        }
        #expect(KyvernoPattern.matchAny(patterns, ["a": "2"]) == .match(index: 2))
        #expect(KyvernoPattern.matchAny([], ["a": "2"]) == .match(index: nil))
        let skipped = KyvernoPattern.matchAny(Array(patterns[1...1]), ["b": "2"])
        #expect(skipped.outcome == .skip)
        let failed = KyvernoPattern.matchAny(patterns, ["a": "3", "b": "1"])
        #expect(failed.outcome == .fail)
        #expect(
            failed.text(rule: "r", message: "choose")
                == "validation error: choose. rule r[0] failed at path /a/ rule r[1] failed at "
                + "path /c/ rule r[2] failed at path /a/")
    }

    @Test(arguments: [
        (#"{"a":{"+(b)":"1"}}"#, "/a/+(b)/"), (#"{"a":{"?(b)":"1"}}"#, "/a/?(b)/"),
        (#"{"(b":"1"}"#, "/(b/"), (#"{"=()":"1"}"#, "/=()/"), (#"{"^(l)":"x"}"#, "/^(l)/"),
        (#"{"^(l)":["x"]}"#, "/^(l)/"),
        (#"{"a":[{"b":">=abc"}]}"#, "/a/0/b/"),
        (#"{"a":"1 & >="}"#, "/a/"),
    ]) func `a pattern that cannot work is refused with its place`(pattern: String, path: String) {
        #expect {
            _ = try KyvernoPattern(try JSONValue(parsing: pattern))
        } throws: { error in
            (error as? PatternProblem)?.path == path
        }
    }

    @Test func `operands out of variables are judged when they are known`() throws {
        _ = try KyvernoPattern(["a": ">{{ x }}"])
        let replaced = try KyvernoPattern(replaced: ["a": ">many"])
        #expect(Self.short(replaced.match(["a": 5])) == .mismatch("/a/"))
    }

    @Test(arguments: [
        (#"{"a":[]}"#, #"{"a":[1]}"#, "/a/"), (#"{"^(a)":"x"}"#, #"{"a":["x"]}"#, "/a/"),
        (#"{"^(a)":["x"]}"#, #"{"a":["x"]}"#, "/a/"), (#"{"?(a)":"x"}"#, #"{"a":"x"}"#, "/?(a)/"),
        (#"{"+(a)":"x"}"#, #"{"a":"x"}"#, "/+(a)/"),
    ]) func `what variables make of a pattern is taken as it comes`(
        pattern: String, resource: String, path: String
    ) throws {
        let replaced = try KyvernoPattern(replaced: try JSONValue(parsing: pattern))
        let verdict = replaced.match(try JSONValue(parsing: resource))
        #expect(Self.short(verdict) == .mismatch(path))
    }

    @Test(arguments: [11, 12] as [UInt64])
    func `any pattern on any object gives a verdict, and always the same`(seed: UInt64) throws {
        var state = seed
        func next(_ count: Int) -> Int {
            state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            return Int(state >> 33) % count
        }
        let leaves: [JSONValue] = [
            "x", "*", "?*", "!x", "x | y", ">1", "1-3", "<1h", "", .null, 0, 2, 2.5, true, false,
        ]
        func tree(_ depth: Int, _ anchors: [String]) -> JSONValue {
            switch depth > 3 ? 0 : next(5) {
            case 0, 1: return leaves[next(leaves.count)]
            case 2: return .array((0..<next(3)).map { _ in tree(depth + 1, anchors) })
            default:
                return .object(
                    JSONObject(
                        (0..<next(4)).map { _ in
                            let key = ["a", "b", "metadata", "labels"][next(4)]
                            let anchor = anchors[next(anchors.count)]
                            return (
                                anchor.isEmpty ? key : anchor + key + ")", tree(depth + 1, anchors)
                            )
                        }))
            }
        }
        var verdicts: Set<String> = []
        for _ in 0..<3_000 {
            let pattern = tree(0, ["", "", "(", "=(", "^(", "X(", "<("])
            let object = tree(0, [""])
            let verdict = try KyvernoPattern(replaced: pattern).match(object)
            #expect(try KyvernoPattern(replaced: pattern).match(object) == verdict, "\(seed)")
            if case .mismatch(let path, let message) = verdict {
                #expect(path.isEmpty || (path.hasPrefix("/") && path.hasSuffix("/")), "\(seed)")
                #expect(!message.isEmpty)
            }
            verdicts.insert(verdict.outcome.rawValue)
        }
        #expect(verdicts == ["pass", "fail", "skip", "error"])
    }

    @Test func `a pattern nested too deep is refused`() {
        var pattern: JSONValue = "x"
        for _ in 0..<200 { pattern = ["a": pattern] }
        #expect(throws: PatternProblem.self) { try KyvernoPattern(pattern) }
        #expect(throws: PatternProblem.self) {
            try KyvernoPattern.resolvingReferences(in: pattern)
        }
    }

    @Test func `references are replaced by what they lead to`() throws {
        let pattern = try JSONValue(
            parsing: #"""
                {"spec":{"=(c)":[{"=(resources)":{
                  "requests":{"memory":"$(<=./../../limits/memory)"},
                  "limits":{"memory":"1Gi","cpu":2}}}]},
                 "x":"$(/spec/c/0/resources/limits/memory)",
                 "y":"a$(>/spec/c/0/resources/limits/cpu)",
                 "z":"\\$(/x)"}
                """#)
        let resolved = try KyvernoPattern.resolvingReferences(in: pattern)
        let resources = resolved[path: ["spec", "=(c)"]]?[0]?["=(resources)"]
        #expect(resources?[path: ["requests", "memory"]] == "<=1Gi")
        #expect(resolved["x"] == "1Gi")
        #expect(resolved["y"] == "a>2")
        #expect(resolved["z"] == "$(/x)")
    }

    @Test(arguments: ["$(/nowhere)", "$(./../n)", "$(/n)", "$(<=/m)", "$(<)"])
    func `a reference that leads nowhere is refused`(reference: String) {
        #expect(throws: PatternProblem.self) {
            try KyvernoPattern.resolvingReferences(
                in: ["a": .string(reference), "n": 1, "m": ["k": "v"]])
        }
    }
}
