/// One step of the path to a field that server-side apply tracks.
public enum PathElement: Hashable, Sendable {
    /// A member of an object.
    case field(String)
    /// The element of a list that has these members.
    case key(JSONObject)
    /// The element of a set that is this value.
    case value(JSONValue)
    /// The element of a list at this index.
    case index(Int)

    /// Reads a key of `fieldsV1`: `f:name`, `k:{"name":"x"}`, `v:1`, `i:0`; nil where it is none.
    public init?(parsing text: String) {
        guard text.utf8.count >= 2, text.utf8.dropFirst().first == UInt8(ascii: ":") else {
            return nil
        }
        let rest = String(text.dropFirst(2))
        switch text.first {
        case "f": self = .field(rest)
        case "k":
            guard let members = (try? JSONValue(parsing: rest))?.object else { return nil }
            self = .key(members)
        case "v":
            guard let value = try? JSONValue(parsing: rest) else { return nil }
            self = .value(value)
        case "i":
            guard let index = Int(rest) else { return nil }
            self = .index(index)
        default: return nil
        }
    }

    /// This step as a key of `fieldsV1`.
    public var encoded: String {
        switch self {
        case .field(let name): "f:" + name
        case .key(let members): "k:" + JSONValue.object(members).text
        case .value(let value): "v:" + value.text
        case .index(let index): "i:\(index)"
        }
    }

    /// This step as conflicts show it: `.name`, `[name="x"]`, `[="x"]`, `[0]`.
    public var shown: String {
        switch self {
        case .field(let name): return "." + name
        case .key(let members):
            let pairs = members.map { $0 + "=" + PathElement.show($1) }
            return "[" + pairs.joined(separator: ",") + "]"
        case .value(let value): return "[=" + PathElement.show(value) + "]"
        case .index(let index): return "[\(index)]"
        }
    }

    private static func show(_ value: JSONValue) -> String {
        value.string.map(GoText.quote) ?? value.text
    }
}

extension PathElement: Comparable {
    /// Fields first, then keys, values and indexes; inside each by their text.
    public static func < (left: PathElement, right: PathElement) -> Bool {
        switch (left, right) {
        case (.index(let one), .index(let other)): one < other
        default: (left.rank, left.encoded) < (right.rank, right.encoded)
        }
    }

    private var rank: Int {
        switch self {
        case .field: 0
        case .key: 1
        case .value: 2
        case .index: 3
        }
    }
}
