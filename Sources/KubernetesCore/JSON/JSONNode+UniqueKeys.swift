extension JSONNode {
    /// Objects with more members than this are looked up by hash rather than compared one by one.
    private static let comparedMax = 24

    /// Fails where an object anywhere below has the same key twice. Most documents have none, as is
    /// known since they were parsed; in the others the tape is walked once, without recursion.
    func checkUniqueKeys() throws(JSONError) {
        guard !storage.hasUniqueKeys else { return }
        var at = index
        let end = Int(storage.tape[index].next)
        while at < end {
            let token = storage.tape[at]
            if token.kind == .object, token.length > 1 { try checkKeys(of: at) }
            at += 1
        }
    }

    private func checkKeys(of container: Int) throws(JSONError) {
        let token = storage.tape[container]
        guard Int(token.length) <= JSONNode.comparedMax else { return try checkByHash(container) }
        let end = Int(token.next)
        var key = container + 1
        while key < end {
            var earlier = container + 1
            while earlier < key {
                if isSameKey(storage.tape[earlier], storage.tape[key]) { throw repeated(key) }
                earlier = Int(storage.tape[earlier + 1].next)
            }
            key = Int(storage.tape[key + 1].next)
        }
    }

    private func checkByHash(_ container: Int) throws(JSONError) {
        var seen: Set<String> = []
        var key = container + 1
        while key < Int(storage.tape[container].next) {
            guard seen.insert(JSONNode(storage: storage, index: key).text).inserted else {
                throw repeated(key)
            }
            key = Int(storage.tape[key + 1].next)
        }
    }

    private func isSameKey(_ left: JSONToken, _ right: JSONToken) -> Bool {
        if left.kind == .escapedString || right.kind == .escapedString {
            return decoded(left) == decoded(right)
        }
        guard left.length == right.length else { return false }
        let bytes = storage.bytes
        let (first, second) = (Int(left.start), Int(right.start))
        for offset in 0..<Int(left.length) where bytes[first + offset] != bytes[second + offset] {
            return false
        }
        return true
    }

    private func repeated(_ key: Int) -> JSONError {
        JSONError(
            .duplicateKey, at: JSONNode(storage: storage, index: key + 1).path,
            "the key is given twice")
    }
}
