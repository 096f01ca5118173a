import Testing

@testable import KubernetesCore

/// What the parser does eight bytes at a time, or once instead of twice, must not be seen.
struct JSONParserTests {
    @Test func `a string ends where it ends, wherever its special characters stand`() throws {
        // What is written, and what it means.
        let specials = [
            ("", ""), ("\\\"", "\""), ("\\\\", "\\"), ("é", "é"), ("😀", "😀"), ("\\u00e9", "é"),
            ("/", "/"), ("\u{7f}", "\u{7f}"),
        ]
        for length in 0..<20 {
            for at in 0...length {
                for (written, meant) in specials {
                    let before = String(repeating: "a", count: at)
                    let after = String(repeating: "!", count: length - at)
                    let text = "[\"\(before)\(written)\(after)\",\"x\"]"
                    let expected: JSONValue = [.string(before + meant + after), "x"]
                    #expect(try JSONValue(parsing: text) == expected, "\(text)")
                }
            }
        }
    }

    @Test func `what may not stand in a string is found at every place`() {
        for length in 0..<20 {
            for at in 0...length {
                for byte in [0x00, 0x0A, 0x1F, 0x80, 0xC3, 0xFF] as [UInt8] {
                    var bytes = Array("\"\(String(repeating: "a", count: length))\"".utf8)
                    bytes.insert(byte, at: at + 1)
                    #expect(throws: JSONError.self, "\(bytes)") { try JSONValue(parsing: bytes) }
                }
            }
        }
    }

    @Test func `a key that is given twice is found among any others`() throws {
        var limits = JSONDocument.Limits()
        limits.refusesDuplicateKeys = true
        for seed in 0..<150 as Range<UInt64> {
            var random = SeededValues(seed: seed)
            let keys = (0..<random.next(40)).map { _ in
                String((0..<random.next(4)).map { _ in "ab\"c".randomCharacter(&random) })
            }
            let members = keys.map { "\(JSONValue.string($0).text):[{},{\"k\":1}]" }
            let text = "{\"a\":{\(members.joined(separator: ","))},\"b\":1}"
            let isUnique = Set(keys).count == keys.count
            let isRead = (try? JSONDocument(parsing: text, limits: limits)) != nil
            #expect(isRead == isUnique, "seed \(seed): \(text)")
        }
    }

    @Test func `managed fields are checked and left out`() throws {
        var limits = JSONDocument.Limits()
        limits.omitsManagedFields = true
        let text = """
            {"managedFields":1,"metadata":{"a":1,"managedFields":[{"f:a":{"x":[1,{}]}}],"b":[2],
            "inner":{"managedFields":3}},"spec":{"metadata":{"managedFields":null},"c":"d"}}
            """
        let read = try JSONDocument(parsing: text, limits: limits).root.value()
        #expect(
            read == [
                "managedFields": 1,
                "metadata": ["a": 1, "b": [2], "inner": ["managedFields": 3]],
                "spec": ["metadata": [:], "c": "d"],
            ])
        for broken in ["[{]", "tru", "\"a", "[1 2]", "{\"a\"}", "01", ""] {
            let text = "{\"metadata\":{\"managedFields\":\(broken)}}"
            #expect(throws: JSONError.self, "\(text)") {
                try JSONDocument(parsing: text, limits: limits)
            }
        }
        limits.depthMax = 8
        let deep = String(repeating: "[", count: 9) + String(repeating: "]", count: 9)
        #expect(throws: JSONError.self, "depth counts inside too") {
            try JSONDocument(parsing: "{\"metadata\":{\"managedFields\":\(deep)}}", limits: limits)
        }
    }

    @Test func `what is left out changes nothing else of a document`() throws {
        var limits = JSONDocument.Limits()
        limits.omitsManagedFields = true
        for seed in 0..<200 as Range<UInt64> {
            var random = SeededValues(seed: seed)
            let rest = random.value(depth: 3)
            let full: JSONValue = [
                "x": rest,
                "metadata": ["a": rest, "managedFields": random.value(depth: 4), "z": rest],
            ]
            var expected = full
            expected[path: ["metadata", "managedFields"]] = nil
            let read = try JSONDocument(parsing: full.prettyText, limits: limits).root.value()
            #expect(read == expected, "seed \(seed)")
        }
    }

    @Test func `a line is cut at its break, wherever the break stands`() {
        for length in 0..<20 {
            for other in 0..<12 {
                let first = [UInt8](repeating: 0x0B, count: length)
                let second = [UInt8](repeating: 0x61, count: other)
                var framer = LineFramer()
                let lines = framer.append(first + [0x0A] + second + [0x0A])
                let expected = [first, second].filter { !$0.isEmpty }.map(LineFramer.Line.whole)
                #expect(lines == expected)
                #expect(framer.finish() == nil)
            }
        }
    }
}

extension String {
    fileprivate func randomCharacter(_ random: inout SeededValues) -> Character {
        let all = Array(self)
        return all[random.next(all.count)]
    }
}
