/// How objects inside lists and watches are read: each for itself, with bounds.
enum ObjectReading {
    /// Most arrays and objects inside each other that a projection is given. Readers of nodes may
    /// recurse; a hostile object must not cost them their stack.
    static let depthMax = 128

    /// The limits of a text that holds many objects: deep ones are parsed, which costs no stack,
    /// and then passed over one by one.
    static func limits(bytesMax: Int) -> JSONDocument.Limits {
        var limits = JSONDocument.Limits()
        limits.bytesMax = bytesMax
        limits.depthMax = 1_000_000
        limits.omitsManagedFields = true
        return limits
    }

    /// Reads one object, which must be of `Object`'s kind as far as it says so.
    static func read<Object: KubeObject>(
        _ node: JSONNode, as type: Object.Type = Object.self
    ) throws(JSONError) -> Object {
        if let kind = try node["kind"]?.string(), kind != Object.type.kind {
            throw JSONError(
                .mismatch, at: "kind", "expected \(Object.type.kind), found \(kind.prefix(64))")
        }
        guard !node.isDeeper(than: depthMax) else {
            throw JSONError(
                .overLimit, at: "", "more than \(depthMax) arrays and objects inside each other")
        }
        // Of two members of one name, this reader would take the last and another one the first.
        try node.checkUniqueKeys()
        return try Object(reading: node)
    }
}

extension JSONNode {
    /// Whether more than `limit` arrays and objects stand inside each other here. Walks the tape
    /// once, and not at all where the whole document is no deeper.
    func isDeeper(than limit: Int) -> Bool {
        guard storage.depth > limit else { return false }
        var ends: [Int] = []
        for at in index..<Int(storage.tape[index].next) {
            let token = storage.tape[at]
            guard token.kind == .object || token.kind == .array else { continue }
            while let end = ends.last, end <= at { ends.removeLast() }
            ends.append(Int(token.next))
            if ends.count > limit { return true }
        }
        return false
    }
}
