/// The page of the reference about conditions, reasons and Events. A test holds it to the words
/// that the reconcilers use.
public enum ReasonsReference {
    /// A word, and what it means.
    struct Entry {
        let word: String
        let meaning: String

        init(_ word: String, _ meaning: String) {
            self.word = word
            self.meaning = meaning
        }
    }

    /// Words that belong together.
    struct Group {
        let title: String
        let about: String
        let entries: [Entry]
    }

    /// The page as Markdown: each condition with every reason that it can have.
    public static var page: String {
        var lines = [
            "# Conditions and reasons", "",
            "Written by `swiftlet generate`; a test holds it to what the operator says. A condition"
                + " is for programs, as in",
            "`kubectl wait --for=condition=Complete bt/x`; its reason is one word, its message a "
                + "sentence. Words stay as they are",
            "within a version of the API; new ones may come.",
        ]
        for group in groups {
            lines += [
                "", "## " + group.title, "", group.about, "", "| reason | meaning |", "|---|---|",
            ]
            lines += group.entries.map { "| `\($0.word)` | \($0.meaning) |" }
        }
        return lines.map { $0 + "\n" }.joined()
    }

    /// All of them.
    static let groups = poolConditions + taskReasons + events
}
