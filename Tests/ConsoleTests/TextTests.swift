import Console
import KubernetesCore
import Testing

/// How texts, ages, bars and tables are written.
struct TextTests {
    @Test(arguments: [
        (-5, "0s"), (0, "0s"), (59, "59s"), (119, "119s"), (120, "2m"), (150, "2m30s"),
        (599, "9m59s"), (600, "10m"), (3_600, "60m"), (10_800, "3h"), (12_000, "3h20m"),
        (28_800, "8h"), (172_799, "47h"), (172_800, "2d"), (180_000, "2d2h"), (691_200, "8d"),
        (63_072_000, "2y"), (63_158_400, "2y1d"), (315_360_000, "10y"),
    ])
    func `ages are those of kubectl`(seconds: Int, text: String) {
        #expect(AgeText.of(.seconds(seconds)) == text)
    }

    @Test func `a text of others cannot move the cursor, hide or turn what stands beside it`() {
        #expect(PlainText.of("a\u{1b}[2Jb\r\nc\u{7f}d") == "a [2Jb  c d")
        #expect(PlainText.of("a\u{202E}b\u{2066}c\u{200B}d") == "a b c d")
        #expect(PlainText.of("héllo 世界") == "héllo 世界")
        #expect(PlainText.of("abcdef", max: 4) == "abc…")
        let pile = "x" + String(repeating: "\u{301}", count: 100_000)
        #expect(PlainText.of(pile, max: 10).unicodeScalars.count <= 80)
    }

    @Test func `a table is as wide as it must be, and cut where the terminal ends`() {
        let table = TextTable(
            ["NAME", "PHASE"], rows: [["a", "Running"], ["long-name", "x"], []])
        #expect(table.lines() == ["NAME        PHASE", "a           Running", "long-name   x", ""])
        #expect(table.lines(width: 14).first == "NAME        P…")
        #expect(table.lines(titled: false).count == 3)
        let wide = TextTable(["A", "B"], rows: [["世界", "x"], ["ab", "y"]]).lines()
        #expect(wide == ["A      B", "世界   x", "ab     y"])
    }

    @Test func `bars stay inside their ends`() {
        #expect(ProgressBar.of(percent: 0, width: 4) == "[    ]")
        #expect(ProgressBar.of(percent: 50, width: 4) == "[==> ]")
        #expect(ProgressBar.of(percent: 100, width: 4) == "[====]")
        #expect(ProgressBar.of(percent: .max, width: 4) == "[====]")
        #expect(ProgressBar.of(percent: -7, width: 4) == "[    ]")
        #expect(ProgressBar.of(busy: 1, idle: 1, of: 4, width: 8) == "[##--....]")
        #expect(ProgressBar.of(busy: 1, idle: 0, of: 1_000, width: 8) == "[#.......]")
        #expect(ProgressBar.of(busy: 0, idle: 0, of: 0, width: 3) == "[   ]")
        #expect(ProgressBar.of(busy: 9, idle: 9, of: 4, width: 4) == "[####]")
    }
}
