import KubernetesCore

/// The tables of a document while it is read, and who has defined them: TOML lets a table be
/// opened once, extended only from above, and never through an array.
struct TOMLTables {
    /// Why a key cannot be put where it asks to be.
    enum Fault: Error {
        case twice(String)
        case closed(String)
        case tooDeep
        case tooMany
    }

    /// Who has defined a table.
    private enum Origin {
        /// A header of a table inside it: a header of its own may follow.
        case path
        /// A header of its own.
        case header
        /// The parts of a dotted key.
        case dottedKey
    }

    private enum Entry {
        case value(JSONValue)
        case table(Int)
        case tables(list: Int)
    }

    private struct Table {
        var origin: Origin
        var depth: Int
        var entries: [String: Entry] = [:]
    }

    /// The table at the root.
    static let root = 0

    private let limits: TOMLText.Limits
    private var tables = [Table(origin: .header, depth: 0)]
    private var lists: [[Int]] = []

    init(limits: TOMLText.Limits) { self.limits = limits }

    /// How many tables are around what stands in `table`.
    func depth(of table: Int) -> Int { tables[table].depth }

    /// Opens `[path]`.
    mutating func open(_ path: [String]) throws(Fault) -> Int {
        let (parent, key) = try above(path)
        switch tables[parent].entries[key] {
        case nil: return try add(key, .header, to: parent)
        case .table(let table)? where tables[table].origin == .path:
            tables[table].origin = .header
            return table
        case .table?, .tables?: throw .twice(key)
        case .value?: throw .closed(key)
        }
    }

    /// Opens one more table of `[[path]]`.
    mutating func append(_ path: [String]) throws(Fault) -> Int {
        let (parent, key) = try above(path)
        let list: Int
        switch tables[parent].entries[key] {
        case nil:
            list = lists.count
            lists.append([])
            tables[parent].entries[key] = .tables(list: list)
        case .tables(let known)?: list = known
        case .table?: throw .twice(key)
        case .value?: throw .closed(key)
        }
        // One deeper than its parent's entries: the list is around it, too.
        let table = try make(.header, depth: tables[parent].depth + 2)
        lists[list].append(table)
        return table
    }

    /// Puts a value at a dotted key of `table`.
    mutating func put(
        _ value: JSONValue, at path: [String], of table: Int
    ) throws(Fault) {
        guard let key = path.last else { return }
        var table = table
        for part in path.dropLast() {
            switch tables[table].entries[part] {
            case nil: table = try add(part, .dottedKey, to: table)
            case .table(let next)? where tables[next].origin != .header:
                tables[next].origin = .dottedKey
                table = next
            case .table?: throw .twice(part)
            case .tables?, .value?: throw .closed(part)
            }
        }
        guard tables[table].entries[key] == nil else { throw .twice(key) }
        tables[table].entries[key] = .value(value)
    }

    /// The table that a header's last part stands in: that of the parts before it, which are made
    /// where there are none yet.
    private mutating func above(_ path: [String]) throws(Fault) -> (table: Int, key: String) {
        var table = TOMLTables.root
        for part in path.dropLast() {
            switch tables[table].entries[part] {
            case nil: table = try add(part, .path, to: table)
            case .table(let next)?: table = next
            case .tables(let list)?:
                guard let last = lists[list].last else { throw .closed(part) }
                table = last
            case .value?: throw .closed(part)
            }
        }
        return (table, path.last ?? "")
    }

    private mutating func add(
        _ key: String, _ origin: Origin, to parent: Int
    ) throws(Fault) -> Int {
        let table = try make(origin, depth: tables[parent].depth + 1)
        tables[parent].entries[key] = .table(table)
        return table
    }

    private mutating func make(_ origin: Origin, depth: Int) throws(Fault) -> Int {
        guard depth <= limits.depthMax else { throw .tooDeep }
        guard tables.count < limits.valuesMax else { throw .tooMany }
        tables.append(Table(origin: origin, depth: depth))
        return tables.count - 1
    }

    /// Everything below `table`. Recurses no deeper than `depthMax`, which `make` has kept to.
    func object(_ table: Int) -> JSONObject {
        // The object puts the members in order, whatever the dictionary's is.
        JSONObject(
            tables[table].entries.map { key, entry in
                switch entry {
                case .value(let value): (key, value)
                case .table(let inner): (key, .object(object(inner)))
                case .tables(let list): (key, .array(lists[list].map { .object(object($0)) }))
                }
            })
    }
}
