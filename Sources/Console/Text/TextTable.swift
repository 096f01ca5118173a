/// A table for a terminal, in the way of `kubectl get`: upper-case titles, columns as wide as they
/// have to be, three blanks between them.
public struct TextTable: Sendable {
    private let titles: [String]
    private let rows: [[String]]

    /// A table; rows that are shorter than the titles are filled up, longer ones are cut. Cells are
    /// made fit to be shown.
    public init(_ titles: [String], rows: [[String]]) {
        self.titles = titles
        self.rows = rows.map { row in
            titles.indices.map { index in
                row.indices.contains(index) ? PlainText.of(row[index]) : ""
            }
        }
    }

    /// The lines, titles first.
    /// - Parameter width: the columns of the terminal, to which lines are cut; nil for as many as
    ///   it takes.
    public func lines(width: Int? = nil, titled: Bool = true) -> [String] {
        let all = (titled ? [titles] : []) + rows
        let widths = titles.indices.map { column in
            all.map { DisplayWidth.of($0[column]) }.max() ?? 0
        }
        return all.map { row in
            var line = ""
            for (column, cell) in row.enumerated() {
                let isLast = column == row.count - 1
                line += isLast ? cell : DisplayWidth.padded(cell, to: widths[column] + 3)
            }
            while line.last == " " { line.removeLast() }
            return width.map { DisplayWidth.cut(line, to: $0) } ?? line
        }
    }
}
