import KubernetesCore
import Testing

@Suite struct `Lines out of chunks` {
    @Test func `lines are the same wherever the chunks are split`() {
        let text = Array("one\n\ntwo\r\n \nthree\nrest".utf8)
        for first in 0...text.count {
            for second in first...text.count {
                var framer = LineFramer(lineBytesMax: 8)
                var lines = framer.append(Array(text[..<first]))
                lines += framer.append(Array(text[first..<second]))
                lines += framer.append(Array(text[second...]))
                if let last = framer.finish() { lines.append(last) }
                let expected = ["one", "two\r", "three", "rest"]
                #expect(lines == expected.map { .whole(Array($0.utf8)) }, "\(first), \(second)")
            }
        }
    }

    @Test(arguments: [61, 1_000, 1 << 20])
    func `a line that is too long is passed over, and those behind it are not`(_ size: Int) {
        let limit = 3 << 20
        let text = Array(repeating: UInt8(0x78), count: limit + 1) + Array("\nnext\n".utf8)
        var framer = LineFramer()
        var lines: [LineFramer.Line] = []
        var at = 0
        while at < text.count {
            lines += framer.append(Array(text[at..<min(text.count, at + size)]))
            at += size
        }
        #expect(lines.count == 2)
        guard case .tooLong(let beginning, let byteCount)? = lines.first else {
            Issue.record("the first line is not too long")
            return
        }
        #expect(byteCount == limit + 1)
        #expect(beginning.count == LineFramer.beginningBytesMax)
        #expect(lines.last == .whole(Array("next".utf8)))
    }

    @Test func `a line of exactly the limit is whole`() {
        var framer = LineFramer(lineBytesMax: 4)
        #expect(
            framer.append(Array("abcd\nabcde\n".utf8)) == [
                .whole(Array("abcd".utf8)), .tooLong(beginning: Array("abcde".utf8), byteCount: 5),
            ])
    }
}

@Suite struct `Events out of lines` {
    private let request = RequestSummary(.watch, "/apis/test.dev/v1/notes")

    @Test func `every kind of event is read`() {
        let bookmark: JSONValue = [
            "kind": "Note", "metadata": ["resourceVersion": "12"],
        ]
        let end: JSONValue = [
            "kind": "Note",
            "metadata": [
                "resourceVersion": "13", "annotations": ["k8s.io/initial-events-end": "true"],
            ],
        ]
        let text =
            Note.line("ADDED", Note.json("a", version: 10, text: "x"))
            + Note.line("MODIFIED", Note.json("a", version: 11, text: "y"))
            + Note.line("DELETED", Note.json("a", version: 12, text: "y"))
            + Note.line("BOOKMARK", bookmark) + Note.line("BOOKMARK", end)
            + Note.line("SURPRISE", [:])
        #expect(
            decode(text) == [
                .added(Note("a", version: 10, text: "x")),
                .modified(Note("a", version: 11, text: "y")),
                .deleted(Note("a", version: 12, text: "y")),
                .bookmark(ResourceVersion("12"), initialEventsEnd: false),
                .bookmark(ResourceVersion("13"), initialEventsEnd: true), .ignored("SURPRISE"),
            ])
    }

    @Test func `an object that cannot be read is named and stops nobody`() throws {
        let text =
            Note.line("ADDED", Note.json("bad", version: 10, text: 5))
            + Note.line("DELETED", Note.json("bad", version: 11, text: 5))
            + Note.line("ADDED", ["kind": "Pod", "metadata": ["name": "pod"]])
            + Note.line("ADDED", Note.json("good", version: 12, text: "x"))
        let events = decode(text)
        try #require(events.count == 4)
        let found = events.compactMap { event in
            if case .unreadable(let object) = event { object } else { nil }
        }
        #expect(found.map(\.name) == ["bad", "bad", "pod"])
        #expect(found.map(\.place) == [.added, .deleted, .added])
        #expect(found.map(\.resourceVersion.text) == ["10", "11", ""])
        #expect(found.first?.description.contains("ns/bad") == true)
        #expect(events.last == .added(Note("good", version: 12, text: "x")))
    }

    @Test func `an object of a thousand levels is named and stops nobody`() throws {
        var deep: JSONValue = "x"
        for _ in 0..<1_000 { deep = ["a": deep] }
        let events = decode(
            Note.line("MODIFIED", Note.json("deep", version: 10, text: deep))
                + Note.line("ADDED", Note.json("good", version: 11, text: "x")))
        guard case .unreadable(let object)? = events.first else {
            Issue.record("\(events)")
            return
        }
        #expect(object.name == "deep")
        #expect(object.error.code == .overLimit)
        #expect(events.last == .added(Note("good", version: 11, text: "x")))
    }

    @Test func `an event that is too long is named and stops nobody`() throws {
        let huge = Note.json(
            "huge", version: 10, text: .string(String(repeating: "x", count: 4 << 20)))
        let text =
            Note.line("DELETED", huge)
            + Note.line("ADDED", Note.json("good", version: 11, text: "x"))
        // Go writes the type first, and so does this line.
        let reordered = text.replacingFirst(#"{"object":"#, with: #"{"type":"DELETED","object":"#)
        let events = decode(reordered)
        guard case .unreadable(let object)? = events.first else {
            Issue.record("the first event can be read")
            return
        }
        #expect(object.name == "huge")
        #expect(object.namespace == "ns")
        #expect(object.place == .deleted)
        #expect(events.count == 2)
    }

    @Test func `the end of the history comes as an error with its code`() {
        let status: JSONValue = [
            "kind": "Status", "code": 410, "reason": "Expired", "message": "too old",
        ]
        guard case .failed(let error)? = decode(Note.line("ERROR", status)).first else {
            Issue.record("no failure")
            return
        }
        #expect(error.code == .expired)
        #expect(error.disposition == .reread)
    }

    @Test(arguments: ["<html>sorry</html>", "{\"type\":", "[]", "{}", "{\"type\":5,\"object\":{}}"])
    func `a line that is no event fails the watch`(_ line: String) {
        guard case .failed(let error)? = decode(line + "\n").first else {
            Issue.record("no failure")
            return
        }
        #expect(error.code == .undecodable)
        #expect(error.description.contains(line.prefix(10)))
    }

    @Test func `a bare Status inside a watch is the error that it says`() {
        let line = #"{"kind":"Status","code":410,"reason":"Expired","message":"too old"}"#
        guard case .failed(let error)? = decode(line + "\n").first else {
            Issue.record("no failure")
            return
        }
        #expect(error.code == .expired)
        #expect(error.request == request)
        #expect(error.disposition == .reread)
    }

    @Test(arguments: [
        #""text":"x","text":"y""#, #""a":{"b":{"c":1,"c":2}},"text":"x""#,
        #""text":"x","\u0074ext":"y""#, #""a":[{"x":1},{"x":1,"y":2,"x":3}],"text":"x""#,
    ])
    func `an object with a key given twice is named and stops nobody`(_ members: String) {
        let object =
            #"{"kind":"Note","metadata":{"name":"twice","resourceVersion":"5"},"# + members + "}"
        let events = decode(
            #"{"type":"MODIFIED","object":"# + object + "}\n"
                + Note.line("ADDED", Note.json("good", version: 11, text: "x")))
        guard case .unreadable(let found)? = events.first else {
            Issue.record("\(events)")
            return
        }
        #expect(found.name == "twice")
        #expect(found.error.code == .duplicateKey)
        #expect(events.last == .added(Note("good", version: 11, text: "x")))
    }

    @Test func `a wide object with different keys is read, one with a repeated key is not`() {
        let wide = (0..<300).map { #""k\#($0)":{"a":1}"# }.joined(separator: ",")
        for (extra, isReadable) in [("", true), (#","k7":1"#, false)] {
            let object =
                #"{"kind":"Note","metadata":{"name":"wide"},"text":"x","m":{"#
                + wide + extra + "}}"
            let events = decode(#"{"type":"ADDED","object":"# + object + "}\n")
            if case .added? = events.first { #expect(isReadable) } else { #expect(!isReadable) }
        }
    }

    @Test func `an event that is cut off at the end is not an error`() {
        #expect(decode(#"{"type":"ADDED","obj"#).isEmpty)
    }

    private func decode(_ text: String) -> [WatchEvent<Note>] {
        var decoder = WatchDecoder<Note>(of: request)
        return decoder.append(Array(text.utf8)) + decoder.finish()
    }
}

@Suite struct `Pages of lists` {
    @Test func `objects are read one by one`() throws {
        let page = try page([
            Note.json("a", version: 1, text: "x"), Note.json("bad", version: 2, text: 5),
            Note.json("b", version: 3, text: "y"),
        ])
        #expect(page.items.map(\.metadata.name) == ["a", "b"])
        #expect(page.unreadable.map(\.name) == ["bad"])
        #expect(page.resourceVersion == ResourceVersion("9"))
        #expect(page.continueToken == "more")
    }

    @Test(arguments: [
        "<html>", "{}", #"{"kind":"NoteList","metadata":{}}"#,
        #"{"kind":"PodList","metadata":{},"items":[]}"#, #"{"kind":"Status","code":500}"#,
        #"{"kind":"NoteList","items":[]}"#,
    ])
    func `what is no list is an error and not an empty list`(_ text: String) {
        #expect(throws: JSONError.self) { try ListPage<Note>(parsing: Array(text.utf8)) }
    }

    @Test func `a list of nothing is empty`() throws {
        for items in ["[]", "null"] {
            let text = #"{"kind":"NoteList","metadata":{"resourceVersion":"4"},"items":\#(items)}"#
            let page = try ListPage<Note>(parsing: Array(text.utf8))
            #expect(page.items.isEmpty && page.continueToken == nil)
        }
    }

    private func page(_ items: [JSONValue]) throws -> ListPage<Note> {
        let list: JSONValue = [
            "kind": "NoteList", "metadata": ["resourceVersion": "9", "continue": "more"],
            "items": .array(items),
        ]
        return try ListPage(parsing: list.encoded())
    }
}

extension String {
    fileprivate func replacingFirst(_ wanted: String, with other: String) -> String {
        guard hasPrefix(wanted) else { return self }
        return other + dropFirst(wanted.count)
    }
}
